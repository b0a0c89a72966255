// SPDX-License-Identifier: MIT
// The outbox at the command line, with the daemon running and down.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange, traffic } from "./lib/messages.js";
import { stays } from "./lib/wait.js";
import { World } from "./lib/world.js";

// A world whose webhook refuses one order, with that order's delivery waiting.
async function waiting(t, orders = ["306-a"]) {
  const world = await World.create(t);
  world.closed = true;
  world.receiver.answer = () => (world.closed ? { status: 400 } : undefined);
  await world.start();
  await world.sqs.send(orders.map((order) => orderChange({ id: `id-${order}`, order })));
  world.rows = await world.until("the outcomes are stored", async () => {
    const rows = await world.list();
    return rows.length === orders.length && rows.every((r) => r.state === "ready" && r.attempts > 0) && rows;
  });
  return world;
}

const stateOf = async (world, id) => {
  const rows = [...(await world.list()), ...(await world.list("--state=delivered")), ...(await world.list("--state=dropped"))];
  return rows.find((row) => row.id === id)?.state;
};

async function succeeds(world, ...args) {
  const result = await world.dockbell(...args);
  assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
  return result;
}

for (const up of [true, false])
  describe(`queue commands, daemon ${up ? "running" : "down"}`, { concurrency: 4 }, () => {
    const prepare = async (t, orders) => {
      const world = await waiting(t, orders);
      if (!up) await world.daemon.stop("SIGTERM");
      return world;
    };

    it("hold keeps a delivery back, release lets it go", async (t) => {
      const world = await prepare(t);
      const [{ id }] = world.rows;
      await succeeds(world, "queue", "hold", String(id));
      assert.equal(await stateOf(world, id), "held");
      world.closed = false;
      await succeeds(world, "queue", "release", String(id));
      await succeeds(world, "queue", "retry", String(id));
      if (!up) await world.start();
      await world.until("it is delivered", () => world.receiver.delivered.has("id-306-a"));
    });

    it("drop gives a delivery up for good", async (t) => {
      const world = await prepare(t);
      const [{ id }] = world.rows;
      await succeeds(world, "queue", "drop", String(id));
      assert.equal(await stateOf(world, id), "dropped");
      assert.deepEqual(await world.list(), []);
      world.closed = false;
      if (!up) await world.start();
      await world.sqs.send([orderChange({ id: "next", order: "306-a", time: 2e12 })]);
      await world.until("the next of its lane is delivered", () => world.receiver.delivered.has("next"));
      assert.equal(world.receiver.delivered.has("id-306-a"), false);
    });

    it("retry sends at once", async (t) => {
      const world = await prepare(t);
      const [{ id }] = world.rows;
      world.closed = false;
      await succeeds(world, "queue", "retry", String(id));
      if (!up) await world.start();
      await world.until("it is delivered", () => world.receiver.delivered.has("id-306-a"));
      const [first, ...more] = world.receiver.byId.get("id-306-a");
      assert.ok(more.length >= 1 && more.every((r) => r.sha256 === first.sha256));
    });

    it("takes ids from stdin, and ALL in capitals", async (t) => {
      const world = await prepare(t, ["306-a", "306-b", "306-c"]);
      const ids = world.rows.map((row) => row.id);
      const some = await world.dockbell("queue", "hold", "-", { input: `${ids[0]}\n${ids[1]}\n` });
      assert.equal(some.code, 0, some.stderr);
      assert.deepEqual((await world.list("--state=held")).map((r) => r.id).sort(), ids.slice(0, 2).sort());
      await succeeds(world, "queue", "hold", "ALL");
      assert.equal((await world.list("--state=held")).length, 3);
      world.closed = false;
      await succeeds(world, "queue", "release", "ALL");
      await succeeds(world, "queue", "retry", "ALL");
      if (!up) await world.start();
      await world.until("all are delivered", () => world.receiver.delivered.size === 3);
    });

    it("says which ids it could not serve", async (t) => {
      const world = await prepare(t);
      const [{ id }] = world.rows;
      const { code, stderr } = await world.dockbell("queue", "hold", "999999", String(id));
      assert.equal(code, 1, "only partly done");
      assert.match(stderr, /999999/);
      assert.equal(await stateOf(world, id), "held");
      assert.equal((await world.dockbell("queue", "release", "abc")).code, 2);
    });

    it("shows a delivery with its body and attempts", async (t) => {
      const world = await prepare(t);
      const [{ id }] = world.rows;
      const text = (await succeeds(world, "queue", "show", String(id))).stdout;
      for (const needle of ["id-306-a", "306-a", "wms", "400"]) assert.ok(text.includes(needle), needle);
      const shown = JSON.parse((await succeeds(world, "queue", "show", String(id), "--output=json")).stdout);
      assert.equal(shown.notification_id, "id-306-a");
      assert.ok(!text.includes(world.sections()["webhook wms"].secret));
    });
  });

