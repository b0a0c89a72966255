// SPDX-License-Identifier: MIT
// The receivers of docs/samples against the real daemon, and against forged, late and repeated
// requests.
import assert from "node:assert/strict";
import { accessSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import net from "node:net";
import { describe, it } from "node:test";
import { Webhook } from "standardwebhooks";
import { orderChange, traffic } from "./lib/messages.js";
import { root } from "./lib/program.js";
import { SECRET } from "./lib/receiver.js";
import { obstacle, Sample, SAMPLES } from "./lib/sample.js";
import { until } from "./lib/wait.js";
import { World } from "./lib/world.js";

const OLD_SECRET = "whsec_" + Buffer.from("the secret that is rotated out!!").toString("base64");
const FIRST = Date.parse("2025-06-02T12:00:00Z");

// The newest time of each order in some notifications.
function newest(bodies) {
  const orders = new Map();
  for (const body of bodies) {
    const { AmazonOrderId, OrderChangeTrigger } = JSON.parse(body).Payload.OrderChangeNotification;
    const time = OrderChangeTrigger.TimeOfOrderChange;
    if (!orders.has(AmazonOrderId) || time > orders.get(AmazonOrderId)) orders.set(AmazonOrderId, time);
  }
  return orders;
}

// A body of the default format, as it is for a warehouse.
const eventOf = (
  id,
  { order = "306-1000001-0000001", time = FIRST, status = "Unshipped", change = "OrderStatusChange", level } = {},
) =>
  `{"type":"amazon.order_change","timestamp":"${new Date(time).toISOString()}","data":{"id":"${id}",` +
  `"notificationType":"ORDER_CHANGE","seller":"acme","sellerId":"A2","marketplaceId":"A1",` +
  `"orderId":"${order}","changeType":"${change}","changeReason":null,"status":"${status}",` +
  (level ? `"level":"${level}",` : "") +
  `"cancelRequested":${change === "BuyerRequestedChange"},` +
  `"fulfillment":"MFN","items":[],"notification":${orderChange({ id, order, time, status, change })}}}`;

// The headers of a request, by `dockbell sign`.
async function headersOf(world, body, { id, secret = SECRET, sequence = 1, timestamp }) {
  const file = path.join(world.directory, "a.secret");
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  const time = timestamp === undefined ? [] : [`--timestamp=${timestamp}`];
  const result = await world.dockbell("sign", `--secret-file=${file}`, `--id=${id}`, ...time, "--output=json", { input: body });
  assert.equal(result.code, 0, result.stderr);
  return { ...JSON.parse(result.stdout), "dockbell-sequence": String(sequence) };
}

// The same, by the specification's own library, for many.
const signed = (body, id) => {
  const now = new Date();
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": new Webhook(SECRET).sign(id, now, body),
  };
};

