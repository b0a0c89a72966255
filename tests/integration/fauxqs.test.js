// SPDX-License-Identifier: MIT
// The fault-free scenarios against an SQS that shares no author with the sandbox.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fauxqs } from "./lib/fauxqs.js";
import { orderChange, samples, traffic } from "./lib/messages.js";
import { checkSamples, checkTraffic } from "./lib/scenarios.js";
import { World } from "./lib/world.js";

describe("with fauxqs", { concurrency: 2 }, () => {
  it("delivers every notification once, with duplicates and disorder", async (t) => {
    const world = await World.create(t, { sqs: new Fauxqs() });
    await world.start();
    await checkTraffic(world, traffic({ count: 600, orders: 60, duplicates: 0.1, seed: 31 }));
  });

  it("passes every sample on, byte by byte", async (t) => {
    const world = await World.create(t, { sqs: new Fauxqs() });
    await world.start();
    await checkSamples(world, samples());
  });

  it("wakes up for a message that comes while a long poll is open", async (t) => {
    const world = await World.create(t, { sqs: new Fauxqs() });
    await world.start();
    for (const id of ["one", "two", "three"]) {
      await world.sqs.send([orderChange({ id })]);
      await world.until(`${id} is delivered`, () => world.receiver.delivered.has(id));
    }
    await world.settled();
    assert.deepEqual(world.receiver.faults, []);
  });

  it("leaves an empty queue after SIGTERM under load and a new start", async (t) => {
    const world = await World.create(t, { sqs: new Fauxqs(), answer: () => ({ delay_ms: 10 }) });
    const { ids, bodies } = traffic({ count: 300, orders: 100, duplicates: 0, seed: 32 });
    await world.start();
    await world.sqs.send(bodies);
    await world.until("some are delivered", () => world.receiver.delivered.size >= 50);
    assert.equal((await world.daemon.stop("SIGTERM")).code, 0);
    await world.start();
    await world.until("every id is delivered", () => world.receiver.delivered.size === ids.length, { seconds: 130 });
    assert.deepEqual(world.receiver.repeated, []);
    assert.deepEqual(world.receiver.faults, []);
  });
});
