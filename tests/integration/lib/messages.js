// SPDX-License-Identifier: MIT
// Notifications for tests: generated order changes, and the samples of tests/samples.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./program.js";
import { Random } from "./random.js";

const FIRST_TIME = Date.parse("2025-06-02T08:00:00.000Z");

export function orderChange({
  id,
  order = "306-1000001-0000001",
  seller = "A2WAREHOUSE0001",
  time = FIRST_TIME,
  status = "Unshipped",
  quantity = 1,
  change = "OrderStatusChange",
  marketplace = "A1PA6795UKMFR9",
  fulfillment = "MFN",
}) {
  return JSON.stringify({
    NotificationVersion: "1.0",
    NotificationType: "ORDER_CHANGE",
    PayloadVersion: "1.0",
    EventTime: new Date(time + 5000).toISOString(),
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: "OrderLevel",
        SellerId: seller,
        AmazonOrderId: order,
        OrderChangeType: change,
        OrderChangeTrigger: {
          TimeOfOrderChange: new Date(time).toISOString(),
          ChangeReason: "Order Status Change",
        },
        Summary: {
          MarketplaceId: marketplace,
          OrderStatus: status,
          DestinationPostalCode: "10115",
          FulfillmentType: fulfillment,
          OrderItems: [{ OrderItemId: "70000000000001", SellerSKU: "MUG-BLUE-2", Quantity: quantity }],
        },
      },
    },
    NotificationMetadata: {
      ApplicationId: "amzn1.sp.solution.0d0c",
      SubscriptionId: "5ub5c21b-0000-4000-8000-000000000000",
      PublishTime: new Date(time + 6000).toISOString(),
      NotificationId: id,
    },
  });
}

const idOf = (random) => {
  const h = random.hex(32);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20)}`;
};

// `count` order changes of `orders` orders, some of them twice, in no order at all.
export function traffic({ count, orders = 50, duplicates = 0.05, seed = 1 }) {
  const random = new Random(seed);
  const ids = [];
  const bodies = [];
  for (let i = 0; i < count; i++) {
    const id = idOf(random);
    const order = `306-2000000-${String(random.between(1, orders)).padStart(7, "0")}`;
    const body = orderChange({ id, order, time: FIRST_TIME + i * 1000 });
    ids.push(id);
    bodies.push(body);
    if (random.next() < duplicates) bodies.push(body);
  }
  return { ids, bodies: random.shuffle(bodies) };
}

const ID = /("[nN]otificationId"\s*:\s*")([^"]*)(")/;

export const notificationId = (body) => ID.exec(body)?.[2];

// The same bytes with another id: samples from different sources share theirs.
export const withId = (body, id) => body.replace(ID, `$1${id}$3`);

function readFolder(folder) {
  let names;
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ name, body: readFileSync(path.join(folder, name), "utf8") }));
}

// JSON documents in a text that are notifications: an object that has an envelope.
function findInText(text) {
  const found = [];
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) {
    for (let end = text.indexOf("}", at); end >= 0; end = text.indexOf("}", end + 1)) {
      const piece = text.slice(at, end + 1);
      if ((piece.match(/{/g) ?? []).length !== (piece.match(/}/g) ?? []).length) continue;
      try {
        const value = JSON.parse(piece);
        if (value.notificationType ?? value.NotificationType) {
          found.push(piece);
          at = end;
        }
      } catch {
        // Prose with braces, or documents with comments: no JSON.
      }
      break;
    }
  }
  return found;
}

// All samples: ours, and what lies in a folder `shared` beside the project, when there is one.
export function samples() {
  const own = readFolder(path.join(root, "tests/samples"));
  const shared = path.resolve(root, "../shared");
  const official = readFolder(path.join(shared, "data/messages"));
  const seeds = [];
  try {
    for (const name of readdirSync(path.join(shared, "seeds")))
      for (const [i, body] of findInText(readFileSync(path.join(shared, "seeds", name), "utf8")).entries())
        seeds.push({ name: `${name}#${i}`, body });
  } catch {
    // No such folder.
  }
  return [...own, ...official, ...seeds];
}
