// SPDX-License-Identifier: MIT
// Packets that a firewall drops, in the middle of connections that work: in a network of the test's
// own, which takes root.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { orderChange } from "./lib/messages.js";
import { Receiver, SECRET } from "./lib/receiver.js";
import { World } from "./lib/world.js";

const INSIDE = process.env.DOCKBELL_TEST_NETWORK === "own";
const SETUP = [
  "ip link set lo up",
  "nft add table ip dockbell",
  "nft add chain ip dockbell input '{ type filter hook input priority 0; }'",
].join(" && ");

const nft = (...args) => execFileSync("nft", args);
const drop = (port) => nft("add", "rule", "ip", "dockbell", "input", "tcp", "dport", String(port), "drop");
const restore = () => nft("flush", "chain", "ip", "dockbell", "input");

const orders = (prefix, count) =>
  Array.from({ length: count }, (_, i) => orderChange({ id: `${prefix}-${i}`, order: `306-${prefix}-${i}` }));

function inOwnNetwork(command) {
  const env = { ...process.env, DOCKBELL_TEST_NETWORK: "own" };
  delete env.NODE_TEST_CONTEXT; // it is a run of its own, not a part of this one
  return spawnSync("unshare", ["--net", "sh", "-c", `${SETUP} && ${command}`], { env, encoding: "utf8" });
}

describe("packets that are dropped", { skip: !INSIDE }, () => {
  it("on the way to SQS: it is received from again as soon as they come through", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" } });
    await world.start();
    await world.sqs.send(orders("before", 20));
    await world.settled();
    drop(world.sandbox.port);
    await world.says(/queue orders.*(has not answered|no answer|no connection)/);
    const lastError = async () => (await world.status()).queues[0].last_error ?? "";
    await world.until("new connections fail as well", async () => /no connection to/.test(await lastError()), { seconds: 180 });
    restore();
    await world.sqs.send(orders("after", 20));
    await world.until("all are delivered", () => world.receiver.delivered.size === 40);
    await world.settled();
    assert.deepEqual(world.receiver.faults, []);
  });

  it("on the way to a webhook: the others go on, and it gets everything afterwards", async (t) => {
    const far = new Receiver();
    await far.listen();
    t.after(() => far.close());
    const eager = { timeout: "2s", connect_timeout: "1s", probe_first: "1s", probe_longest: "1s", retry_first: "1s", retry_longest: "1s" };
    const world = await World.create(t, {
      config: (sections) => (sections["webhook far"] = { url: far.url, secret: SECRET, ...eager }),
    });
    await world.start();
    await world.sqs.send(orders("before", 40));
    await world.settled();
    drop(far.port);
    await world.sqs.send(orders("meanwhile", 200));
    await world.until("the other goes on", () => world.receiver.delivered.size === 240);
    const failures = () => (world.daemon.stderr.match(/no connection to 127\.0\.0\.1:\d+ within/g) ?? []).length;
    await world.until("new connections fail", () => failures() >= 2);
    await world.sqs.send(orders("later", 40));
    await world.until("the other still goes on", () => world.receiver.delivered.size === 280);
    restore();
    await world.until("all are delivered", () => far.delivered.size === 280);
    await world.settled();
    assert.deepEqual(world.receiver.faults, []);
  });
});

it("packets that are dropped, in a network of its own", { skip: INSIDE }, (t) => {
  const possible = inOwnNetwork("true");
  if (possible.status !== 0) return t.skip("needs root, unshare, ip and nft");
  const { status, stdout, stderr } = inOwnNetwork(`exec "${process.execPath}" --test "${fileURLToPath(import.meta.url)}"`);
  assert.equal(status, 0, stdout + stderr);
});
