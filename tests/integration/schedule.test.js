// SPDX-License-Identifier: MIT
// When a webhook is tried again, and who is not to wait: through the real binary.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { configText } from "./lib/config.js";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

const order = (n) => `111-${String(n).padStart(7, "0")}-0000000`;
const event = (id, n) => orderChange({ id, order: order(n) });
const isBad = (request) => request.id.startsWith("bad");
const gap = (requests, i) => requests[i].at - requests[i - 1].at;

async function reload(world, change) {
  const sections = world.sections();
  change(sections);
  await writeFile(world.configFile, configText(sections), { mode: 0o600 });
  const before = world.daemon.stderr.length;
  world.daemon.kill("SIGHUP");
  await world.until("it has reloaded", () => /was read again/.test(world.daemon.stderr.slice(before)));
}

// What `check --schedule` says about one cause.
async function schedule(world, cause) {
  const { code, stdout } = await world.dockbell("check", "--schedule", "--output=json");
  assert.equal(code, 0);
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  return lines.filter((line) => line.webhook === "wms" && line.cause === cause);
}

const others = async (world, prefix, from, count) => {
  const ids = Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
  await world.sqs.send(ids.map((id, i) => event(id, from + i)));
  await world.until(`${prefix} arrive`, () => ids.every((id) => world.receiver.delivered.has(id)));
  return ids;
};

describe("the retry schedule", { concurrency: 4 }, () => {
  it("tries come as check --schedule says, and then it is a dead letter", async (t) => {
    const world = await World.create(t, {
      webhook: { retry_first: "1s", retry_longest: "2s", max_attempts: "4", refused_delays: "1s, 2s" },
      answer: ({ id }) => (id === "bad" ? { status: 500 } : id === "refused" ? { status: 422 } : undefined),
    });
    await world.start();
    await others(world, "before", 100, 1);
    await world.sqs.send([event("bad", 1), event("refused", 2)]);
    let n = 0;
    // Others arrive meanwhile: these failures are the order's own.
    await world.until("both are dead", async () => {
      await world.sqs.send([event(`meanwhile-${n}`, 1000 + n++)]);
      return (await world.status()).deliveries.dead === 2;
    });
    const faults = await schedule(world, "fault");
    const refusals = await schedule(world, "refusal");
    const bad = world.receiver.byId.get("bad");
    const refused = world.receiver.byId.get("refused");
    assert.deepEqual(faults.map((row) => row.wait_ms), [0, 1000, 2000, 2000]);
    assert.deepEqual(refusals.map((row) => row.wait_ms), [0, 1000, 2000]);
    // The first failure counts only if another order arrived after this one came.
    assert.ok(bad.length === 4 || bad.length === 5, `${bad.length} tries`);
    assert.equal(refused.length, 3);
    for (let i = 1; i < 4; i++) assert.ok(gap(bad, i) >= faults[i].wait_ms, `try ${i + 1} after ${gap(bad, i)} ms`);
    for (let i = 1; i < 3; i++) assert.ok(gap(refused, i) >= refusals[i].wait_ms, `try ${i + 1} after ${gap(refused, i)} ms`);
    assert.deepEqual(world.receiver.wrong, []);
  });

  it("a reload changes the waits from the next attempt on", async (t) => {
    const world = await World.create(t, {
      webhook: { retry_first: "1s", retry_longest: "1d", refused_delays: "7d" },
      answer: ({ id, attempt }) => (id === "refused" ? { status: 400 } : attempt < 3 ? { status: 500 } : undefined),
    });
    await world.start();
    await world.sqs.send([event("bad", 1)]);
    await world.until("it is tried again", () => world.receiver.requests.length === 2);
    await reload(world, (s) => Object.assign(s["webhook wms"], { retry_longest: "1s", refused_delays: "" }));
    await world.until("and once more", () => world.receiver.delivered.has("bad"));
    await world.sqs.send([event("refused", 2)]);
    await world.until("the first refusal is the last", async () => (await world.status()).deliveries.dead === 1);
  });

  it("an open breaker is probed by the new keys after a reload", async (t) => {
    const world = await World.create(t, { webhook: { probe_first: "1h", probe_longest: "1h" } });
    const { port } = world.receiver;
    await world.receiver.close();
    await world.start();
    await world.sqs.send([event("one", 1)]);
    await world.says(/webhook wms does not work/);
    await world.receiver.listen(port);
    await reload(world, (s) => Object.assign(s["webhook wms"], { probe_first: "1s", probe_longest: "1s" }));
    await world.until("it arrives", () => world.receiver.delivered.has("one"));
  });

  it("every key with what it may be: all errors at once", async (t) => {
    const world = await World.create(t, {
      webhook: {
        retry_first: "20m",
        refused_delays: "1m, 0s",
        probe_longest: "1s",
        retry_after_longest: "30d",
        breaker_faults: "1",
      },
    });
    const { code, stderr } = await world.dockbell("check", "--schedule");
    assert.equal(code, 78);
    assert.match(stderr, /retry_first: is longer than retry_longest \(15m\)/);
    assert.match(stderr, /refused_delays: 0s is not between 1s and 7d/);
    assert.match(stderr, /probe_longest: is shorter than probe_first \(5s\)/);
    assert.match(stderr, /retry_after_longest: 30d is not between 0s and 7d/);
    assert.match(stderr, /breaker_faults: 1 is not between 3 and 64/);
  });
});

