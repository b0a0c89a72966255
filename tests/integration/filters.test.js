// SPDX-License-Identifier: MIT
// Who gets what: filters, several webhooks, and webhooks that leave, come back or are new.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange, withId } from "./lib/messages.js";
import { root } from "./lib/program.js";
import { Receiver, SECRET } from "./lib/receiver.js";
import { SELLER_ID, World } from "./lib/world.js";

const OTHER_SELLER = "A2WAREHOUSE0002";
const DE = "A1PA6795UKMFR9";
const FR = "A13V1IB3VIYZZH";

const sample = (name, id) =>
  withId(readFileSync(path.join(root, "tests/samples", name), "utf8").replaceAll("A2EXAMPLESELLER", SELLER_ID), id);

// Every combination, and types that have no such fields.
function everything() {
  const messages = [];
  let number = 0;
  for (const seller of [SELLER_ID, OTHER_SELLER])
    for (const marketplace of [DE, FR])
      for (const fulfillment of ["MFN", "AFN"])
        for (const status of ["Unshipped", "Canceled"])
          for (const change of ["OrderStatusChange", "BuyerRequestedChange"]) {
            const id = `order-${++number}`;
            const order = `306-${number}`;
            const fields = { type: "ORDER_CHANGE", seller, marketplace, fulfillment, status, change };
            messages.push({ id, ...fields, body: orderChange({ id, order, ...fields }) });
          }
  return messages;
}

// What each filter of the configuration says of a message.
const has = (list, value) => list === undefined || list.split(", ").includes(value);
const hasIfThere = (list, value) => value === undefined || has(list, value);
const NAMES = { [SELLER_ID]: "acme", [OTHER_SELLER]: "beta" };
const wants = (w, m) =>
  has(w.sellers, NAMES[m.seller]) &&
  has(w.types, m.type) &&
  hasIfThere(w.marketplaces, m.marketplace) &&
  hasIfThere(w.fulfillments, m.fulfillment) &&
  hasIfThere(w.statuses, m.status) &&
  hasIfThere(w.changes, m.change);

async function receivers(t, names) {
  const all = {};
  for (const name of names) {
    all[name] = new Receiver();
    await all[name].listen();
    t.after(() => all[name].close());
  }
  return all;
}

// A world with these webhooks in place of its own; `webhooks` may be changed later.
async function worldOf(t, webhooks, { sellers = true } = {}) {
  const config = (sections) => {
    delete sections["webhook wms"];
    sections["seller acme"].seller_id = SELLER_ID;
    if (sellers) sections["seller beta"] = { queue: "orders", seller_id: OTHER_SELLER };
    for (const [name, keys] of Object.entries(webhooks)) sections[`webhook ${name}`] = { secret: SECRET, ...keys };
  };
  const world = await World.create(t, { config });
  await world.start();
  return world;
}

async function reload(world) {
  const before = world.daemon.stderr.length;
  await world.writeConfig();
  world.daemon.kill("SIGHUP");
  world.daemon.told = false;
  await world.until("it is reloaded", () => /was read again/.test(world.daemon.stderr.slice(before)));
}

