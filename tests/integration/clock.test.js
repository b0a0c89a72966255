// SPDX-License-Identifier: MIT
// A wall clock that is wrong, and one that is set while deliveries wait.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withAdmin } from "./lib/admin.js";
import { orderChange } from "./lib/messages.js";
import { WallClock } from "./lib/wall_clock.js";
import { World } from "./lib/world.js";

const HOUR = 3600;
const YEAR = 365 * 24 * HOUR;

const order = (n) => orderChange({ id: `n-${n}`, order: `408-1234567-000000${n}` });

// A world whose daemon has a clock that is so far ahead.
async function createAhead(t, ahead_s, options = {}) {
  const world = await World.create(t, { queue: { wait: "1s" }, ...options });
  const clock = new WallClock(world);
  t.after(() => clock.close());
  await clock.set(ahead_s);
  return { world, clock };
}

const rows = (world, clock) => world.dockbell("queue", "list", "--output=json", { env: clock.env() });

async function waiting(world, clock) {
  const { code, stdout, stderr } = await rows(world, clock);
  if (code !== 0) throw new Error(stderr);
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

describe("the wall clock", { concurrency: 4 }, () => {
  it("set back by two hours: nothing that came before waits", async (t) => {
    let open;
    const gate = new Promise((done) => (open = done));
    const { world, clock } = await createAhead(t, 2 * HOUR, { answer: () => gate });
    await world.start({ env: clock.env() });
    const ids = Array.from({ length: 25 }, (_, n) => n + 10);
    await world.sqs.send(ids.map(order));
    await world.until("all are accepted", async () => (await waiting(world, clock)).length === ids.length);
    await clock.set(0);
    open();
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
  });

  for (const [name, moved_s] of [["back by eight hours", -8 * HOUR], ["forward by ten years", 10 * YEAR]])
    it(`set ${name}: a retry comes when it was due`, async (t) => {
      let failing = true;
      const { world, clock } = await createAhead(t, 0, { answer: () => (failing ? { status: 500 } : undefined) });
      await world.start({ env: clock.env() });
      await world.sqs.send([order(1)]);
      await world.until("it has failed", async () => (await waiting(world, clock))[0]?.last_error);
      await clock.set(moved_s);
      failing = false;
      await world.until("it is delivered", () => world.receiver.delivered.size === 1);
      assert.deepEqual(world.receiver.wrong, []);
    });

  it("ten years ahead until the machine starts again: nothing waits", async (t) => {
    let failing = true;
    const { world, clock } = await createAhead(t, 10 * YEAR, { answer: () => (failing ? { status: 500 } : undefined) });
    await world.start({ env: clock.env({ DOCKBELL_BOOT_ID: "1".repeat(32) }) });
    await world.sqs.send([order(1), order(2), order(3)]);
    await world.until("all have failed", async () =>
      (await waiting(world, clock)).filter((row) => row.last_error || row.attempts === 0).length === 3);
    await world.daemon.stop("SIGTERM");
    await clock.set(0);
    failing = false;
    await world.start({ env: clock.env({ DOCKBELL_BOOT_ID: "2".repeat(32) }) });
    await world.until("all are delivered", () => world.receiver.delivered.size === 3);
  });

  it("an hour ahead: requests are signed with Amazon's time", async (t) => {
    const { world, clock } = await createAhead(t, HOUR);
    await world.start({ env: clock.env() });
    await world.sqs.send([order(1)]);
    await world.until("it is delivered", () => world.receiver.delivered.size === 1);
    const ping = await world.dockbell("ping", "wms", { env: clock.env() });
    assert.equal(ping.code, 0, ping.stderr);
    const token = await world.json("status", { env: clock.env() });
    assert.ok(token);
    assert.deepEqual(world.receiver.wrong, []);
    assert.equal(world.receiver.requests.length, 2);
  });

  it("an hour ahead: what is known of a delivery has Amazon's time", async (t) => {
    const { world, clock } = await createAhead(t, HOUR, { answer: () => ({ status: 500, headers: { "retry-after": "7200" } }) });
    await world.start({ env: clock.env() });
    await world.sqs.send([order(1)]);
    const row = await world.until("it has failed", async () =>
      (await waiting(world, clock)).find(({ last_error }) => last_error));
    const wait_s = (Date.parse(row.next_attempt) - world.receiver.requests[0].at) / 1000;
    assert.ok(wait_s > 7000 && wait_s < 8000, `two hours and jitter: ${wait_s} s`);
    assert.ok(row.age < 600, `age ${row.age}`);
  });

  it("Amazon's time behind the newest stored order: one event reports that nothing expires", async (t) => {
    const world = await withAdmin(t, { queue: { wait: "1s" } });
    await world.sandbox.clock(2 * HOUR);
    await world.start();
    await world.sqs.send([order(1)]);
    await world.until("it is delivered", () => world.receiver.delivered.size === 1);
    assert.doesNotMatch(world.daemon.stderr, /nothing old is removed/);
    await world.daemon.stop("SIGTERM");
    await world.sandbox.clock(0);
    await world.start();
    const event = /Amazon's time is [12]h.* behind the newest stored notification: nothing expires/g;
    await world.until("it is reported", async () => {
      assert.equal((await world.admin("/metrics")).status, 200); // looks at the time, as the janitor does
      return world.daemon.stderr.match(event);
    });
    assert.equal((await world.metrics()).get("dockbell_clock_trusted"), 0);
    assert.equal(world.daemon.stderr.match(event).length, 1);
  });
});
