// SPDX-License-Identifier: MIT
// The main job: what Amazon published reaches the warehouse once, in order, and as it was.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange, samples, traffic } from "./lib/messages.js";
import { checkSamples, checkTraffic } from "./lib/scenarios.js";
import { World } from "./lib/world.js";

const STATES = [
  "ready", "inflight", "behind", "held", "orphaned",
  "delivered", "superseded", "filtered", "dropped", "dead",
];

describe("delivery", { concurrency: 4 }, () => {
  it("delivers every notification once, with duplicates and disorder", async (t) => {
    const world = await World.create(t);
    await world.start();
    await checkTraffic(world, traffic({ count: 1000, orders: 80, duplicates: 0.1, seed: 7 }));
  });

  it("delivers what the sandbox generates, and counts it", async (t) => {
    const world = await World.create(t);
    await world.start();
    await world.sandbox.publish({ count: 500, seed: 3, duplicates: 0.05, disorder: 0.2, orders: 40 });
    await world.until("500 are delivered", () => world.receiver.delivered.size === 500);
    await world.settled();
    const { notifications, deliveries } = await world.status();
    assert.equal(notifications.accepted, 500);
    assert.equal(notifications.rejected, 0);
    assert.equal(notifications.received, 500 + notifications.duplicates);
    assert.ok(notifications.duplicates > 0, "the sandbox made duplicates");
    assert.equal(deliveries.delivered, 500);
    assert.deepEqual(world.receiver.repeated, []);
    assert.deepEqual(world.receiver.faults, []);
  });

  it("delivers one order's events in event-time order", async (t) => {
    const world = await World.create(t);
    const { ids, bodies } = traffic({ count: 60, orders: 3, duplicates: 0, seed: 11 });
    world.receiver.answer = () => ({ status: 503, headers: { "retry-after": "1" } });
    await world.start();
    await world.sqs.send(bodies);
    await world.until("all are accepted", async () => (await world.status()).notifications.accepted === 60);
    const before = world.receiver.requests.length;
    world.receiver.answer = () => undefined;
    await world.settled();
    assert.equal(world.receiver.delivered.size, ids.length);
    const lanes = new Map();
    for (const request of world.receiver.requests.slice(before).filter((r) => r.status === 204)) {
      const previous = lanes.get(request.lane);
      if (previous) {
        assert.ok(previous.eventTime < request.eventTime || request.stale, `${request.id} came too late`);
        assert.ok(previous.sequence < request.sequence, "sequence numbers rise within a lane");
      }
      lanes.set(request.lane, request);
    }
    assert.equal(lanes.size, 3);
    assert.deepEqual(world.receiver.faults, []);
  });

  it("marks an event stale when a newer one of its order was delivered before", async (t) => {
    const world = await World.create(t);
    await world.start();
    const order = "306-1000001-0000042";
    const newer = Date.parse("2025-06-02T12:00:00Z");
    await world.sqs.send([orderChange({ id: "newer", order, time: newer })]);
    await world.until("the newer one is delivered", () => world.receiver.delivered.has("newer"));
    await world.sqs.send([orderChange({ id: "older", order, time: newer - 60_000 })]);
    await world.until("the older one is delivered", () => world.receiver.delivered.has("older"));
    const [first, second] = world.receiver.requests;
    assert.equal(first.stale, false);
    assert.equal(second.stale, true);
  });

  it("never marks a buyer's request or an event about one item, nor others because of them", async (t) => {
    const world = await World.create(t);
    await world.start();
    const order = "306-1000001-0000043";
    const noon = Date.parse("2025-06-02T12:00:00Z");
    const item = (options) =>
      orderChange(options).replace('"NotificationLevel":"OrderLevel"', '"NotificationLevel":"OrderItemLevel"');
    const steps = [
      [orderChange({ id: "state", order, time: noon }), false],
      [orderChange({ id: "wish", order, time: noon - 5000, change: "BuyerRequestedChange" }), false],
      [item({ id: "item", order, time: noon - 4000 }), false],
      [orderChange({ id: "later-wish", order, time: noon + 9000, change: "BuyerRequestedChange" }), false],
      [item({ id: "later-item", order, time: noon + 9000 }), false],
      [orderChange({ id: "next", order, time: noon + 5000 }), false],
      [orderChange({ id: "old", order, time: noon + 1000 }), true],
    ];
    for (const [body, stale] of steps) {
      const id = JSON.parse(body).NotificationMetadata.NotificationId;
      await world.sqs.send([body]);
      await world.until(`${id} is delivered`, () => world.receiver.delivered.has(id));
      assert.equal(world.receiver.byId.get(id)[0].stale, stale, id);
    }
    assert.deepEqual(world.receiver.faults, []);
  });

  it("sends the request that design promises", async (t) => {
    const world = await World.create(t);
    await world.start();
    const time = Date.parse("2025-04-04T11:45:40.000Z");
    const body = orderChange({ id: "91e63afd-1", order: "408-9812214-5408368", time, status: "Pending" });
    await world.sqs.send([body]);
    await world.until("it is delivered", () => world.receiver.delivered.size === 1);
    const [request] = world.receiver.requests;
    assert.equal(request.method, "POST");
    assert.equal(request.path, "/hooks/amazon");
    assert.equal(request.headers["content-type"], "application/json");
    assert.match(request.headers["user-agent"], /^dockbell\/\d+\.\d+/);
    assert.equal(request.headers["webhook-id"], "91e63afd-1");
    assert.equal(request.headers["dockbell-seller"], "acme");
    assert.equal(request.headers["dockbell-type"], "ORDER_CHANGE");
    assert.equal(request.headers["dockbell-order"], "408-9812214-5408368");
    assert.equal(request.headers["dockbell-event-time"], "2025-04-04T11:45:40.000Z");
    assert.equal(request.headers["dockbell-attempt"], "1");
    assert.match(request.headers["dockbell-sequence"], /^[1-9]\d*$/);
    assert.equal(request.headers["dockbell-stale"], undefined);
    assert.equal(request.headers["dockbell-resend"], undefined);
    assert.equal(request.headers.expect, undefined);
    const text = request.body.toString("utf8");
    assert.ok(text.endsWith(`"notification":${body}}}`), "Amazon's bytes come last, as they were");
    assert.ok(!text.includes("\n"));
    const { type, timestamp, data } = JSON.parse(text);
    assert.equal(type, "amazon.order_change");
    assert.equal(timestamp, "2025-04-04T11:45:40.000Z");
    assert.deepEqual(Object.keys(data), [
      "id", "notificationType", "seller", "sellerId", "marketplaceId", "orderId", "changeType",
      "changeReason", "status", "fulfillment", "items", "origin", "level", "programs", "shipBy", "locationId",
      "channel", "cancelRequested", "notification",
    ]);
    const { notification, ...rest } = data;
    assert.deepEqual(rest, {
      id: "91e63afd-1",
      notificationType: "ORDER_CHANGE",
      seller: "acme",
      sellerId: "A2WAREHOUSE0001",
      marketplaceId: "A1PA6795UKMFR9",
      orderId: "408-9812214-5408368",
      changeType: "OrderStatusChange",
      changeReason: "Order Status Change",
      status: "Pending",
      fulfillment: "MFN",
      items: [{
        id: "70000000000001", sku: "MUG-BLUE-2", quantity: 1,
        status: null, quantityShipped: null, cancelRequested: null, supplySourceId: null,
      }],
      origin: "amazon",
      level: "OrderLevel",
      programs: [],
      shipBy: null,
      locationId: null,
      channel: null,
      cancelRequested: false,
    });
  });

  it("passes every sample on, byte by byte", async (t) => {
    const world = await World.create(t);
    await world.start();
    await checkSamples(world, samples());
  });

  it("unwraps SNS envelopes and JSON strings, and sends the object inside as it was", async (t) => {
    const world = await World.create(t);
    await world.start();
    const plain = orderChange({ id: "plain", order: "306-1000001-0000001" });
    const twice = orderChange({ id: "twice", order: "306-1000001-0000002" });
    const sns = orderChange({ id: "sns", order: "306-1000001-0000003" });
    const envelope = {
      Type: "Notification", MessageId: "5f0c", TopicArn: "arn:aws:sns:eu-west-1:444455556666:t",
      Message: sns, Timestamp: "2025-06-02T08:00:00.000Z",
    };
    await world.sqs.send([`  ${plain}\n`, JSON.stringify(twice), JSON.stringify(envelope)]);
    await world.until("all are delivered", () => world.receiver.delivered.size === 3);
    for (const [id, body] of Object.entries({ plain, twice, sns })) {
      const [request] = world.receiver.byId.get(id);
      assert.ok(request.body.toString("utf8").endsWith(`"notification":${body}}}`), id);
    }
    assert.deepEqual(world.receiver.faults, []);
  });

  it("sends only what a webhook asked for, and keeps count of the rest", async (t) => {
    const world = await World.create(t, { webhook: { types: "ORDER_CHANGE" } });
    await world.start();
    const all = samples().filter(({ name }) => /^(order-change-pending|order-status-change)/.test(name));
    await world.sqs.send(all.map(({ body }) => body));
    await world.until("one is delivered", () => world.receiver.delivered.size === 1);
    await world.settled();
    const { deliveries } = await world.status();
    assert.equal(deliveries.delivered, 1);
    assert.equal(deliveries.filtered, 1);
    assert.equal(world.receiver.requests.length, 1);
  });

  it("holds notifications of a seller it does not know", async (t) => {
    const world = await World.create(t, { seller: { seller_id: "A2WAREHOUSE0001" } });
    await world.start();
    await world.sqs.send([
      orderChange({ id: "ours" }),
      orderChange({ id: "strange", seller: "A9STRANGER00001", order: "306-9" }),
    ]);
    await world.until("ours is delivered", () => world.receiver.delivered.has("ours"));
    await world.settled();
    const [row] = await world.list();
    assert.equal(row.notification_id, "strange");
    assert.equal(row.state, "held");
    assert.match(row.last_error, /unknown seller/);
    assert.equal(world.receiver.requests.length, 1);
  });

  it("tells status and queue list in the promised shapes", async (t) => {
    const world = await World.create(t);
    world.receiver.answer = ({ order }) => (order === "306-bad" ? { status: 422 } : undefined);
    await world.start();
    const good = orderChange({ id: "good", order: "306-good" });
    const bad = orderChange({ id: "bad", order: "306-bad" });
    await world.sqs.send([good, good, bad, "no JSON at all"]);
    await world.until("the bad one was tried", () => world.receiver.byId.has("bad"));
    await world.until("everything is counted", async () => (await world.status()).notifications.received === 4);
    await world.until("its outcome is stored", async () => (await world.list("--state=ready")).length === 1);

    const status = await world.status();
    assert.deepEqual(status.notifications, { ...status.notifications, received: 4, accepted: 2, duplicates: 1, rejected: 1 });
    for (const state of STATES) assert.equal(typeof status.deliveries[state], "number", state);
    assert.equal(status.deliveries.delivered, 1);
    assert.equal(status.deliveries.dead, 1);
    for (const list of ["queues", "sellers", "webhooks"]) assert.ok(Array.isArray(status[list]), list);

    const rows = await world.list();
    assert.equal(rows.length, 2, "what is not delivered");
    const members = [
      "id", "notification_id", "webhook", "seller", "type", "order_id", "state", "attempts",
      "next_attempt", "last_error",
    ];
    for (const row of rows) for (const member of members) assert.ok(member in row, member);
    const row = rows.find((r) => r.notification_id === "bad");
    assert.equal(row.webhook, "wms");
    assert.equal(row.seller, "acme");
    assert.equal(row.type, "ORDER_CHANGE");
    assert.equal(row.order_id, "306-bad");
    assert.equal(row.attempts, 1);
    assert.match(row.next_attempt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(row.last_error, /422/);
    const dead = rows.find((r) => r.state === "dead");
    assert.equal(dead.next_attempt, null);
    assert.equal(dead.order_id, null);
    const delivered = await world.list("--state=delivered");
    assert.deepEqual(delivered.map((r) => r.notification_id), ["good"]);

    const text = await world.dockbell("status");
    assert.equal(text.code, 0);
    assert.match(text.stdout, /orders/);
    await world.daemon.stop("SIGTERM");
    assert.deepEqual((await world.status()).notifications, status.notifications, "the same with the daemon down");
  });
});