async function succeeds(world, ...args) {
  const result = await world.dockbell(...args);
  assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

const got = (receiver) => [...receiver.delivered.keys()].sort();
const accepted = (world, count) =>
  world.until(`${count} are accepted`, async () => (await world.status()).notifications.accepted === count);

describe("filters", { concurrency: 4 }, () => {
  it("each webhook gets what passes all of its filters, and what nobody wants is kept", async (t) => {
    const filters = {
      one: { sellers: "acme" },
      two: { types: "ORDER_CHANGE", marketplaces: FR },
      three: { fulfillments: "AFN", statuses: "Canceled, Shipped", sellers: "beta" },
      four: { changes: "BuyerRequestedChange", statuses: "Unshipped", marketplaces: `${DE}, ${FR}`, types: "ORDER_CHANGE" },
      five: { types: "REPORT_PROCESSING_FINISHED", statuses: "Shipped, DONE" },
    };
    const all = await receivers(t, Object.keys(filters));
    for (const [name, keys] of Object.entries(filters)) keys.url = all[name].url;
    const messages = everything();
    const report = { id: "report", type: "REPORT_PROCESSING_FINISHED", seller: SELLER_ID };
    report.body = sample("report-processing-finished.json", "report");
    messages.push(report);
    const world = await worldOf(t, filters);
    await world.sqs.send(messages.map((m) => m.body));
    await accepted(world, messages.length);
    await world.settled();
    let deliveries = 0;
    for (const [name, keys] of Object.entries(filters)) {
      const expected = messages.filter((m) => wants(keys, m)).map((m) => m.id);
      assert.deepEqual(got(all[name]), expected.sort(), name);
      assert.deepEqual(all[name].faults, [], name);
      deliveries += expected.length;
    }
    const nobody = messages.filter((m) => !Object.values(filters).some((keys) => wants(keys, m))).map((m) => m.id);
    assert.ok(nobody.length >= 2, "some are wanted by nobody");
    const { deliveries: counts, notifications } = await world.status();
    assert.equal(counts.filtered, nobody.length);
    assert.equal(counts.delivered, deliveries);
    assert.equal(notifications.received, messages.length);
    const kept = await world.list("--state=filtered");
    assert.deepEqual(kept.map((r) => r.notification_id).sort(), nobody.sort());
    assert.equal(kept[0].webhook, null);
    const shown = await succeeds(world, "queue", "show", String(kept[0].id));
    assert.match(shown, /^Last error: +no webhook wants it$/m);
    assert.ok(shown.includes(`"NotificationId":"${kept[0].notification_id}"`), "its body is kept");
    assert.equal((await world.list()).length, 0, "nothing waits");
  });

  it("a change of filters leaves what was accepted as it is", async (t) => {
    const all = await receivers(t, ["wms"]);
    const webhooks = { wms: { url: all.wms.url, statuses: "Shipped" } };
    const world = await worldOf(t, webhooks);
    await world.sqs.send([orderChange({ id: "before", order: "306-1" })]);
    await accepted(world, 1);
    webhooks.wms.statuses = "Unshipped";
    await reload(world);
    await world.sqs.send([orderChange({ id: "after", order: "306-2" })]);
    await world.until("the second is delivered", () => all.wms.delivered.has("after"));
    assert.deepEqual(got(all.wms), ["after"]);
    assert.equal((await world.status()).deliveries.filtered, 1);
  });
});

describe("webhooks that leave, come back or are new", { concurrency: 4 }, () => {
  const ORDERS = ["a", "b", "c"];
  const send = (world, from) => world.sqs.send(ORDERS.map((o) => orderChange({ id: `${from}-${o}`, order: `306-${o}` })));

  it("one that left keeps what waits for it as orphaned, and gets it when it is back", async (t) => {
    const all = await receivers(t, ["wms", "erp"]);
    const webhooks = { wms: { url: all.wms.url }, erp: { url: all.erp.url } };
    const world = await worldOf(t, webhooks);
    all.erp.answer = () => ({ status: 503 });
    await send(world, "first");
    await world.until("the one that works has them", () => all.wms.delivered.size === 3);
    const { erp } = webhooks;
    delete webhooks.erp;
    await reload(world);
    await world.until("they are orphaned", async () => (await world.status()).deliveries.orphaned === 3);
    assert.deepEqual((await world.list()).map((r) => [r.webhook, r.state]), ORDERS.map(() => ["erp", "orphaned"]));
    await send(world, "second");
    await world.until("the other goes on", () => all.wms.delivered.size === 6);
    const requests = all.erp.requests.length;
    all.erp.answer = () => undefined;
    webhooks.erp = erp;
    await reload(world);
    await world.until("it got what waited", () => all.erp.delivered.size === 3);
    await world.settled();
    assert.deepEqual(got(all.erp), ORDERS.map((o) => `first-${o}`));
    assert.ok(all.erp.requests.length > requests);
    assert.deepEqual([...all.wms.wrong, ...all.erp.wrong, ...all.wms.repeated], []);
  });

  it("a new one gets what comes from now on, and with resend --from what waited for the one that left", async (t) => {
    const all = await receivers(t, ["old", "new"]);
    const webhooks = { old: { url: all.old.url } };
    const world = await worldOf(t, webhooks);
    all.old.answer = (r) => (r.order === "306-a" ? undefined : { status: 503 });
    await send(world, "first");
    await world.until("one is delivered, two wait", async () => {
      const { deliveries } = await world.status();
      return deliveries.delivered === 1 && deliveries.ready === 2;
    });
    delete webhooks.old;
    webhooks.new = { url: all.new.url };
    await reload(world);
    await send(world, "second");
    await world.until("the new one has the new", () => all.new.delivered.size === 3);
    assert.deepEqual(got(all.new), ORDERS.map((o) => `second-${o}`));
    const { code, stderr } = await world.dockbell("queue", "resend", "ALL", "--from=new", "--webhook=old");
    assert.equal(code, 2);
    assert.match(stderr, /new is in the configuration/);
    assert.match(await succeeds(world, "queue", "resend", "ALL", "--from=old", "--webhook=new"), /^2 deliveries/);
    await world.until("and what waited", () => all.new.delivered.size === 5);
    await world.settled();
    assert.deepEqual(got(all.new), ["first-b", "first-c", "second-a", "second-b", "second-c"]);
    assert.equal((await world.status()).deliveries.orphaned, 0);
    assert.deepEqual(all.new.wrong, []);
    assert.equal(all.new.byId.get("first-b")[0].sha256, all.old.byId.get("first-b")[0].sha256);
  });

  it("resend takes one webhook's of a time, and the others hear nothing of it", async (t) => {
    const all = await receivers(t, ["wms", "erp"]);
    const world = await worldOf(t, { wms: { url: all.wms.url }, erp: { url: all.erp.url } });
    await send(world, "first");
    await world.until("all are delivered", () => all.wms.delivered.size + all.erp.delivered.size === 6);
    await world.settled();
    assert.match(await succeeds(world, "queue", "resend", "ALL", "--webhook=erp", "--until=1h"), /^0 deliveries/);
    assert.match(await succeeds(world, "queue", "resend", "ALL", "--webhook=erp", "--since=1h"), /^3 deliveries sent/);
    await world.until("they came again", () => all.erp.repeated.length === 3);
    await world.settled();
    assert.deepEqual(all.wms.repeated, []);
    assert.ok([...all.erp.byId.values()].every((r) => r.length === 2 && r[1].headers["dockbell-resend"] === "1"));
    assert.equal((await world.dockbell("queue", "resend", "ALL", "--webhook=nobody", "--since=1h")).code, 2);
  });
});

describe("check looks at filters", () => {
  it("names values that can never match, and stays friendly about new ones", async (t) => {
    const webhooks = {
      wms: { url: "http://127.0.0.1:9/", types: "ORDER_CHANGE", statuses: "unshipped, Shiped, StatusOfTomorrow, Shipped", fulfillments: "mfn" },
      erp: { url: "http://127.0.0.1:9/", types: "ORDER_CHANGES, TRANSACTION_UPDATE", changes: "buyerRequestedChange" },
    };
    const config = (sections) => {
      for (const [name, keys] of Object.entries(webhooks)) sections[`webhook ${name}`] = { secret: SECRET, ...keys };
    };
    const world = await World.create(t, { config });
    const { code, stdout, stderr } = await world.dockbell("check");
    const said = stdout + stderr;
    assert.equal(code, 0, said);
    assert.match(said, /\[webhook wms\] statuses: unshipped is not a value known here \(is Unshipped meant\?\)/);
    assert.match(said, /Shiped is not .* \(is Shipped meant\?\)/);
    assert.match(said, /StatusOfTomorrow is not among the values that Amazon documents/);
    assert.match(said, /\[webhook wms\] fulfillments: mfn is not .* \(is MFN meant\?\)/);
    assert.match(said, /\[webhook erp\] types: ORDER_CHANGES is not .* \(is ORDER_CHANGE meant\?\)/);
    assert.match(said, /\[webhook erp\] changes: filters nothing/);
    assert.doesNotMatch(said, /: Shipped is not/);
  });
});