describe("Retry-After", { concurrency: 4 }, () => {
  const dates = {
    "IMF-fixdate": (time) => time.toUTCString(),
    "RFC 850": (time) => {
      const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/.exec(time.toUTCString());
      const weekday = time.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
      return `${weekday}, ${day}-${month}-${year.slice(2)} ${clock} GMT`;
    },
    asctime: (time) => {
      const [, weekday, day, month, year, clock] = /^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/.exec(time.toUTCString());
      return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`;
    },
  };

  for (const [name, write] of Object.entries(dates))
    it(`a date as ${name}, by a clock that is an hour ahead`, async (t) => {
      let asked;
      const world = await World.create(t, {
        webhook: { probe_first: "1s", probe_longest: "1s", retry_first: "1s" },
        answer: () => {
          if (asked) return undefined;
          asked = Date.now();
          const theirs = new Date(asked + 3600_000);
          const headers = { date: theirs.toUTCString(), "retry-after": write(new Date(theirs.getTime() + 3000)) };
          return { status: 503, headers };
        },
      });
      await world.start();
      await world.sqs.send([event("one", 1)]);
      await world.until("it arrives", () => world.receiver.delivered.has("one"));
      const waited = world.receiver.requests[1].at - asked;
      assert.ok(waited >= 2900, `${waited} ms`);
    });

  it("429: nobody is sent anything before it is over, whatever arrives meanwhile", async (t) => {
    let asked = 0;
    const world = await World.create(t, {
      webhook: { probe_first: "1s", probe_longest: "1s", retry_first: "1s", retry_longest: "1s" },
      answer: ({ id }) => {
        if (id === "limit" && !asked) {
          asked = Date.now();
          return { status: 429, headers: { "retry-after": "3" } };
        }
        return id.startsWith("slow") && !asked ? { delay_ms: 300 } : undefined;
      },
    });
    await world.start();
    await world.sqs.send([event("slow-0", 1), event("slow-1", 2), event("limit", 3)]);
    await world.until("it asks for time", () => asked);
    await others(world, "later", 10, 5);
    await world.until("all arrive", () => world.receiver.delivered.size === 8);
    const early = world.receiver.requests.filter(({ id, at }) => at > asked + 50 && at < asked + 3000 && !id.startsWith("slow"));
    assert.deepEqual(early.map(({ id }) => id), []);
  });

  it("429 without a time: the webhook rests, and nobody is blamed", async (t) => {
    let asked = 0;
    const world = await World.create(t, {
      webhook: { probe_first: "2s", probe_longest: "2s", retry_first: "1s", retry_longest: "1s", max_attempts: "1" },
      answer: ({ id, attempt }) => {
        if (id !== "limit" || attempt > 3) return undefined;
        asked = Date.now();
        return { status: 429, headers: { "retry-after": "soon" } };
      },
    });
    await world.start();
    await others(world, "before", 10, 3);
    await world.sqs.send([event("limit", 1)]);
    await world.until("there are too many", () => asked);
    const first = asked;
    await others(world, "later", 20, 3);
    const [next] = world.receiver.requests.filter(({ at, id }) => at > first + 50 && id.startsWith("later"));
    assert.ok(next.at - first >= 900, `${next.at - first} ms`);
    await world.until("it arrives in the end", () => world.receiver.delivered.has("limit"));
    assert.doesNotMatch(world.daemon.stderr, /does not work|dead letter/);
  });
});

describe("orders that always fail", { concurrency: 4 }, () => {
  const heads = Array.from({ length: 20 }, (_, i) => event(`bad-${i}`, i));

  for (const [name, answer] of Object.entries({
    "answers 500": { status: 500 },
    "is never answered": { delay_ms: 60_000 },
    "is refused": { status: 422 },
  }))
    it(`${name}: twenty of them, the oldest, and the others notice nothing`, async (t) => {
      let open = false;
      const world = await World.create(t, {
        webhook: { timeout: "3s", retry_first: "1s", retry_longest: "2s", refused_delays: "1s, 2s" },
        answer: (request) => (!open ? { status: 503 } : isBad(request) ? answer : undefined),
      });
      // All of them wait in the store before the first is tried: the heads are the oldest.
      await world.start();
      await world.dockbell("queue", "pause", "wms");
      await world.sqs.send(heads);
      await world.until("the heads are stored", async () => (await world.status()).notifications.accepted === 20);
      const ids = Array.from({ length: 300 }, (_, i) => `n-${i}`);
      for (let i = 0; i < 300; i += 100) await world.sqs.send(ids.slice(i, i + 100).map((id, j) => event(id, 1000 + i + j)));
      await world.until("the others are stored", async () => (await world.status()).notifications.accepted === 320);
      open = true;
      await world.dockbell("queue", "resume", "wms");
      await world.until("all others arrive", () => world.receiver.delivered.size === 300);
      // Nothing was tried so often that the others can have waited for it.
      assert.ok(world.receiver.requests.length < 300 + 20 * 8, `${world.receiver.requests.length} requests`);
      for (let round = 0; round < 4; round++) await others(world, `later-${round}`, 2000 + 10 * round, 3);
      assert.doesNotMatch(world.daemon.stderr, /does not work/);
      assert.deepEqual(world.receiver.wrong, []);
    });

  it("a receiver that refuses everything makes no dead letters of it", async (t) => {
    let broken = true;
    const world = await World.create(t, {
      webhook: { refused_delays: "1s, 1s", probe_first: "1s", probe_longest: "1s" },
      answer: () => (broken ? { status: 400 } : undefined),
    });
    await world.start();
    const ids = Array.from({ length: 60 }, (_, i) => `n-${i}`);
    await world.sqs.send(ids.map((id, i) => event(id, i)));
    await world.says(/refuses events of many orders in a row/);
    const before = world.receiver.requests.length;
    await world.until("it is probed", () => world.receiver.requests.length >= before + 5);
    assert.equal((await world.status()).deliveries.dead, 0);
    broken = false;
    await world.until("all arrive", () => world.receiver.delivered.size === 60);
  });
});