for (const kind of SAMPLES)
  describe(`docs/samples/${kind.name}`, async () => {
    const skip = (await obstacle(kind)) ?? false;

    it("takes what the daemon sends, once and in order, and a ping", { skip }, async (t) => {
      const sample = await Sample.start(t, kind, [SECRET]);
      const world = await World.create(t, { webhook: { url: sample.url } });
      await world.start();
      const { ids, bodies } = traffic({ count: 80, orders: 12 });
      await world.sqs.send(bodies);
      await world.until("everything is delivered", async () => (await world.status()).deliveries.delivered === ids.length);
      const heard = () => sample.said.filter(([word]) => word === "applied" || word === "stale");
      await until("everything is worked on", () => heard().length >= ids.length, {
        context: () => sample.program.tail(),
      });
      assert.deepEqual(heard().map(([, id]) => id).sort(), [...ids].sort());
      const last = new Map();
      for (const [, id, order, , time] of sample.said.filter(([word]) => word === "applied")) {
        assert.ok(!last.has(order) || last.get(order) < time, `${id} is older than what was applied`);
        last.set(order, time);
      }
      assert.deepEqual([...last].sort(), [...newest(bodies)].sort());
      const ping = await world.json("ping", "wms");
      assert.equal(ping.ok, true);
      await until("the ping is ignored", () => sample.saying("ignored", ping.id).length === 1);
    });

    it("refuses what is forged or old, and knows repeats, late states, requests and two secrets", { skip }, async (t) => {
      const sample = await Sample.start(t, kind, [OLD_SECRET, SECRET]);
      const world = await World.create(t);
      const body = eventOf("one");
      const genuine = await headersOf(world, body, { id: "one" });
      const past = Math.floor(Date.now() / 1000) - 3600;
      const ahead = Math.floor(Date.now() / 1000) + 3600;
      assert.equal(await sample.post(body + " ", genuine), 401);
      assert.equal(await sample.post(body, { ...genuine, "webhook-id": "two" }), 401);
      assert.equal(await sample.post(body, { ...genuine, "webhook-id": "../one" }), 401);
      assert.equal(await sample.post(body, { ...genuine, "webhook-signature": "v1,AAAA v2,x " }), 401);
      for (const timestamp of [past, ahead])
        assert.equal(await sample.post(body, await headersOf(world, body, { id: "one", timestamp })), 401);
      assert.deepEqual(sample.said, []);

      assert.equal(await sample.post(body, genuine), 204);
      await until("it is applied", () => sample.saying("applied", "one").length === 1);
      const again = await headersOf(world, body, { id: "one", secret: OLD_SECRET, sequence: 2 });
      assert.equal(await sample.post(body, again), 204);
      await until("the repeat is seen", () => sample.saying("repeat", "one").length === 1);

      const late = eventOf("late", { time: FIRST - 1000 });
      assert.equal(await sample.post(late, await headersOf(world, late, { id: "late", sequence: 3 })), 204);
      await until("the late one is seen", () => sample.saying("stale", "late").length === 1);
      const same = eventOf("same", { status: "Shipped" });
      assert.equal(await sample.post(same, await headersOf(world, same, { id: "same", sequence: 4 })), 204);
      await until("the later one of two at the same time is applied", () => sample.saying("applied", "same").length === 1);

      // A request is acted on whenever it comes, and is no state to compare with; nor is one item's.
      const others = [
        ["requested", eventOf("wish", { time: FIRST - 5000, change: "BuyerRequestedChange" })],
        ["requested", eventOf("wish-ahead", { time: FIRST + 9000, change: "BuyerRequestedChange" })],
        ["ignored", eventOf("item-ahead", { time: FIRST + 9000, level: "OrderItemLevel" })],
        ["applied", eventOf("next", { time: FIRST + 5000, status: "Canceled", level: "OrderLevel" })],
        ["stale", eventOf("before", { time: FIRST + 1000 })],
      ];
      for (const [n, [word, event]] of others.entries()) {
        const { id } = JSON.parse(event).data;
        assert.equal(await sample.post(event, await headersOf(world, event, { id, sequence: 5 + n })), 204);
        await until(`${id} is ${word}`, () => sample.saying(word, id).length === 1);
      }

      await sample.restart();
      assert.equal(await sample.post(body, genuine), 204);
      await until("the repeat is known after a restart", () => sample.saying("repeat", "one").length === 1);
    });

    it("puts a bad event aside, also after a restart, and goes on with the rest", { skip }, async (t) => {
      const sample = await Sample.start(t, kind, [SECRET]);
      const world = await World.create(t, { webhook: { url: sample.url, format: "raw" } });
      const post = async (id, body) => assert.equal(await sample.post(body, await headersOf(world, body, { id })), 204);
      const untimed = JSON.parse(eventOf("untimed"));
      delete untimed.timestamp;
      const bad = { text: "not json", list: "[]", empty: '{"type" : "amazon.order_change", "data" : null}' };
      for (const [id, body] of Object.entries(bad)) {
        await post(id, body);
        await until(`${id} is put aside`, () => sample.saying("failed", id).length + sample.saying("ignored", id).length === 1);
      }
      await post("untimed", JSON.stringify(untimed));
      await until("what has no time is put aside", () => sample.saying("failed", "untimed").length === 1);
      assert.equal((await world.json("ping", "wms")).ok, true);
      await until("the ping in Amazon's form is ignored", () => sample.said.some(([word, id]) => word === "ignored" && /^ping-/.test(id)));
      await post("good", eventOf("good"));
      await until("a good one is worked on", () => sample.saying("applied", "good").length === 1);

      await sample.restart();
      await post("later", eventOf("later", { time: FIRST + 1000 }));
      await until("the next one, too, after a restart", () => sample.saying("applied", "later").length === 1);
    });

    it("reads events with other blanks, and is found by check --online", { skip }, async (t) => {
      const sample = await Sample.start(t, kind, [SECRET]);
      const world = await World.create(t, { webhook: { url: sample.url } });
      const spread = JSON.stringify(JSON.parse(eventOf("spread")), null, 1).replaceAll('":', '" :');
      assert.equal(await sample.post(spread, await headersOf(world, spread, { id: "spread" })), 204);
      await until("it is applied", () => sample.saying("applied", "spread").length === 1);
      const { stdout } = await world.dockbell("check", "--online");
      assert.match(stdout, /^ok +webhook wms +reachable .*answered OPTIONS with [24]/m);
    });
  });

