// SPDX-License-Identifier: MIT
// Unknown senders: whose a notification is, and what strangers can do, which is nothing.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { FIXED } from "./lib/sandbox.js";
import { Receiver, SECRET } from "./lib/receiver.js";
import { skip, SmallDisk } from "./lib/small_disk.js";
import { reload } from "./lib/reload.js";
import { World } from "./lib/world.js";

const ACME = FIXED.seller_id;
const BETA = "A3TH9S8BH6GOGM";
const OTHER = "whsec_" + Buffer.from("alarms are signed with a secret").toString("base64");
const STRANGER = "A9STRANGER00001";
const token = (id) => `Atzr|dockbell-sandbox-refresh-token-of-seller-${id}`;
const registered = (id, types) => ({ seller_id: id, region: "eu", refresh_token: token(id), subscribe: types });

const envelope = ({ type, id, subscription = "5ub5c21b-0000-4000-8000-000000000000", payload }) =>
  JSON.stringify({
    notificationVersion: "1.0",
    notificationType: type,
    payloadVersion: "1.0",
    eventTime: "2025-06-02T08:00:00.000Z",
    payload,
    notificationMetadata: {
      applicationId: "amzn1.sp.solution.0d0c",
      subscriptionId: subscription,
      publishTime: "2025-06-02T08:00:01.000Z",
      notificationId: id,
    },
  });

// The payload of each type that Amazon brings over SQS, as far as it says whose it is.
const PAYLOADS = {
  ACCOUNT_STATUS_CHANGED: (s) => ({ accountStatusChangeNotification: { merchantId: s, currentAccountStatus: "NORMAL" } }),
  ANY_OFFER_CHANGED: (s) => ({ AnyOfferChangedNotification: { SellerId: s, OfferChangeTrigger: { MarketplaceId: "A1PA6795UKMFR9" } } }),
  B2B_ANY_OFFER_CHANGED: (s) => ({ B2BAnyOfferChangedNotification: { SellerId: s } }),
  DATA_KIOSK_QUERY_PROCESSING_FINISHED: (s) => ({ accountId: `amzn1.merchant.o.${s}`, queryId: "q", processingStatus: "DONE" }),
  DETAIL_PAGE_TRAFFIC_EVENT: () => ({ asin: "B0", eventCount: 1 }),
  EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE: (s) => ({ externalFulfillmentShipmentNotification: { merchantId: s, shipmentId: `U${s}`, shipmentStatus: "CONFIRMED" } }),
  FBA_INVENTORY_AVAILABILITY_CHANGES: (s) => ({ FBAInventoryAvailabilityChangesNotification: { SellerId: s } }),
  FBA_OUTBOUND_SHIPMENT_STATUS: (s) => ({ FBAOutboundShipmentStatusNotification: { SellerId: s, AmazonOrderId: "306-1", ShipmentStatus: "Created" } }),
  FEED_PROCESSING_FINISHED: (s) => ({ feedProcessingFinishedNotification: { accountId: `amzn1.merchant.o.${s}`, feedId: "1", processingStatus: "DONE" } }),
  FEE_PROMOTION: (s) => ({ FeePromotionNotification: { MerchantId: s } }),
  FULFILLMENT_ORDER_STATUS: (s) => ({ FulfillmentOrderStatusNotification: { SellerId: s, EventType: "Order", SellerFulfillmentOrderId: "M1", FulfillmentOrderStatus: "PROCESSING" } }),
  ITEM_INVENTORY_EVENT_CHANGE: () => ({ asin: "B0", startTime: "2025-06-02T08:00:00Z" }),
  ITEM_SALES_EVENT_CHANGE: () => ({ asin: "B0", startTime: "2025-06-02T08:00:00Z" }),
  ORDER_CHANGE: (s) => ({ OrderChangeNotification: { SellerId: s, AmazonOrderId: "306-2", OrderChangeType: "OrderStatusChange" } }),
  PRICING_HEALTH: (s) => ({ sellerId: s, issueType: "BuyBoxDisqualification" }),
  REPORT_PROCESSING_FINISHED: (s) => ({ reportProcessingFinishedNotification: { sellerId: s, reportId: "1", processingStatus: "DONE" } }),
  SHIPMENT_TRACKING_MILESTONE_CHANGED: () => ({ shipmentTrackingMilestoneChangedNotification: { trackingDetail: { identifier: { aftn: "A1" }, latestMilestone: { status: { code: "SHIPPED" } } } } }),
  TRANSACTION_UPDATE: (s) => ({ SellingPartnerMetadata: { SellingPartnerId: s, MarketplaceId: "A1PA6795UKMFR9" }, TransactionStatus: "DEFERRED" }),
};
const TYPES = Object.keys(PAYLOADS);

