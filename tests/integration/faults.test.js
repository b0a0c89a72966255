// SPDX-License-Identifier: MIT
// SQS misbehaves: receiving goes on afterwards, nothing is lost, nothing comes twice.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { traffic } from "./lib/messages.js";
import { World } from "./lib/world.js";

const HIDDEN_S = 61; // more than the VisibilityTimeout that the daemon asks for

// What the sandbox does to the first calls of an operation.
const RECEIVE = [
  { op: "ReceiveMessage", kind: "500", count: 3 },
  { op: "ReceiveMessage", kind: "throttle", count: 3 },
  { op: "ReceiveMessage", kind: "close", count: 2 },
  { op: "ReceiveMessage", kind: "half", count: 2 },
  { op: "ReceiveMessage", kind: "garbage", count: 2 },
  { op: "ReceiveMessage", kind: "md5", count: 2, says: /damaged|MD5/i },
  { op: "ReceiveMessage", kind: "hang", count: 1 },
];
const DELETE = [
  { op: "DeleteMessageBatch", kind: "500", count: 3 },
  { op: "DeleteMessageBatch", kind: "throttle", count: 3 },
  { op: "DeleteMessageBatch", kind: "close", count: 2 },
  { op: "DeleteMessageBatch", kind: "half", count: 2 },
  { op: "DeleteMessageBatch", kind: "garbage", count: 2 },
  { op: "DeleteMessageBatch", kind: "partial", count: 5 },
  { op: "DeleteMessageBatch", kind: "hang", count: 1 },
];

async function prepare(t, { op, kind, count }, seed) {
  const world = await World.create(t, { queue: { wait: "2s" } });
  const { ids, bodies } = traffic({ count: 60, orders: 20, duplicates: 0.1, seed });
  await world.sqs.send(bodies);
  await world.sandbox.fault({ op, kind, count });
  await world.start({ ready: false });
  await world.until("the fault was met and survived", async () => {
    const { calls } = await world.sandbox.state();
    return calls[op] > count;
  });
  return { world, ids, bodies };
}

async function check(world, ids) {
  await world.until("every id is delivered", () => world.receiver.delivered.size === ids.length);
  assert.deepEqual(world.receiver.repeated, []);
  assert.deepEqual(world.receiver.faults, []);
  const { notifications } = await world.status();
  assert.equal(notifications.accepted, ids.length);
  assert.equal(notifications.rejected, 0);
  return notifications;
}

describe("faults of SQS", { concurrency: RECEIVE.length }, () => {
  for (const [i, fault] of RECEIVE.entries())
    it(`${fault.op}: ${fault.kind}`, async (t) => {
      const { world, ids } = await prepare(t, fault, 100 + i);
      if (fault.says) await world.says(fault.says);
      // What a lost answer held comes back.
      await world.sandbox.pass(HIDDEN_S);
      await world.until("the queue is empty", async () => {
        await world.sandbox.pass(HIDDEN_S);
        return world.sqs.empty();
      });
      await check(world, ids);
    });

  // Deleting is the daemon's to repeat: no message may have to come back for it.
  for (const [i, fault] of DELETE.entries())
    it(`${fault.op}: ${fault.kind}`, async (t) => {
      const { world, ids, bodies } = await prepare(t, fault, 200 + i);
      await world.until("the queue is empty", () => world.sqs.empty());
      const { received } = await check(world, ids);
      assert.equal(received, bodies.length, "nothing was received again");
    });
});

describe("messages that stay in the queue", { concurrency: 2 }, () => {
  it("deletes fail: reported after the second try, shown, and the queue is read slowly until they work", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" } });
    const { ids, bodies } = traffic({ count: 30, orders: 10, seed: 300 });
    await world.sandbox.fault({ op: "DeleteMessageBatch", kind: "access_denied" });
    await world.sqs.send(bodies);
    await world.start();
    await world.says(/could not be deleted from SQS.*AccessDenied/);
    const { calls } = await world.sandbox.state();
    assert.ok(calls.DeleteMessageBatch <= 12, `${calls.DeleteMessageBatch} calls before it was reported`);
    await world.until("status shows it", async () => {
      const [{ delete_error }] = (await world.status()).queues;
      return /AccessDenied/.test(delete_error ?? "");
    });
    assert.match((await world.dockbell("status")).stdout, /deleting fails: .*AccessDenied/);
    
    // What is new is delivered all the same, and polls are 2 seconds apart at least.
    await world.until("every id is delivered", () => world.receiver.delivered.size === ids.length);
    const polls = async () => (await world.sandbox.state()).calls.ReceiveMessage;
    const [before, at] = [await polls(), Date.now()];
    await world.until("three more polls", async () => (await polls()) >= before + 3);
    assert.ok(Date.now() - at > 3500, `three polls within ${Date.now() - at} ms`);
    await world.sandbox.clearFaults();
    await world.until("the queue is empty", async () => {
      await world.sandbox.pass(HIDDEN_S);
      return world.sqs.empty();
    });
    await world.says(/can be deleted from SQS again/);
    await world.until("status shows no trouble", async () => (await world.status()).queues[0].delete_error === null);
    assert.deepEqual(world.receiver.repeated, []);
    assert.equal(world.daemon.stderr.match(/could not be deleted/g).length, 1);
  });

  it("a wrong MD5 sum: reported once per message, not at each return", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" } });
    const { bodies } = traffic({ count: 3, orders: 3, seed: 301 });
    await world.sandbox.fault({ op: "ReceiveMessage", kind: "md5" });
    await world.sqs.send(bodies);
    await world.start();
    await world.says(/3 messages arrived damaged/);
    const polls = async () => (await world.sandbox.state()).calls.ReceiveMessage;
    for (let i = 0; i < 3; i++) {
      const before = await polls();
      await world.sandbox.pass(HIDDEN_S);
      await world.until("they came again", async () => (await polls()) > before + 1);
    }
    assert.equal(world.daemon.stderr.match(/damaged/g).length, 1);
    await world.until("status counts them", async () => (await world.status()).queues[0].damaged === 3);
    assert.match((await world.dockbell("status")).stdout, /3 damaged/);
    await world.sandbox.clearFaults();
    await world.until("they are delivered", async () => {
      await world.sandbox.pass(HIDDEN_S);
      return world.receiver.delivered.size === 3;
    });
  });
});