describe("docs/samples/receiver.py", async () => {
  const kind = SAMPLES.find(({ name }) => name === "receiver.py");
  const skip = (await obstacle(kind)) ?? false;

  it("two that share their state work on no event twice", { skip }, async (t) => {
    const COUNT = 300;
    const one = await Sample.start(t, kind, [SECRET]);
    const other = await Sample.start(t, kind, [SECRET], { beside: one });
    const posts = Array.from({ length: COUNT }, (_, i) => {
      const id = `event-${i}`;
      const body = eventOf(id, { order: `306-1000001-${String(i).padStart(7, "0")}` });
      return [body, signed(body, id)];
    });
    // Some at a time: a busy machine would not accept hundreds of connections before fetch gives up.
    for (let from = 0; from < COUNT; from += 30)
      await Promise.all(posts.slice(from, from + 30).map(([body, headers], i) => (i % 2 ? one : other).post(body, headers)));
    // Work that is done twice says "stale" the second time: the state is not newer than itself.
    const worked = () => [...one.said, ...other.said].filter(([word]) => ["applied", "stale"].includes(word));
    await until("all are worked on", () => new Set(worked().map(([, id]) => id)).size === COUNT);
    assert.deepEqual(worked().filter(([word]) => word === "stale"), []);
    assert.equal(worked().length, COUNT);
  });

  it("answers OPTIONS, and takes many connections at once", { skip }, async (t) => {
    const sample = await Sample.start(t, kind, [SECRET]);
    assert.equal(await sample.options(), 204);
    // While it is stopped nothing is accepted: the kernel keeps what fits into the backlog.
    sample.program.kill("SIGSTOP");
    const sockets = Array.from({ length: 200 }, () => net.connect(sample.port, "127.0.0.1"));
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    let connected = 0;
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.on("connect", () => connected++);
    }
    await until("all are connected", () => connected === sockets.length, { context: () => `${connected}`, seconds: 20 });
    sample.program.kill("SIGCONT");
  });

  it("logs the trace id of each event", { skip }, async (t) => {
    const sample = await Sample.start(t, kind, [SECRET]);
    const world = await World.create(t, { webhook: { url: sample.url } });
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await until("it is stored", () => /^stored one trace [0-9a-f]{32}$/m.test(sample.program.stdout));
  });
});

describe("docs/webhook.md", () => {
  const guide = readFileSync(path.join(root, "docs/webhook.md"), "utf8");

  it("shows what is in the samples", () => {
    const shown = [...guide.matchAll(/<!-- from: (\S+) -->\n+```\w+\n([\s\S]*?)```/g)];
    assert.deepEqual(shown.map(([, file]) => path.basename(file)).sort(), SAMPLES.map(({ name }) => name).sort());
    for (const [, file, code] of shown)
      assert.ok(readFileSync(path.join(root, "docs", file), "utf8").includes(code), file);
  });

  it("names files that exist", () => {
    for (const [, target] of guide.matchAll(/\]\(((?!https?:|#)[^)]+)\)/g)) accessSync(path.join(root, "docs", target));
  });
});