// The id of each subscription that the daemon says it has made, by seller and type.
function subscriptions(world) {
  const found = { acme: new Map(), beta: new Map() };
  for (const [, seller, type, id] of world.daemon.stderr.matchAll(/seller (\w+), (\w+): created subscription (\S+)/g))
    found[seller].set(type, id);
  return found;
}

// Two sellers on one queue, each with a webhook of his own.
function twoSellers(types) {
  return (sections) => {
    sections["seller acme"] = { queue: "orders", ...registered(ACME, types) };
    sections["seller beta"] = { queue: "orders", ...registered(BETA, types) };
    sections["webhook beta"] = { url: `${sections["webhook wms"].url}/beta`, secret: SECRET, sellers: "beta" };
    sections["webhook wms"].sellers = "acme";
  };
}

const held = async (world) => (await world.list("--state=held")).map((row) => row.notification_id).sort();

describe("unknown senders", { concurrency: 3 }, () => {
  it("with two sellers on a queue all 18 types arrive at the right webhook", async (t) => {
    const world = await World.create(t, { config: twoSellers(TYPES.join(", ")) });
    assert.equal(TYPES.length, 18);
    await world.start();
    await world.until("both are registered", async () =>
      (await world.status()).sellers.every((seller) => ["created", "kept"].includes(seller.registration)) &&
      (world.daemon.stderr.match(/created subscription/g) ?? []).length === 36, { seconds: 90 });
    const ids = subscriptions(world);
    const bodies = [];
    for (const [name, seller] of [["acme", ACME], ["beta", BETA]])
      for (const type of TYPES)
        // What names its seller needs no subscription that we know.
        bodies.push(envelope({ type, id: `${name}-${type}`, subscription: PAYLOADS[type].length ? undefined : ids[name].get(type), payload: PAYLOADS[type](seller) }));
    await world.sqs.send(bodies);
    await world.until("all are delivered", () => world.receiver.delivered.size === 36);
    for (const request of world.receiver.requests) {
      const [name] = request.id.split("-");
      assert.equal(request.headers["dockbell-seller"], name, request.id);
      assert.equal(request.path, name === "beta" ? "/hooks/amazon/beta" : "/hooks/amazon", request.id);
    }
    assert.deepEqual(await held(world), []);

    // The same after a restart.
    await world.daemon.stop("SIGTERM");
    await world.start();
    await world.sqs.send([envelope({ type: "DETAIL_PAGE_TRAFFIC_EVENT", id: "beta-again", subscription: ids.beta.get("DETAIL_PAGE_TRAFFIC_EVENT"), payload: {} })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("beta-again"));
    assert.equal(world.receiver.byId.get("beta-again")[0].headers["dockbell-seller"], "beta");
  });

  it("what names nobody we know is held and signed by no one", async (t) => {
    const world = await World.create(t, { seller: registered(ACME, "ORDER_CHANGE") });
    await world.start();
    await world.says(/created subscription/);
    const order = (id, seller) => envelope({ type: "ORDER_CHANGE", id, payload: { OrderChangeNotification: { AmazonOrderId: "306-1", ...seller } } });
    await world.sqs.send([
      order("missing", {}), order("object", { SellerId: {} }), order("long", { SellerId: "X".repeat(300) }),
      order("nul", { SellerId: "A\u0000B" }), order("foreign", { SellerId: STRANGER }),
      envelope({ type: "SHIPMENT_TRACKING_MILESTONE_CHANGED", id: "milestone", payload: PAYLOADS.SHIPMENT_TRACKING_MILESTONE_CHANGED() }),
      envelope({ type: "TRANSACTION_UPDATE", id: "transaction", payload: PAYLOADS.TRANSACTION_UPDATE(STRANGER) }),
      envelope({ type: "FEED_PROCESSING_FINISHED", id: "account", payload: PAYLOADS.FEED_PROCESSING_FINISHED(STRANGER) }),
      envelope({ type: "DATA_KIOSK_QUERY_PROCESSING_FINISHED", id: "kiosk", payload: PAYLOADS.DATA_KIOSK_QUERY_PROCESSING_FINISHED(STRANGER) }),
      order("ours", { SellerId: ACME }),
    ]);
    await world.until("ours is delivered", () => world.receiver.delivered.has("ours"));
    await world.settled();
    assert.equal(world.receiver.requests.length, 1);
    assert.deepEqual(await held(world),
      ["account", "foreign", "kiosk", "long", "milestone", "missing", "nul", "object", "transaction"]);
    assert.doesNotMatch(world.daemon.stderr, /release ALL/);
  });

  it("the id of a stranger's notification is free for ours", async (t) => {
    const world = await World.create(t, { seller: { seller_id: ACME } });
    await world.start();
    await world.sqs.send([orderChange({ id: "taken", seller: STRANGER, order: "306-9" })]);
    await world.until("it is held", async () => (await held(world)).length === 1);
    await world.sqs.send([orderChange({ id: "taken", seller: ACME })]);
    await world.until("ours is delivered", () => world.receiver.delivered.has("taken"));
    assert.equal((await world.status()).deliveries.dead, 0);
  });

  it("release leaves what unknown senders have published, unless it is asked for them", async (t) => {
    const world = await World.create(t, { seller: { seller_id: ACME } });
    await world.start();
    await world.sqs.send([orderChange({ id: "strange", seller: STRANGER })]);
    await world.until("it is held", async () => (await held(world)).length === 1);
    const [{ id }] = await world.list("--state=held");
    const all = await world.dockbell("queue", "release", "ALL");
    assert.equal(all.code, 0, all.stderr);
    assert.match(all.stdout, /^0 deliveries released, 1 from unknown senders left/);
    const named = await world.dockbell("queue", "release", String(id));
    assert.equal(named.code, 1);
    assert.match(named.stderr, /it comes from an unknown sender; configure its seller, or release it with --unknown/);
    assert.deepEqual(await held(world), ["strange"]);
    assert.equal(world.receiver.requests.length, 0);
    const asked = await world.dockbell("queue", "release", "ALL", "--unknown");
    assert.match(asked.stdout, /^1 delivery released$/m, asked.stderr);
    await world.until("it is delivered", () => world.receiver.requests.length === 1);
    // A receiver that remembers webhook-id must not take ours for a repeat.
    assert.match(world.receiver.requests[0].headers["webhook-id"], /^sha256-[0-9a-f]{64}$/);
    assert.match(world.receiver.requests[0].body.toString(), /"id":"strange"/);
    await world.sqs.send([orderChange({ id: "strange", seller: ACME })]);
    await world.until("ours is delivered", () => world.receiver.delivered.has("strange"));
  });

  it("what is held is released when its seller is configured", async (t) => {
    const world = await World.create(t, { seller: { seller_id: ACME } });
    await world.start();
    await world.sqs.send([orderChange({ id: "early", seller: BETA }), orderChange({ id: "strange", seller: STRANGER })]);
    await world.until("both are held", async () => (await held(world)).length === 2);
    world.options.config = (sections) => {
      sections["seller beta"] = { queue: "orders", seller_id: BETA };
    };
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.until("it is delivered", () => world.receiver.delivered.has("early"));
    assert.equal(world.receiver.byId.get("early")[0].headers["dockbell-seller"], "beta");
    assert.match(world.receiver.byId.get("early")[0].body.toString(), /"seller":"beta"/);
    await world.says(/1 notification was held as an unknown sender's and released/);
    assert.deepEqual(await held(world), ["strange"]);
    await world.sqs.send([orderChange({ id: "early", seller: BETA })]);
    await world.until("it is a copy", async () => (await world.status()).notifications.duplicates === 1);
    const { notifications: n } = await world.status();
    assert.equal(n.received, n.accepted + n.duplicates + n.rejected + n.over_limit);
  });

  it("what is held is released when another program's subscription is found", async (t) => {
    const world = await World.create(t, { seller: registered(ACME, "ORDER_CHANGE") });
    await world.start();
    await world.says(/created subscription/);
    // Nothing in the config asks for the type: another program makes the subscription.
    const destination = await world.json("destinations", "list");
    const { id } = await world.json("subscriptions", "create", "acme", "DETAIL_PAGE_TRAFFIC_EVENT", destination.id);
    assert.ok(id);
    await world.sqs.send([envelope({ type: "DETAIL_PAGE_TRAFFIC_EVENT", id: "found", subscription: id, payload: {} })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("found"), { seconds: 60 });
    assert.match(world.daemon.stderr, /its subscription .* is not known/);
  });

  it("a subscription that the command register has just made is known to the daemon that runs", async (t) => {
    const world = await World.create(t, { seller: registered(ACME, "ORDER_CHANGE") });
    await world.start();
    await world.says(/created subscription/);
    world.options.seller = registered(ACME, "ORDER_CHANGE, DETAIL_PAGE_TRAFFIC_EVENT");
    await world.writeConfig(); // and no reload
    const { stdout, stderr, code } = await world.dockbell("register", "--output=json");
    assert.equal(code, 0, stderr);
    const made = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line)).find((r) => r.result === "created");
    await world.sqs.send([envelope({ type: "DETAIL_PAGE_TRAFFIC_EVENT", id: "new", subscription: made.id, payload: {} })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("new"));
    assert.doesNotMatch(world.daemon.stderr, /is not known/);
  });

  it("notifications that are held are released as soon as the command register has found their subscription", async (t) => {
    const world = await World.create(t, { seller: registered(ACME, "ORDER_CHANGE") });
    await world.start();
    await world.says(/created subscription/);
    const traffic = (id, subscription) => envelope({ type: "DETAIL_PAGE_TRAFFIC_EVENT", id, subscription, payload: {} });
    const destination = await world.json("destinations", "list");
    const subscribe = async () => (await world.json("subscriptions", "create", "acme", "DETAIL_PAGE_TRAFFIC_EVENT", destination.id)).id;
    // The daemon asks Amazon once an hour at most: now, and not for the next one.
    const first = await subscribe();
    await world.sqs.send([traffic("found", first)]);
    await world.until("it is delivered", () => world.receiver.delivered.has("found"), { seconds: 60 });
    const deleted = await world.dockbell("subscriptions", "delete", "acme", "DETAIL_PAGE_TRAFFIC_EVENT", first);
    assert.equal(deleted.code, 0, deleted.stderr);
    await world.sqs.send([traffic("early", await subscribe())]);
    await world.until("it is held", async () => (await held(world)).length === 1);
    world.options.seller = registered(ACME, "ORDER_CHANGE, DETAIL_PAGE_TRAFFIC_EVENT");
    await world.writeConfig(); // and no reload
    const { stderr, code } = await world.dockbell("register");
    assert.equal(code, 0, stderr);
    await world.until("it is delivered", () => world.receiver.delivered.has("early"));
    assert.deepEqual(await held(world), []);
  });

  it("register reports that it cannot write its subscriptions into the store", async (t) => {
    const world = await World.create(t, { seller: registered(ACME, "ORDER_CHANGE") });
    await mkdir(world.stateDirectory, { recursive: true });
    await writeFile(path.join(world.stateDirectory, "dockbell.db"), "this is no database, but long enough for one".repeat(20));
    const { code, stderr } = await world.dockbell("register");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the subscriptions are registered, but they cannot be written into the store: \S+dockbell\.db: .*systemctl reload dockbell/);
  });

  it("the id of a seller without one is learnt, and kept over a restart", async (t) => {
    const { seller_id, ...rest } = registered(ACME, "ORDER_CHANGE");
    const world = await World.create(t, { seller: rest });
    await world.start();
    await world.says(/created subscription/);
    const [, subscription] = /created subscription (\S+)/.exec(world.daemon.stderr);
    const order = (id, seller, sub) => envelope({ type: "ORDER_CHANGE", id, subscription: sub, payload: { OrderChangeNotification: { SellerId: seller, AmazonOrderId: "306-1" } } });
    await world.sqs.send([order("strange", STRANGER)]);
    await world.until("it is held", async () => (await held(world)).length === 1);
    await world.sqs.send([order("first", seller_id, subscription)]);
    await world.until("it is delivered", () => world.receiver.delivered.has("first"));
    await world.sqs.send([order("second", seller_id)]);
    await world.until("it is delivered", () => world.receiver.delivered.has("second"));
    await world.daemon.stop("SIGTERM");
    await world.start();
    await world.sqs.send([order("third", seller_id), order("stranger", STRANGER)]);
    await world.until("it is delivered", () => world.receiver.delivered.has("third"));
    await world.settled();
    assert.deepEqual(await held(world), ["strange", "stranger"]);
  });

  it("a trickle of strangers' notifications does not break the silence", async (t) => {
    const world = await World.create(t, { seller: { seller_id: ACME }, queue: { quiet_alarm: "10s" } });
    await world.start();
    let n = 0;
    const trickle = setInterval(() => world.sqs.send([orderChange({ id: `s${n++}`, seller: STRANGER })]).catch(() => {}), 2000);
    t.after(() => clearInterval(trickle));
    await world.says(/queue orders answers, but nothing has come for \d+s/);
    assert.ok(n > 2);
  });

  it("each start and reload says that unknown senders are forwarded, and drop keeps nothing", async (t) => {
    const world = await World.create(t, { seller: { seller_id: ACME }, daemon: { unknown_seller: "forward" } });
    await world.start();
    const words = /unknown_seller = forward: everybody who can publish/;
    await world.says(words);
    const said = await reload(world, (sections) => { sections["webhook wms"].concurrency = 3; }, words);
    assert.match(said, /was read again/);
    const check = await world.dockbell("check");
    assert.match(check.stdout + check.stderr, /unknown_seller: forward signs and delivers what anybody publishes/);
    await world.daemon.stop("SIGTERM");
    world.options.daemon.unknown_seller = "drop";
    await world.writeConfig();
    await world.start();
    await world.sqs.send([orderChange({ id: "strange", seller: STRANGER }), orderChange({ id: "ours", seller: ACME })]);
    await world.until("ours is delivered", () => world.receiver.delivered.has("ours"));
    await world.settled();
    const { notifications, unknown } = await world.status();
    assert.deepEqual([notifications.received, notifications.accepted, notifications.over_limit], [2, 1, 1]);
    assert.equal(unknown.notifications, 0);
    assert.deepEqual(await held(world), []);
  });

  it("beyond the limits they are counted or stay in SQS, and come back later", async (t) => {
    const world = await World.create(t, { seller: { seller_id: ACME }, daemon: { max_unknown: "2" } });
    await world.start();
    const nameless = (id) => envelope({ type: "ORDER_CHANGE", id, payload: { OrderChangeNotification: { AmazonOrderId: "306-1" } } });
    await world.sqs.send([nameless("a"), nameless("b"), nameless("c"), orderChange({ id: "strange", seller: STRANGER }), "not JSON"]);
    await world.says(/no more notifications from unknown senders are kept/);
    await world.until("the foreign one is counted", async () => (await world.status()).notifications.over_limit >= 1);
    const { queues: [queue] } = await world.sandbox.state();
    assert.ok(queue.in_flight >= 1, "the others wait in SQS");
    assert.equal((await world.status()).unknown.notifications, 2);
    await world.until("the alarm is there", async () => (await world.status()).alarms.some((alarm) => alarm.event === "unknown-limit"));
    // An operator drops what is held: there is room, and what was left comes again after 12 hours.
    const dropped = await world.dockbell("queue", "drop", "ALL", "--state=held", "--yes");
    assert.equal(dropped.code, 0, dropped.stderr);
    await world.until("there is room", async () => (await world.status()).unknown.notifications === 0, { seconds: 100 });
    await world.says(/notifications from unknown senders are kept again/);
    await world.sandbox.pass(43200);
    await world.until("they are kept now", async () => (await world.status()).unknown.notifications >= 1);
  });

  it("a mixed attack on a small disk stops nothing, signs nothing and hides nothing", { skip }, async (t) => {
    const world = await World.create(t, { seller: registered(ACME, "ORDER_CHANGE"), daemon: { max_unknown_size: "4M", max_unknown: "200" } });
    const disk = await SmallDisk.create(t, world.stateDirectory, "64M");
    await disk.start(world);
    await world.says(/created subscription/);
    const stuffing = "x".repeat(200_000);
    const order = (id, seller, more) => envelope({ type: "ORDER_CHANGE", id, payload: { OrderChangeNotification: { AmazonOrderId: "306-1", ...seller, ...more } } });
    const ours = (i) => orderChange({ id: `ours-${i}`, seller: ACME, order: `306-7-${i}` });
    const attack = (i) => [
      order(`missing-${i}`, {}, { stuffing }), order(`foreign-${i}`, { SellerId: `A9STRANGER${i}` }, { stuffing }),
      order(`unfit-${i}`, { SellerId: [stuffing] }), `{"broken ${i} ${stuffing}`,
      envelope({ type: "SHIPMENT_TRACKING_MILESTONE_CHANGED", id: `sub-${i}`, subscription: `foreign-${i}`, payload: PAYLOADS.SHIPMENT_TRACKING_MILESTONE_CHANGED() }),
      order(`ours-${i}`, { SellerId: STRANGER }), order(`ours-${i + 1}`, {}),
      orderChange({ id: `future-${i}`, seller: STRANGER, time: Date.parse("2099-01-01T00:00:00Z") }),
      orderChange({ id: `past-${i}`, seller: STRANGER, time: Date.parse("1999-01-01T00:00:00Z") }),
      order("same-id", { SellerId: STRANGER }, { i }),
    ];
    for (let i = 0; i < 100; i++) await world.sqs.send([...attack(i), ours(i)]);
    await world.until("all of ours are delivered", () =>
      Array.from({ length: 100 }, (_, i) => i).every((i) => world.receiver.delivered.has(`ours-${i}`)), { seconds: 120 });
    assert.equal(world.receiver.delivered.size, 100, "and nothing else");
    assert.deepEqual(world.receiver.faults, []);
    const status = JSON.parse((await disk.dockbell(world, "status", "--output=json")).stdout);
    assert.ok(status.unknown.notifications <= 200 && status.unknown.bytes <= 4 << 20, JSON.stringify(status.unknown));
    assert.ok(status.notifications.over_limit > 0);
    assert.doesNotMatch(world.daemon.stderr, /disk of the store is full|receiving pauses/);
    assert.doesNotMatch(world.daemon.stderr, /came before with other contents.*ours-/);
    // Still alive, and what comes now goes through.
    await world.sqs.send([ours("last")]);
    await world.until("the last one is delivered", () => world.receiver.delivered.has("ours-last"));
  });

  it("the alarm of a warehouse that is down comes, and ends, while strangers flood the queue", async (t) => {
    const chat = new Receiver({ secret: OTHER });
    await chat.listen();
    t.after(() => chat.close());
    let down = false;
    const world = await World.create(t, {
      seller: registered(ACME, "ORDER_CHANGE"), daemon: { max_unknown: "50" }, answer: () => (down ? { status: 503 } : undefined),
    });
    world.options.config = (sections) => {
      sections.alarm = { url: chat.url, secret: OTHER };
    };
    await world.writeConfig();
    await world.start();
    const states = (event) => chat.requests.map((r) => JSON.parse(r.body).data).filter((d) => d.event === event).map((d) => d.state);
    const ours = (i) => orderChange({ id: `ours-${i}`, seller: ACME, order: `306-7-${i}` });
    let attacks = true, sent = 0;
    const attack = (async () => {
      for (; attacks; sent += 10)
        await world.sqs.send([
          ...[1, 2, 3].map((i) => orderChange({ id: `foreign-${sent + i}`, seller: `A9STRANGER${sent + i}` })),
          ...[4, 5, 6].map((i) => `{"broken ${sent + i}`),
          ...[7, 8].map((i) => envelope({ type: "SHIPMENT_TRACKING_MILESTONE_CHANGED", id: `sub-${sent + i}`, subscription: `foreign-${sent + i}`, payload: {} })),
          ...[9, 10].map((i) => orderChange({ id: `ours-${i}`, seller: STRANGER, time: Date.UTC(2099, 0, i) })),
        ]);
    })();
    await world.until("the attack has begun", async () => (await world.status()).notifications.over_limit > 0);
    down = true;
    await world.sqs.send([1, 2, 3, 4, 5, 6].map(ours));
    await world.until("the alarm comes", () => states("breaker-opened").includes("raised"), { seconds: 60 });
    down = false;
    await world.until("its end comes", () => states("breaker-opened").includes("cleared"), { seconds: 120 });
    await world.until("ours are delivered", () => [1, 2, 3, 4, 5, 6].every((i) => world.receiver.delivered.has(`ours-${i}`)));
    attacks = false;
    await attack;
    t.diagnostic(`${sent} notifications of strangers, ${chat.requests.length} alarm messages`);
    assert.equal(world.receiver.delivered.size, 6);
    assert.ok(chat.requests.length < 20, "the attack itself is few alarms");
  });
});
