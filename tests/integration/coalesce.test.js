// SPDX-License-Identifier: MIT
// coalesce = yes: of the states of an order that wait only the newest is sent.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Random } from "./lib/random.js";
import { World } from "./lib/world.js";

const MINUTE = 60_000;
const START = Date.parse("2025-06-02T08:00:00.000Z");
const event = (id, minute, rest) => orderChange({ id, time: START + minute * MINUTE, ...rest });
const request = (id, minute, rest) => event(id, minute, { change: "BuyerRequestedChange", ...rest });

const ids = (world) => world.receiver.requests.map((r) => r.id);
const delivered = (world) => [...world.receiver.delivered.keys()];

async function states(world) {
  const rows = await world.list("--state=all");
  return Object.fromEntries(rows.map((r) => [r.notification_id, r]));
}

async function succeeds(world, ...args) {
  const result = await world.dockbell(...args);
  assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

// A world whose webhook is paused, with these messages waiting in it.
async function waiting(t, bodies, options) {
  const world = await World.create(t, { webhook: { coalesce: "yes" }, ...options });
  await world.start();
  await succeeds(world, "queue", "pause", "wms");
  await world.sqs.send(bodies);
  await world.until("all are accepted", async () => (await world.status()).notifications.accepted === bodies.length);
  return world;
}

describe("coalesce", { concurrency: 4 }, () => {
  it("sends the newest state and every request, in order", async (t) => {
    const world = await waiting(t, [
      event("pending", 1, { status: "Pending" }),
      request("cancel", 2),
      event("shipped", 4, { status: "Shipped" }),
      event("unshipped", 3),
      event("other", 1, { order: "306-other" }),
    ]);
    const rows = await states(world);
    assert.equal(rows.pending.state, "superseded");
    assert.equal(rows.pending.superseded_by, rows.shipped.id);
    assert.equal(rows.unshipped.superseded_by, rows.shipped.id);
    assert.equal(rows.shipped.superseded_by, null);
    assert.equal((await world.status()).deliveries.superseded, 2);
    assert.equal((await world.list("--state=superseded")).length, 2);
    assert.match(await succeeds(world, "queue", "show", String(rows.pending.id)),
      new RegExp(`^State: +superseded\nSuperseded by: delivery ${rows.shipped.id}$`, "m"));
    assert.match(await succeeds(world, "queue", "log", "pending"), /superseded by delivery/);
    await succeeds(world, "queue", "resume", "wms");
    await world.settled();
    assert.deepEqual(delivered(world).filter((id) => id !== "other"), ["cancel", "shipped"]);
    await world.sqs.send([event("late", 2, { status: "Pending" })]);
    await world.until("the late one is accepted", async () => (await states(world)).late);
    assert.equal((await states(world)).late.state, "superseded");
    await world.says(/webhook wms: ORDER_CHANGE late, order [-0-9]+, is superseded: delivery \d+ has a newer state/);
    assert.equal(world.daemon.stderr.match(/ is superseded: /g).length, 3);
    assert.deepEqual(world.receiver.faults, []);
  });

  it("a superseded one can be sent all the same", async (t) => {
    const world = await waiting(t, [event("old", 1), event("new", 2)]);
    const { old } = await states(world);
    assert.match(await succeeds(world, "queue", "resend", "ALL"), /^0 deliveries/);
    assert.match(await succeeds(world, "queue", "resend", "ALL", "--state=superseded"), /^1 delivery sent once more$/m);
    await succeeds(world, "queue", "resume", "wms");
    await world.settled();
    assert.deepEqual(delivered(world), ["old", "new"]);
    await succeeds(world, "queue", "resend", String(old.id));
    await world.until("it came again", () => world.receiver.byId.get("old").length === 2);
    await world.settled();
    assert.equal(world.receiver.byId.get("old")[1].headers["dockbell-resend"], "2");
    assert.equal((await world.dockbell("queue", "resend", "ALL", "--state=dead")).code, 2);
  });

  it("held and dead ones are said to be superseded when somebody lets them go", async (t) => {
    const world = await waiting(t, [event("old", 1)]);
    const { old } = await states(world);
    await succeeds(world, "queue", "hold", String(old.id));
    await world.sqs.send([event("new", 2)]);
    await world.until("the newer is there", async () => (await states(world)).new);
    assert.equal((await states(world)).old.state, "held");
    assert.match(await succeeds(world, "queue", "release", String(old.id)),
      /^1 delivery released, 1 of them superseded: a newer state/);
    assert.equal((await states(world)).old.state, "superseded");
  });

  it("what failed yields to what came meanwhile", async (t) => {
    const world = await World.create(t, { webhook: { coalesce: "yes" } });
    let answer;
    world.receiver.answer = (r) => (r.id === "old" ? new Promise((done) => (answer = done)) : undefined);
    await world.start();
    await world.sqs.send([event("old", 1)]);
    await world.until("it is in flight", () => answer);
    await world.sqs.send([event("middle", 2), event("new", 3)]);
    await world.until("the newer ones are there", async () => (await states(world)).new);
    assert.equal((await states(world)).old.state, "inflight");
    answer({ status: 500 });
    await world.until("the newest is delivered", () => world.receiver.delivered.has("new"));
    await world.settled();
    assert.deepEqual(ids(world), ["old", "new"]);
    assert.equal((await states(world)).old.state, "superseded");
    assert.match((await states(world)).old.last_error, /500/);
  });

  it("a reload turns it on for the next notification", async (t) => {
    const options = { webhook: { coalesce: "no" } };
    const world = await waiting(t, [event("a", 1), event("b", 2)], options);
    options.webhook.coalesce = "yes";
    await world.writeConfig();
    world.daemon.kill("SIGHUP");
    world.daemon.told = false;
    await world.says(/\[webhook wms\].*coalesce/);
    await world.says(/was read again|eread|reloaded/i);
    assert.equal((await world.status()).deliveries.superseded, 0);
    await world.sqs.send([event("c", 3)]);
    await world.until("the new one is there", async () => (await states(world)).c);
    assert.equal((await world.status()).deliveries.superseded, 2);
  });

  it("a flaky receiver and kill -9: what it hears last of an order is the newest, and no request is lost", async (t) => {
    const random = new Random(11);
    const ORDERS = 40;
    const EVENTS = 8;
    const newest = new Map();
    const requests = [];
    const bodies = [];
    for (let order = 0; order < ORDERS; order++)
      for (let i = 0; i < EVENTS; i++) {
        const rest = { order: `306-${order}` };
        const id = `${order}-${i}`;
        const isRequest = i % 4 === 2;
        bodies.push(isRequest ? request(id, i, rest) : event(id, i, rest));
        if (isRequest) requests.push(id);
        else newest.set(rest.order, id);
      }
    random.shuffle(bodies);
    const world = await World.create(t, { webhook: { coalesce: "yes" } });
    const fails = (r) => r.attempt === 1 && random.next() < 0.2;
    world.receiver.answer = (r) => (fails(r) ? { status: 500 } : { status: 204, delay_ms: random.between(0, 20) });
    await world.start();
    for (let i = 0; i < bodies.length; i += 80) {
      await world.sqs.send(bodies.slice(i, i + 80));
      const accepted = async () => (await world.status()).notifications.accepted >= i + 20;
      await world.until("some are accepted", accepted);
      await world.daemon.stop("SIGKILL");
      await world.start();
    }
    await world.sandbox.pass(61);
    await world.settled({ seconds: 120 });
    for (const id of requests) assert.ok(world.receiver.delivered.has(id), id);
    for (const [order, id] of newest) {
      const states = world.receiver.requests.filter((r) => r.order === order && r.status === 204 && !requests.includes(r.id));
      assert.equal(states.at(-1).id, id, order);
    }
    assert.deepEqual(world.receiver.wrong, []);
    const { deliveries, notifications } = await world.status();
    assert.ok(deliveries.superseded > ORDERS, `${deliveries.superseded} superseded`);
    assert.equal(deliveries.delivered + deliveries.superseded, notifications.accepted);
  });
});
