// SPDX-License-Identifier: MIT
// Receivers that throttle, and limits of the configuration.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange, traffic } from "./lib/messages.js";
import { reload } from "./lib/reload.js";
import { World } from "./lib/world.js";

// Takes `rate` requests a second, `room` of them at once; else 429 with Retry-After.
function bucket(rate, room) {
  let tokens = room;
  let filled = Date.now();
  const seen = { taken: [], throttled: 0 };
  seen.answer = () => {
    const now = Date.now();
    tokens = Math.min(room, tokens + ((now - filled) * rate) / 1000);
    filled = now;
    if (tokens < 1) {
      seen.throttled++;
      return { status: 429, headers: { "retry-after": "1" } };
    }
    tokens--;
    seen.taken.push(now);
    return undefined;
  };
  return seen;
}

const quiet = (world) => assert.doesNotMatch(world.daemon.stderr, /^error:|does not work|dead letter/m);

describe("throttling", { concurrency: 2 }, () => {
  for (const [rate, count] of [[20, 500], [100, 2000]])
    it(`a token bucket of ${rate}/s is used, without an error`, async (t) => {
      const receiver = bucket(rate, rate);
      const world = await World.create(t, { answer: receiver.answer, webhook: { max_attempts: "3" } });
      await world.start();
      const { ids, bodies } = traffic({ count, orders: count, duplicates: 0, seed: 30 });
      await world.sqs.send(bodies);
      await world.until("it is throttled", () => receiver.throttled > 0);
      await world.until("status says so", async () => /^\d+(\.\d)?\/s$/.test((await world.status()).webhooks[0].throttled_to ?? ""));
      assert.match((await world.dockbell("status")).stdout, /wms +throttled to \d/);
      await world.until("all are delivered", () => world.receiver.delivered.size === ids.length, { seconds: 120 });
      // Of the time from the first to the last: the receiver could have taken so many.
      const { taken } = receiver;
      const could = rate + ((taken.at(-1) - taken[0]) * rate) / 1000;
      const percent = (taken.length * 100) / could;
      t.diagnostic(`${percent.toFixed(0)} % used, ${receiver.throttled} throttled`);
      assert.ok(percent >= 80, `${percent.toFixed(0)} %`);
      quiet(world);
      assert.equal(world.daemon.stderr.match(/asks for fewer requests/g).length, 1);
      assert.deepEqual(world.receiver.faults, []);
      assert.deepEqual(world.receiver.repeated, []);
    });

  it("a limit of the configuration holds from the start, also for what is sent again; a reload changes it", async (t) => {
    const world = await World.create(t, { webhook: { rate: "20/s" } });
    await world.start();
    const { ids, bodies } = traffic({ count: 100, orders: 100, duplicates: 0, seed: 31 });
    await world.sqs.send(bodies);
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
    const took = (from, to) => world.receiver.requests[to].at - world.receiver.requests[from].at;
    assert.ok(took(0, 99) >= 4000, `100 requests at 20/s in ${took(0, 99)} ms`);
    await world.settled();
    const rows = (await world.list("--state=delivered")).slice(0, 60);
    const again = await world.dockbell("queue", "resend", ...rows.map(({ id }) => String(id)));
    assert.equal(again.code, 0, again.stderr);
    await world.until("they are sent again", () => world.receiver.requests.length === 160);
    assert.ok(took(100, 159) >= 2000, `60 requests at 20/s in ${took(100, 159)} ms`);
    quiet(world);

    await reload(world, (sections) => Object.assign(sections["webhook wms"], { rate: "60/m", burst: "2" }));
    const before = world.receiver.requests.length;
    await world.sqs.send([1, 2, 3, 4].map((n) => orderChange({ id: `slow-${n}`, order: `306-slow-${n}` })));
    await world.until("they are delivered", () => world.receiver.requests.length === before + 4);
    const [first, , , last] = world.receiver.requests.slice(before).map(({ at }) => at);
    // Two seconds, less the time by which a busy receiver sees the first one late.
    assert.ok(last - first >= 1000, `${last - first} ms`);
  });

  it("503 with Retry-After while others are taken: no error, no charge", async (t) => {
    let left = 1;
    const world = await World.create(t, {
      webhook: { max_attempts: "1" },
      answer: ({ id }) => (id === "busy" && left-- > 0 ? { status: 503, headers: { "retry-after": "2" } } : undefined),
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "before", order: "306-1" })]);
    await world.until("one is taken", () => world.receiver.delivered.has("before"));
    await world.sqs.send([orderChange({ id: "busy", order: "306-2" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("busy"));
    const [first, second] = world.receiver.byId.get("busy");
    assert.ok(second.at - first.at >= 1900, `${second.at - first.at} ms`);
    assert.equal(second.attempt, 2);
    quiet(world);
    const config = await world.dockbell("check", "--schedule");
    assert.match(config.stdout, /throttle_rest/);
  });

  it("a rate that is none is an error of the configuration", async (t) => {
    for (const rate of ["20", "20/d", "0/s", "-1/s", "20001/s", "1.5/s", "20 / s"]) {
      const world = await World.create(t, { webhook: { rate } });
      const { code, stderr, stdout } = await world.dockbell("check");
      assert.equal(code, 78, `${rate}: ${stdout}`);
      assert.match(stderr + stdout, /rate: /);
    }
  });
});
