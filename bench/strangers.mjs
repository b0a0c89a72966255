// SPDX-License-Identifier: MIT
// Notifications from unknown senders, of every kind that an application of SP-API can publish to our queue,
// and what they cost. They are the same in every run.
const TIMES = ["2025-04-04T11:45:40.000Z", "2099-01-01T00:00:00.000Z", "1999-01-01T00:00:00.000Z"];
const SIZE_OF_LARGE = 200_000;
const LARGE_EVERY = 50;

function envelope(i, type, payload, { id = `stranger-${i}` } = {}) {
  return JSON.stringify({
    notificationVersion: "1.0",
    notificationType: type,
    payloadVersion: "1.0",
    eventTime: TIMES[i % TIMES.length],
    payload,
    notificationMetadata: {
      applicationId: "amzn1.sp.solution.0d0c",
      subscriptionId: `5ub5c21b-0000-4000-8000-${String(i).padStart(12, "0")}`,
      publishTime: TIMES[i % TIMES.length],
      notificationId: id,
    },
  });
}

function order(i, seller, more, options) {
  const change = { ...seller, AmazonOrderId: `306-${i}`, OrderChangeType: "OrderStatusChange", ...more };
  return envelope(i, "ORDER_CHANGE", { OrderChangeNotification: change }, options);
}

// A foreign seller, none, one that is no text, a foreign subscription, no JSON, an id that came before.
const KINDS = [
  (i, more) => order(i, { SellerId: `A9STRANGER${i % 1000}` }, more),
  (i, more) => order(i, {}, more),
  (i, more) => order(i, { SellerId: [i] }, more),
  (i) => envelope(i, "SHIPMENT_TRACKING_MILESTONE_CHANGED", { shipmentTrackingMilestoneChangedNotification: { trackingDetail: { identifier: { aftn: "A1" } } } }),
  (i) => `{"broken ${i}`,
  (i, more) => order(i, { SellerId: "A9STRANGER" }, more, { id: "one-id" }),
];
const FOREIGN = 0; // the one kind whose seller could not become known by a subscription
const REPLAYED = 5;

// `from` .. `from + count`: one body each.
export function strangers(from, count) {
  return Array.from({ length: count }, (_, k) => {
    const i = from + k;
    const stuffing = i % LARGE_EVERY === 0 ? { stuffing: "x".repeat(SIZE_OF_LARGE) } : {};
    return KINDS[i % KINDS.length](i, stuffing);
  });
}

// How many of them stay in SQS when none is kept.
export function staying(count) {
  return Array.from({ length: count }, (_, i) => i % KINDS.length).filter((kind) => kind !== FOREIGN && kind !== REPLAYED).length;
}
