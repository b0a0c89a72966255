// SPDX-License-Identifier: MIT
// SQS misbehaves: receiving goes on afterwards, nothing is lost, nothing comes twice.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { traffic } from "./lib/messages.js";
import { World } from "./lib/world.js";

const HIDDEN_S = 61; // more than the VisibilityTimeout that the daemon asks for

// kind -> what the sandbox does to the first calls of an operation.
const CASES = [
  { op: "ReceiveMessage", kind: "500", count: 3 },
  { op: "ReceiveMessage", kind: "throttle", count: 3 },
  { op: "ReceiveMessage", kind: "close", count: 2 },
  { op: "ReceiveMessage", kind: "half", count: 2 },
  { op: "ReceiveMessage", kind: "garbage", count: 2 },
  { op: "ReceiveMessage", kind: "md5", count: 2 },
  { op: "ReceiveMessage", kind: "hang", count: 1 },
  { op: "DeleteMessageBatch", kind: "500", count: 3 },
  { op: "DeleteMessageBatch", kind: "throttle", count: 3 },
  { op: "DeleteMessageBatch", kind: "close", count: 2 },
  { op: "DeleteMessageBatch", kind: "half", count: 2 },
  { op: "DeleteMessageBatch", kind: "garbage", count: 2 },
  { op: "DeleteMessageBatch", kind: "partial", count: 5 },
  { op: "DeleteMessageBatch", kind: "hang", count: 1 },
];

describe("faults of SQS", { concurrency: CASES.length }, () => {
  for (const [i, fault] of CASES.entries())
    it(`${fault.op}: ${fault.kind}`, async (t) => {
      const world = await World.create(t, { queue: { wait: "2s" } });
      const { ids, bodies } = traffic({ count: 60, orders: 20, duplicates: 0.1, seed: 100 + i });
      await world.sqs.send(bodies);
      await world.sandbox.fault(fault);
      await world.start({ ready: false });
      await world.until("the fault was met and survived", async () => {
        const { calls } = await world.sandbox.state();
        return calls[fault.op] > fault.count;
      });
      await world.sandbox.pass(HIDDEN_S);
      await world.until("every id is delivered", () => world.receiver.delivered.size === ids.length);
      await world.until("the queue is empty", async () => {
        await world.sandbox.pass(HIDDEN_S);
        return world.sqs.empty();
      });
      assert.deepEqual(world.receiver.repeated, []);
      assert.deepEqual(world.receiver.faults, []);
      const { notifications } = await world.status();
      assert.equal(notifications.accepted, ids.length);
      assert.equal(notifications.rejected, 0);
    });
});
