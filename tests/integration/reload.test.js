// SPDX-License-Identifier: MIT
// SIGHUP: everything is read again, nothing under way is lost, a wrong config changes nothing.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Notify } from "./lib/notify.js";
import { Receiver } from "./lib/receiver.js";
import { reconfigure, reload } from "./lib/reload.js";
import { World } from "./lib/world.js";

const OTHER_SECRET = "whsec_" + Buffer.from("another secret of the same length").toString("base64");

async function secondReceiver(t, options) {
  const receiver = new Receiver(options);
  await receiver.listen();
  t.after(() => receiver.close());
  return receiver;
}

describe("reload", { concurrency: 4 }, () => {
  it("a webhook's new url and secret hold from the next event; what changed is told once", async (t) => {
    const world = await World.create(t);
    await world.start();
    await world.sqs.send([orderChange({ id: "before" })]);
    await world.until("the first is delivered", () => world.receiver.delivered.has("before"));
    const moved = await secondReceiver(t, { secret: OTHER_SECRET });
    const told = await reload(world, (s) => {
      s["webhook wms"].url = moved.url;
      s["webhook wms"].secret = OTHER_SECRET;
    });
    assert.match(told, /\[webhook wms\]: secret, url$/m);
    assert.match(told, /1 section has changed/);
    assert.ok(!told.includes(OTHER_SECRET));
    await world.sqs.send([orderChange({ id: "after" })]);
    await world.until("the second is delivered", () => moved.delivered.has("after"));
    assert.equal(world.receiver.delivered.size, 1);
    assert.deepEqual([...world.receiver.wrong, ...moved.wrong], []);
  });

  it("a request under way keeps the config it began with and is not repeated", async (t) => {
    let release;
    const held = new Promise((done) => (release = done));
    const world = await World.create(t, { answer: () => held });
    await world.start();
    const lane = { order: "111-0000001-0000001" };
    await world.sqs.send([orderChange({ id: "held", ...lane })]);
    await world.until("a request hangs", () => world.receiver.requests.length === 1);
    const moved = await secondReceiver(t);
    await reload(world, (s) => (s["webhook wms"].url = moved.url));
    await world.sqs.send([orderChange({ id: "next", ...lane }), orderChange({ id: "other", order: "111-0000002-0000002" })]);
    await world.until("another order goes to the new place", () => moved.delivered.has("other"));
    assert.equal(moved.requests.length, 1, "the order in flight waits");
    release({ status: 204 });
    await world.until("the lane goes on", () => moved.delivered.has("next"));
    assert.equal(world.receiver.requests.length, 1);
    await world.settled();
  });

  it("queues, sellers and webhooks come and go", async (t) => {
    const world = await World.create(t);
    await world.start();
    const extra = await secondReceiver(t, { secret: OTHER_SECRET });
    const told = await reload(world, (s) => {
      s["webhook extra"] = { url: extra.url, secret: OTHER_SECRET };
    });
    assert.match(told, /\[webhook extra\]: added/);
    await world.sqs.send([orderChange({ id: "both" })]);
    await world.until("both get it", () => world.receiver.delivered.has("both") && extra.delivered.has("both"));
    assert.match(await reload(world, () => {}), /\[webhook extra\]: removed/);
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("one gets it", () => world.receiver.delivered.has("one"));
    await world.settled();
    assert.ok(!extra.delivered.has("one"));
  });

  it("a wrong config is refused with the place, and the old one goes on", async (t) => {
    const world = await World.create(t);
    await world.start();
    const told = await reload(world, (s) => (s["webhook wms"].timeuot = "5s"), /not taken over/);
    assert.match(told, /dockbell\.conf:\d+: .*timeuot.*unknown key/);
    await world.sqs.send([orderChange({ id: "after" })]);
    await world.until("it still delivers", () => world.receiver.delivered.has("after"));
  });

  it("a refused reload is in the service's status until the next one; commands of operators work meanwhile", async (t) => {
    const world = await World.create(t);
    const notify = await Notify.create(t, world.directory);
    world.receiver.answer = () => ({ status: 503 });
    await world.start({ env: notify.env });
    await world.sqs.send([orderChange({ id: "waits" })]);
    await world.until("it was tried", () => world.receiver.requests.length > 0);
    await reload(world, (s) => (s["webhook wms"].timeuot = "5s"), /not taken over/);
    const status = () => notify.having("STATUS").at(-1)?.STATUS ?? "";
    await world.until("the status says so", () => /last reload refused: .*dockbell\.conf:\d+: .*timeuot/.test(status()));
    for (const command of [["status"], ["queue", "list"], ["queue", "pause", "wms"], ["queue", "hold", "ALL"],
      ["queue", "release", "ALL"], ["queue", "resume", "wms"], ["backup", path.join(world.directory, "backup.db")]]) {
      const { code, stderr } = await world.dockbell(...command);
      assert.equal(code, 0, `${command}: ${stderr}`);
      const told = stderr.split("\n").filter((row) => row.includes("has 1 error: dockbell check"));
      assert.equal(told.length, 1, `${command}: ${stderr}`);
    }
    const ping = await world.dockbell("ping", "wms");
    assert.equal(ping.code, 78, "a command that uses the values does not run");
    const elsewhere = await reload(world, (s) => (s.daemon.state_directory = "state"), /not taken over/);
    assert.match(elsewhere, /state_directory/);
    assert.equal((await world.dockbell("status")).code, 78, "nor does one that cannot know where the store is");
    await reload(world, () => {});
    await world.until("the status is right again", () => !status().includes("refused"));
  });

  it("a secret that cannot be read is refused as well", async (t) => {
    const world = await World.create(t);
    await world.start();
    const missing = path.join(world.directory, "missing");
    const told = await reload(world, (s) => (s["webhook wms"].secret = `file:${missing}`), /not taken over/);
    assert.ok(told.includes(missing));
    const moved = await reload(world, (s) => (s.daemon.state_directory = world.directory), /not taken over/);
    assert.match(moved, /needs a restart/);
    await world.sqs.send([orderChange({ id: "after" })]);
    await world.until("it still delivers", () => world.receiver.delivered.has("after"));
  });

  it("systemd is told when it begins and when it is over", async (t) => {
    const world = await World.create(t);
    const notify = await Notify.create(t, world.directory);
    await world.start({ env: notify.env });
    await reload(world, (s) => (s["queue orders"].max_pollers = 3));
    await world.until("READY follows RELOADING", () => notify.having("READY").length === 2);
    assert.equal(notify.having("RELOADING", "1").length, 1);
    assert.ok(notify.having("MONOTONIC_USEC").length === 1);
  });

  it("many SIGHUPs: one reload in a second at most, and the last config is in use", async (t) => {
    const world = await World.create(t);
    await world.start();
    const moved = await secondReceiver(t);
    const reloads = () => world.daemon.stderr.match(/was read again/g)?.length ?? 0;
    const begin = performance.now();
    await world.until("it has reloaded three times", () => {
      world.daemon.kill("SIGHUP");
      return reloads() >= 3;
    });
    await reconfigure(world, (s) => (s["webhook wms"].url = moved.url));
    for (let i = 0; i < 10; i++) world.daemon.kill("SIGHUP");
    await world.says(/\[webhook wms\]: url$/m);
    const seconds = (performance.now() - begin) / 1000;
    assert.ok(reloads() <= 1 + seconds, `${reloads()} reloads in ${seconds} s`);
    await world.sqs.send([orderChange({ id: "last" })]);
    await world.until("the last config is in use", () => moved.delivered.has("last"));
    assert.equal(world.receiver.delivered.size, 0);
  });

  it("twenty reloads under load: every event once, in order", async (t) => {
    const world = await World.create(t, { answer: () => ({ delay_ms: 5 }) });
    await world.start();
    const COUNT = 600;
    await world.sandbox.publish({ count: COUNT, seed: 7, duplicates: 0.05, disorder: 0.1, orders: 60 });
    for (let i = 0; i < 20; i++)
      await reload(world, (s) => {
        s["webhook wms"].concurrency = 2 + i;
        s["queue orders"].max_pollers = 1 + (i % 4);
      });
    await world.until("all are delivered", () => world.receiver.delivered.size >= COUNT);
    await world.settled();
    assert.equal(world.receiver.delivered.size, COUNT);
    assert.ok([...world.receiver.delivered.values()].every((times) => times === 1), "each once");
    assert.deepEqual(world.receiver.wrong, []);
    assert.deepEqual(world.receiver.unmarked, []);
  });
});
