// SPDX-License-Identifier: MIT
// What does not come: a silent queue, a silent seller, and a time that the queue did not keep.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

const DAY_S = 86400;

describe("silence and gaps", { concurrency: 3 }, () => {
  it("a queue and a seller that bring nothing are told once, over restarts, until something comes", async (t) => {
    const world = await World.create(t, { queue: { quiet_alarm: "10s" }, seller: { quiet_alarm: "10s" } });
    const events = async () => (await world.status()).alarms.map(({ event, queue, seller }) => ({ event, queue, seller }));
    const both = [
      { event: "queue-quiet", queue: "orders", seller: null },
      { event: "seller-quiet", queue: "orders", seller: "acme" },
    ];
    await world.start();
    await world.says(/queue orders answers, but nothing has come for \d+s, since 20/);
    await world.says(/seller acme: nothing has come over queue orders for \d+s/);
    await world.until("both are noted", async () => (await events()).length === 2);
    assert.deepEqual(await events(), both);

    await world.daemon.stop("SIGTERM");
    await world.start();
    assert.deepEqual(await events(), both);
    world.daemon.child.kill("SIGHUP");
    await world.says(/was read again/);
    world.options.queue.quiet_alarm = world.options.seller.quiet_alarm = "1h";
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.says(/quiet_alarm/);
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.says(/queue orders: something comes again/);
    await world.says(/seller acme: something comes again/);
    assert.doesNotMatch(world.daemon.stderr.split("something comes again")[0], /nothing has come/);
    await world.until("both are over", async () => (await events()).length === 0);
    await world.until("the lag is noted", async () => Number.isInteger((await world.status()).queues[0].lag));
    const { queues, sellers } = await world.status();
    assert.equal(queues[0].retention, 4 * DAY_S);
    assert.ok("last_message" in sellers[0]);
  });

  it("after a time that the queue did not keep it is told what may be lost", async (t) => {
    const world = await World.create(t);
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.settled();
    await world.until("it is noted", async () => (await world.status()).queues[0].retention === 4 * DAY_S);
    await world.daemon.stop("SIGTERM");
    await world.sandbox.control("POST", "clock", { offset_s: 6 * DAY_S });
    await world.start({ ready: false });
    await world.says(/queue orders was not read for longer than it keeps messages \(4d\)/);
    const [, from, to] = world.daemon.stderr.match(/published from (\S+) to (\S+) may be lost/);
    const hours = (Date.parse(to) - Date.parse(from)) / 3600_000;
    assert.ok(hours > 47 && hours < 49, `${from} to ${to}`);
    await world.status(); // the daemon writes down what it knows
    await world.daemon.stop("SIGTERM");
    await world.start({ ready: false });
    await world.until("it answers", () => /ready: /.test(world.daemon.stderr));
    assert.doesNotMatch(world.daemon.stderr, /may be lost/);
  });
});