describe("queue commands", { concurrency: 4 }, () => {
  it("a delivery in flight is not held or dropped: try again", async (t) => {
    const world = await World.create(t, { answer: () => ({ delay_ms: 600_000 }) });
    await world.start();
    await world.sqs.send([orderChange({ id: "flying" })]);
    await world.until("it is in flight", () => world.receiver.requests.length === 1);
    const [{ id }] = await world.until("it is listed", async () => {
      const rows = await world.list();
      return rows.length === 1 && rows;
    });
    for (const verb of ["hold", "drop"]) {
      const { code, stderr } = await world.dockbell("queue", verb, String(id));
      assert.equal(code, 1);
      assert.match(stderr, /in flight, try again/);
    }
  });

  it("a held head lets the rest of its lane pass", async (t) => {
    const world = await World.create(t);
    world.receiver.answer = ({ id }) => (id === "one" ? { status: 400 } : undefined);
    await world.start();
    await world.sqs.send([orderChange({ id: "one", order: "306-a", time: 1.7e12 })]);
    const [{ id }] = await world.until("the outcome is stored", async () => {
      const rows = await world.list("--state=ready");
      return rows.length === 1 && rows[0].attempts === 1 && rows;
    });
    await world.sqs.send([orderChange({ id: "two", order: "306-a", time: 1.8e12 })]);
    await world.until("the second waits", async () => (await world.list("--state=behind")).length === 1);
    await succeeds(world, "queue", "hold", String(id));
    await world.until("the second is delivered", () => world.receiver.delivered.has("two"));
    world.receiver.answer = () => undefined;
    await succeeds(world, "queue", "release", String(id));
    await succeeds(world, "queue", "retry", String(id));
    await world.until("the first follows", () => world.receiver.delivered.has("one"));
    assert.equal(world.receiver.byId.get("one").at(-1).stale, true);
    assert.deepEqual(world.receiver.faults, []);
  });

  it("held deliveries are not sent", async (t) => {
    const world = await waiting(t);
    await succeeds(world, "queue", "hold", "ALL");
    world.closed = false;
    const count = world.receiver.requests.length;
    await stays("nothing is sent", 2, () => world.receiver.requests.length === count);
  });

  it("without a store there is nothing to list", async (t) => {
    const world = await World.create(t);
    const list = await world.dockbell("queue", "list");
    assert.equal(list.code, 0, list.stderr);
    assert.deepEqual(await world.list(), []);
    const status = await world.status();
    assert.equal(status.notifications.received, 0);
    assert.equal((await world.stateFiles()).size, 0, "commands never create the store");
  });

  it("lists thousands in pages, in id order", async (t) => {
    const world = await World.create(t);
    await world.receiver.close();
    await world.start();
    const { bodies } = traffic({ count: 2500, orders: 2500, duplicates: 0, seed: 12 });
    await world.sqs.send(bodies);
    await world.until("all are accepted", async () => (await world.status()).notifications.accepted === 2500);
    const rows = await world.list();
    assert.equal(rows.length, 2500);
    assert.ok(rows.every((row, i) => i === 0 || rows[i - 1].id < row.id));
    await succeeds(world, "queue", "hold", "ALL");
    const held = await world.until("all are held", async () => {
      const now = await world.list("--state=held");
      if (now.length < 2500) await world.dockbell("queue", "hold", "ALL");
      return now.length === 2500 && now;
    });
    assert.equal(held.length, 2500);
  });
});
