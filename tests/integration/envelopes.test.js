// SPDX-License-Identifier: MIT
// What stands around a notification, and values in it that are out of the ordinary.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { SELLER_ID, World } from "./lib/world.js";

const bridge = (detail) => JSON.stringify({
  version: "0", id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "ORDER_CHANGE",
  source: "aws.partner/sellingpartnerapi.amazon.com/444455556666/amzn1.sp.solution.example",
  account: "444455556666", time: "2025-06-02T08:15:32Z", region: "eu-west-1", resources: [], detail,
});

describe("envelopes", { concurrency: 4 }, () => {
  it("EventBridge's is taken off, also around a string or inside one; copies are known", async (t) => {
    const world = await World.create(t, { seller: { seller_id: SELLER_ID } });
    const body = (id) => orderChange({ id, seller: SELLER_ID });
    await world.sqs.send([
      bridge(JSON.parse(body("object"))), bridge(body("string")), JSON.stringify(bridge(JSON.parse(body("inside")))),
      bridge(JSON.parse(body("object"))),
    ]);
    await world.start();
    await world.until("all three are delivered", () => world.receiver.delivered.size === 3);
    await world.settled();
    for (const id of ["object", "string", "inside"]) assert.ok(world.receiver.delivered.has(id), id);
    const { notifications } = await world.status();
    assert.deepEqual([notifications.accepted, notifications.duplicates], [3, 1]);
    const [delivery] = await world.list("--state=delivered");
    assert.equal(delivery.type, "ORDER_CHANGE");
    assert.equal(delivery.seller, "acme");
  });

  it("a NotificationId of more than 256 bytes: known again by its hash", async (t) => {
    const world = await World.create(t, { seller: { seller_id: SELLER_ID } });
    const id = "x".repeat(300), hash = `sha256-${createHash("sha256").update(id).digest("hex")}`;
    await world.sqs.send([orderChange({ id, seller: SELLER_ID }), orderChange({ id, seller: SELLER_ID })]);
    await world.start();
    await world.until("it is delivered", () => world.receiver.delivered.has(hash));
    await world.until("the copy is known", async () => (await world.status()).notifications.duplicates === 1);
  });

  it("every item of a large order is in `data`", async (t) => {
    const world = await World.create(t, { seller: { seller_id: SELLER_ID } });
    const notification = JSON.parse(orderChange({ id: "large", seller: SELLER_ID }));
    const { Summary } = notification.Payload.OrderChangeNotification;
    Summary.OrderItems = Array.from({ length: 1500 }, (_, n) => ({ OrderItemId: `${n}`, SellerSKU: `s${n}`, Quantity: 1 }));
    await world.sqs.send([JSON.stringify(notification)]);
    await world.start();
    await world.until("it is delivered", () => world.receiver.delivered.has("large"));
    const { body } = world.receiver.byId.get("large")[0];
    assert.equal(JSON.parse(body).data.items.length, 1500);
  });

  it("an event time far in the future does not outdate the events after it", async (t) => {
    const world = await World.create(t, { seller: { seller_id: SELLER_ID } });
    const event = (id, time) => {
      const notification = JSON.parse(orderChange({ id, seller: SELLER_ID, order: "306-1000001-0000001" }));
      const order = notification.Payload.OrderChangeNotification;
      order.OrderChangeTrigger = { ...order.OrderChangeTrigger, TimeOfOrderChange: time };
      notification.EventTime = time;
      return JSON.stringify(notification);
    };
    await world.sqs.send([event("ahead", "2099-01-01T00:00:00Z")]);
    await world.start();
    await world.until("the first is delivered", () => world.receiver.delivered.has("ahead"));
    await world.sqs.send([event("after", new Date().toISOString())]);
    await world.until("the second is delivered", () => world.receiver.delivered.has("after"));
    const { headers } = world.receiver.byId.get("after")[0];
    assert.equal(headers["dockbell-stale"], undefined);
    const { body } = world.receiver.byId.get("ahead")[0];
    assert.equal(JSON.parse(body).timestamp, "2099-01-01T00:00:00.000Z");
  });

  it("a queue that may be looked at but not read is not ready", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" }, seller: { seller_id: SELLER_ID } });
    await world.sandbox.fault({ op: "ReceiveMessage", kind: "access_denied" });
    await world.start({ ready: false });
    await world.says(/cannot be read: .*AccessDenied/);
    await world.until("its attributes were asked for", async () => (await world.sandbox.state()).calls.GetQueueAttributes);
    assert.doesNotMatch(world.daemon.stderr, /eady|can be read again/);
    await world.sandbox.clearFaults();
    await world.says(/can be read again/);
  });
});
