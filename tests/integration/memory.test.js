// SPDX-License-Identifier: MIT
// Secrets do not outlive their use in the memory of the daemon. Reading another process's memory needs root.
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { FIXED } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

const skip = process.getuid() === 0 ? false : "needs root";

// How often the text stands in what the process can write to.
function occurrences(pid, text) {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  let count = 0;
  for (const [, from, to] of readFileSync(`/proc/${pid}/maps`, "latin1").matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.*$/gm)) {
    const bytes = Buffer.alloc(Number(BigInt(`0x${to}`) - BigInt(`0x${from}`)));
    try {
      const size = readSync(memory, bytes, 0, bytes.length, BigInt(`0x${from}`));
      for (let at = 0; (at = bytes.subarray(0, size).indexOf(text, at)) >= 0; at++) count++;
    } catch (error) {
      if (error.code !== "EIO") throw error; // [vvar] and its like
    }
  }
  closeSync(memory);
  return count;
}

describe("secrets in memory", { skip }, () => {
  it("the form with the client secret is wiped after its use", async (t) => {
    const seller = { seller_id: FIXED.seller_id, region: "eu", refresh_token: `Atzr|dockbell-sandbox-refresh-token-of-seller-${FIXED.seller_id}`, subscribe: "ORDER_CHANGE" };
    const world = await World.create(t, { seller });
    await world.start();
    await world.says(/created subscription/);
    const form = `client_secret=${encodeURIComponent(world.sandbox.application.client_secret)}`;
    assert.equal(occurrences(world.daemon.pid, form), 0);
  });

  it("what a reload replaces is wiped", async (t) => {
    const [old, fresh] = ["old-key-0123456789abcdef", "new-key-0123456789abcdef"];
    // The old configuration lives until its last long poll has ended.
    const world = await World.create(t, { seller: { seller_id: FIXED.seller_id }, queue: { wait: "1s" }, webhook: { headers: `X-Api-Key: ${old}` } });
    await world.start();
    await world.sqs.send([orderChange({ id: "first", seller: FIXED.seller_id })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("first"));
    assert.equal(world.receiver.byId.get("first")[0].headers["x-api-key"], old);
    assert.ok(occurrences(world.daemon.pid, old) > 0, "the test finds what is there");
    world.options.webhook.headers = `X-Api-Key: ${fresh}`;
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.says(/was read again/);
    await world.sqs.send([orderChange({ id: "second", seller: FIXED.seller_id })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("second"));
    assert.equal(world.receiver.byId.get("second")[0].headers["x-api-key"], fresh);
    await world.until("nothing of the old one is left", () => occurrences(world.daemon.pid, old) === 0);
  });
});
