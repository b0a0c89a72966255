// SPDX-License-Identifier: MIT
// The outbox's tools: selections, resend, log, shape, pause; a webhook that was renamed.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { configText } from "./lib/config.js";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

async function succeeds(world, ...args) {
  const result = await world.dockbell(...args);
  assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

// A world that has delivered an event for each order.
async function delivered(t, orders, options) {
  const world = await World.create(t, options);
  await world.start();
  await world.sqs.send(orders.map((order) => orderChange({ id: `id-${order}`, order })));
  await world.until("all are delivered", () => orders.every((o) => world.receiver.delivered.has(`id-${o}`)));
  await world.settled();
  return world;
}

const times = (world, id) => world.receiver.byId.get(id)?.length ?? 0;

describe("queue tools", { concurrency: 4 }, () => {
  it("resend: once more, same id and bytes, counted", async (t) => {
    const world = await delivered(t, ["306-a", "306-b"]);
    const [row] = (await world.list("--state=delivered")).filter((r) => r.order_id === "306-a");
    assert.match(await succeeds(world, "queue", "resend", String(row.id)), /1 delivery sent once more/);
    await world.until("it came again", () => times(world, "id-306-a") === 2);
    await world.settled();
    const [first, second] = world.receiver.byId.get("id-306-a");
    assert.equal(second.sha256, first.sha256);
    assert.equal(second.headers["dockbell-resend"], "1");
    assert.equal(first.headers["dockbell-resend"], undefined);
    assert.equal(times(world, "id-306-b"), 1);
  });

  it("resend ALL takes a selection, --dry-run changes nothing, --rate spreads it", async (t) => {
    const orders = ["306-a", "306-b", "306-c"];
    const world = await delivered(t, orders);
    await world.daemon.stop("SIGTERM");
    assert.match(await succeeds(world, "queue", "resend", "ALL", "--since=1h", "--dry-run"), /3 deliveries would be/);
    assert.equal((await world.list()).length, 0);
    assert.match(await succeeds(world, "queue", "resend", "ALL", "--until=1h"), /^0 deliveries/);
    assert.match(await succeeds(world, "queue", "resend", "ALL", "--order=306-b", "--output=json"), /"changed":1,/);
    assert.deepEqual((await world.list()).map((r) => r.order_id), ["306-b"]);
    await succeeds(world, "queue", "resend", "ALL", "--rate=1/h");
    const next = (await world.list()).filter((r) => r.order_id !== "306-b").map((r) => Date.parse(r.next_attempt));
    assert.equal(Math.round(Math.abs(next[1] - next[0]) / 1000), 3600);
    const { code, stderr } = await world.dockbell("queue", "resend", "ALL", "--rate=often");
    assert.equal(code, 2);
    assert.match(stderr, /10\/s/);
  });

  it("--rate spreads what is resent also when the webhook works again meanwhile", async (t) => {
    const old = Array.from({ length: 6 }, (_, n) => `306-${n}`);
    const fresh = Array.from({ length: 6 }, (_, n) => `307-${n}`);
    const world = await delivered(t, old, { webhook: { retry_first: "10m", probe_first: "1s", probe_longest: "1s" } });
    const breaker = async () => (await world.status()).webhooks[0].breaker;
    world.receiver.answer = () => ({ status: 503 });
    await world.sqs.send(fresh.map((order) => orderChange({ id: `id-${order}`, order })));
    await world.until("the breaker is open", async () => (await breaker()) === "open");
    await succeeds(world, "queue", "resend", "ALL", "--rate=1/h");
    world.receiver.answer = () => undefined;
    await world.until("what failed is delivered", () => fresh.every((o) => world.receiver.delivered.has(`id-${o}`)));
    assert.equal(await breaker(), "closed");
    const moments = (await world.list()).map((r) => Date.parse(r.next_attempt)).sort((a, b) => a - b);
    assert.ok(moments.length >= 4, `${moments.length} wait`);
    for (let i = 1; i < moments.length; i++) assert.ok(moments[i] - moments[i - 1] > 3500_000, `${moments}`);
  });

  it("list and drop by order, type, seller, time and class of error", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 400 }) });
    await world.start();
    await world.sqs.send([orderChange({ id: "a", order: "306-a" }), orderChange({ id: "b", order: "306-b" })]);
    await world.until("both were refused", async () => (await world.list()).filter((r) => r.error_class).length === 2);
    const [{ error_class }] = await world.list();
    const count = async (...args) => (await world.list(...args)).length;
    assert.equal(await count("--order=306-a"), 1);
    assert.equal(await count("--type=ORDER_CHANGE"), 2);
    assert.equal(await count("--type=FEE_PROMOTION"), 0);
    assert.equal(await count("--seller=acme"), 2);
    assert.equal(await count("--seller=A2WAREHOUSE0001"), 2);
    assert.equal(await count(`--error-class=${error_class}`), 2);
    assert.equal(await count("--error-class=timeout"), 0);
    assert.equal(await count("--since=5m", "--until=2100-01-01"), 2);
    assert.equal(await count("--until=2020-01-01T00:00:00Z"), 0);
    assert.equal((await world.dockbell("queue", "list", "--since=yesterday")).code, 2);
    assert.match(await succeeds(world, "queue", "drop", "ALL", "--order=306-a"), /^1 delivery dropped/);
    assert.deepEqual((await world.list()).map((r) => r.order_id), ["306-b"]);
    const { code, stderr } = await world.dockbell("queue", "drop", "1", "--order=306-b");
    assert.equal(code, 2);
    assert.match(stderr, /filters go with ALL/);
  });

  it("log tells an order's story, also of what was delivered", async (t) => {
    const world = await World.create(t);
    let refuse = true;
    world.receiver.answer = () => (refuse ? { status: 503 } : undefined);
    await world.start();
    await world.sqs.send([orderChange({ id: "told", order: "306-a" })]);
    await world.until("it was tried", () => times(world, "told") > 0);
    refuse = false;
    await world.until("it is delivered", () => world.receiver.delivered.has("told"), { patience: 2 });
    await world.settled();
    const [{ id }] = await world.list("--state=all");
    for (const name of ["306-a", "told", String(id)]) {
      const told = await succeeds(world, "queue", "log", name);
      assert.match(told, /^Delivery 1 of told \(ORDER_CHANGE\), order 306-a, to wms: delivered$/m);
      assert.match(told, /received and stored$/m);
      assert.match(told, /try 1: status 503/);
    }
    const [line] = (await succeeds(world, "queue", "log", "told", "--output=json")).trim().split("\n").map(JSON.parse);
    assert.equal(line.state, "delivered");
    assert.ok(line.log.length >= 1);
    const { code, stderr } = await world.dockbell("queue", "log", "nobody");
    assert.equal(code, 2);
    assert.match(stderr, /nothing is known of nobody/);
  });

  it("show has the attempt of a delivery that was taken at once, and the journal its milliseconds", async (t) => {
    const world = await delivered(t, ["306-a"], { answer: () => ({ status: 202 }) });
    const [{ id, done }] = await world.list("--state=all");
    const { history } = await world.json("queue", "show", String(id));
    assert.deepEqual(history.map(({ attempt, http_status, class: what }) => [attempt, http_status, what]), [[1, 202, "delivered"]]);
    assert.equal(history[0].started, done);
    assert.match(await succeeds(world, "queue", "show", String(id)), /^1\s.*\b202\b.*delivered/m);
    assert.match(await succeeds(world, "queue", "log", String(id)), /delivered at the first try: status 202/);
    assert.match(world.daemon.stderr, /delivered: status 202, attempt 1, \d+ ms/);
  });

  it("pause sends nothing, shape shows what waits, resume goes on", async (t) => {
    const world = await delivered(t, ["306-a"]);
    await succeeds(world, "queue", "pause", "wms");
    await world.sqs.send([orderChange({ id: "later", order: "306-b" })]);
    await world.until("it waits", async () => (await world.list()).length === 1);
    assert.equal((await world.status()).webhooks[0].waiting, 1);
    assert.match(await succeeds(world, "queue", "shape"), /^wms\t1\t1\t0/m);
    const [shape] = (await succeeds(world, "queue", "shape", "--output=json")).trim().split("\n").map(JSON.parse);
    assert.deepEqual([shape.webhook, shape.total, shape.ages["1m"]], ["wms", 1, 1]);
    assert.equal(times(world, "later"), 0);
    await succeeds(world, "queue", "resume", "wms");
    await world.until("it goes on", () => world.receiver.delivered.has("later"));
    assert.equal((await world.dockbell("queue", "pause", "nobody")).code, 2);
  });

  it("a renamed webhook: what waits for the old name is given to the new one, in order", async (t) => {
    const world = await World.create(t);
    world.receiver.answer = () => ({ status: 503 });
    await world.start();
    const lane = (id, time) => orderChange({ id, order: "306-a", time });
    await world.sqs.send([lane("first", 1.75e12), lane("second", 1.76e12)]);
    await world.until("both wait", async () => (await world.list()).length === 2);
    await world.daemon.stop("SIGTERM");
    const sections = world.sections();
    sections["webhook warehouse"] = sections["webhook wms"];
    delete sections["webhook wms"];
    await writeFile(world.configFile, configText(sections), { mode: 0o600 });
    world.receiver.answer = () => undefined;
    await world.start();
    assert.deepEqual((await world.list()).map((r) => r.state), ["orphaned", "orphaned"]);
    const told = await succeeds(world, "queue", "resend", "ALL", "--from=wms", "--webhook=warehouse");
    assert.match(told, /^2 deliveries/);
    await world.until("both arrive", () => world.receiver.delivered.has("second"));
    await world.settled();
    assert.deepEqual(world.receiver.requests.filter((r) => r.status !== 503).length >= 2, true);
    assert.deepEqual(world.receiver.wrong, []);
    assert.deepEqual(await world.list(), []);
    const { code, stderr } = await world.dockbell("queue", "resend", "ALL", "--from=warehouse", "--webhook=wms");
    assert.equal(code, 2);
    assert.match(stderr, /is in the configuration/);
  });
});
