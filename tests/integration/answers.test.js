// SPDX-License-Identifier: MIT
// What the warehouse answers, and what becomes of the event.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { orderChange, traffic } from "./lib/messages.js";
import { stays } from "./lib/wait.js";
import { WallClock } from "./lib/wall_clock.js";
import { World } from "./lib/world.js";

const WAIT_S = 9; // longer than the first backoff would be without being asked

const rowOf = async (world, id) => (await world.list()).find((row) => row.notification_id === id);

// An answer for the first `times` requests, 204 afterwards.
function firstly(times, answer) {
  let left = times;
  return () => (left-- > 0 ? answer : undefined);
}

describe("answers of the webhook", { concurrency: 6 }, () => {
  it("500, then 200: tried again with the same id and bytes", async (t) => {
    const world = await World.create(t, { answer: firstly(1, { status: 500 }) });
    await world.start();
    await world.sqs.send([orderChange({ id: "again" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("again"));
    const [first, second] = world.receiver.requests;
    assert.equal(world.receiver.requests.length, 2);
    assert.equal(first.sha256, second.sha256);
    assert.equal(first.attempt, 1);
    assert.equal(second.attempt, 2);
    assert.ok(second.sequence > first.sequence);
    assert.notEqual(first.headers["webhook-signature"], undefined);
    assert.ok(second.at - first.at >= 4000, "not before the 5 s of the first backoff");
    assert.deepEqual(world.receiver.faults, []);
  });

  it("400: the event's own fault, its next try in a minute, others go on", async (t) => {
    const world = await World.create(t, {
      answer: ({ order }) => (order === "306-bad" ? { status: 400 } : undefined),
    });
    await world.start();
    const bad = orderChange({ id: "bad", order: "306-bad" });
    const { ids, bodies } = traffic({ count: 50, orders: 20, duplicates: 0, seed: 5 });
    await world.sqs.send([bad, ...bodies]);
    await world.until("the others are delivered", () => world.receiver.delivered.size === ids.length);
    const row = await world.until("the outcome is stored", async () => {
      const found = await rowOf(world, "bad");
      return found?.state === "ready" && found.last_error ? found : null;
    });
    assert.equal(row.attempts, 1);
    assert.match(row.last_error, /400/);
    const wait = Date.parse(row.next_attempt) - world.receiver.byId.get("bad")[0].at;
    assert.ok(wait >= 55_000 && wait <= 75_000, `a minute, with jitter only added: ${wait} ms`);
  });

  it("400 three times: dead; the machine was off meanwhile", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 400 }), queue: { wait: "2s" } });
    const clock = new WallClock(world);
    t.after(() => clock.close());
    await clock.set(0);
    await world.start({ env: clock.env({ DOCKBELL_BOOT_ID: "1" }) });
    await world.sqs.send([orderChange({ id: "bad" })]);
    const outcome = (attempts, state) =>
      world.until(`the outcome of attempt ${attempts} is stored`, async () => {
        const row = await rowOf(world, "bad");
        return row?.attempts === attempts && row.state === state;
      });
    await outcome(1, "ready");
    for (const [attempts, ahead_s, state] of [[2, 70, "ready"], [3, 800, "dead"]]) {
      await world.daemon.stop("SIGTERM");
      await clock.set(ahead_s);
      await world.start({ env: clock.env({ DOCKBELL_BOOT_ID: String(attempts) }) });
      await outcome(attempts, state);
    }
    assert.equal(world.receiver.requests.length, 3);
    const [row] = await world.list("--state=dead");
    assert.match(row.last_error, /400/);
  });

  it("429 with Retry-After: nothing is sent before that", async (t) => {
    const world = await World.create(t, {
      answer: firstly(1, { status: 429, headers: { "retry-after": String(WAIT_S) } }),
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "slowly" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("slowly"));
    const [first, second] = world.receiver.requests;
    assert.ok(second.at - first.at >= WAIT_S * 1000 - 100, `${second.at - first.at} ms`);
    assert.equal(world.receiver.requests.length, 2);
  });

  it("503 with Retry-After as a date: obeyed as well", async (t) => {
    let until = 0;
    const world = await World.create(t, {
      answer: () => {
        if (until) return undefined;
        until = Math.ceil(Date.now() / 1000) * 1000 + WAIT_S * 1000;
        return { status: 503, headers: { "retry-after": new Date(until).toUTCString() } };
      },
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "later" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("later"));
    assert.ok(world.receiver.requests[1].at >= until - 100);
  });

  it("410: the webhook is paused, everything is kept, resume goes on", async (t) => {
    let gone = true;
    const world = await World.create(t, { answer: () => (gone ? { status: 410 } : undefined) });
    await world.start();
    const { ids, bodies } = traffic({ count: 20, orders: 20, duplicates: 0, seed: 6 });
    await world.sqs.send([bodies[0]]);
    await world.until("the webhook is paused", async () => (await world.status()).webhooks[0].paused);
    await world.sqs.send(bodies.slice(1));
    await world.until("all are accepted", async () => (await world.status()).notifications.accepted === 20);
    await stays("no further request", 3, () => world.receiver.requests.length === 1);
    gone = false;
    const resumed = await world.dockbell("queue", "resume", "wms");
    assert.equal(resumed.code, 0, resumed.stderr);
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
    assert.deepEqual(world.receiver.repeated, []);
  });

  for (const status of [301, 302, 303, 307, 308])
    it(`${status}: not followed`, async (t) => {
      const world = await World.create(t);
      const location = `${world.receiver.url}/elsewhere`;
      let redirected = false;
      world.receiver.answer = () => {
        if (redirected) return undefined;
        redirected = true;
        return { status, headers: { location } };
      };
      await world.start();
      await world.sqs.send([orderChange({ id: "moved" })]);
      await world.until("it is delivered", () => world.receiver.delivered.has("moved"));
      assert.ok(world.receiver.requests.every((r) => r.path === "/hooks/amazon" && r.method === "POST"));
    });

  it("a connection cut instead of an answer: tried again", async (t) => {
    const world = await World.create(t, { answer: firstly(1, { drop: true }) });
    await world.start();
    await world.sqs.send([orderChange({ id: "cut" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("cut"));
    assert.equal(world.receiver.delivered.get("cut"), 1);
  });

  // What follows a status line is written to the socket as it stands.
  const bodies = {
    "cut off": "content-length: 70\r\n\r\n{\"ok\":true}",
    "that drips": "content-length: 100000\r\n\r\n{",
    "without its end": "transfer-encoding: chunked\r\n\r\n4\r\n{}",
    "whose chunks are none": "transfer-encoding: chunked\r\n\r\nno chunk\r\n",
    "whose length is no number": "content-length: many\r\n\r\n{}",
  };
  for (const [name, rest] of Object.entries(bodies))
    it(`200 with a body ${name}: delivered, once`, async (t) => {
      const world = await World.create(t, {
        webhook: { timeout: "300s" }, // nobody waits that long
        answer: ({ request }) => {
          request.socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${rest}`);
          if (!name.includes("drips")) request.socket.end();
          return new Promise(() => {});
        },
      });
      await world.start();
      const { bodies: events } = traffic({ count: 10, orders: 10, duplicates: 0, seed: 12 });
      await world.sqs.send(events);
      await world.until("all are delivered", async () => (await world.status()).deliveries.delivered === 10);
      assert.equal(world.receiver.requests.length, 10);
      assert.doesNotMatch(world.daemon.stderr, /does not work/);
    });

  it("200 with half of its headers: no answer, so it is tried again", async (t) => {
    let left = 1;
    const world = await World.create(t, {
      answer: ({ request }) => {
        if (left-- <= 0) return undefined;
        request.socket.end("HTTP/1.1 200 OK\r\ncontent-le");
        return new Promise(() => {});
      },
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "half" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("half"));
    assert.equal(world.receiver.requests.length, 2);
  });

  it("410 with a body that is cut off: the status counts, the webhook is paused", async (t) => {
    const world = await World.create(t, {
      answer: ({ request }) => {
        request.socket.end("HTTP/1.1 410 Gone\r\ncontent-length: 70\r\n\r\n{");
        return new Promise(() => {});
      },
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "gone" })]);
    await world.until("the webhook is paused", async () => (await world.status()).webhooks[0].paused);
    assert.equal(world.receiver.requests.length, 1);
  });

  const unreadable = {
    "compressed": { body: gzipSync('{"ok":true}'), headers: { "content-encoding": "gzip" } },
    "a page": { body: "<html>502</html>" },
    "empty": { body: "" },
    "longer than 64 KiB": { body: `{"ok":true,"rest":"${"x".repeat(70_000)}"}` },
  };
  for (const [name, answer] of Object.entries(unreadable))
    it(`a rule that reads the body, and an answer that is ${name}: no fault of the event`, async (t) => {
      const world = await World.create(t, {
        webhook: { accept_if: "/ok = true" },
        answer: firstly(1, { status: 200, ...answer }),
      });
      const { receiver } = world;
      const first = receiver.answer;
      receiver.answer = () => first() ?? { status: 200, body: '{"ok":true}' };
      await world.start();
      await world.sqs.send([orderChange({ id: "unreadable" })]);
      const [row] = await world.until("it is delivered", async () => {
        const rows = await world.list("--state=delivered");
        return rows.length ? rows : null;
      });
      const shown = await world.dockbell("queue", "show", String(row.id), "--output=json");
      const [attempt] = JSON.parse(shown.stdout).history;
      assert.equal(attempt.class, "destination fault");
      assert.equal(attempt.error_class ?? "unreadable", "unreadable");
      assert.equal(receiver.requests[0].headers["accept-encoding"], "identity");
    });

  it("statuses about access, route, method, protocol or proxy: no fault of the event", async (t) => {
    const statuses = [401, 402, 403, 404, 405, 406, 407, 408, 421, 423, 425, 426, 428, 431, 451];
    const seen = new Set();
    const world = await World.create(t, {
      webhook: { breaker_faults: 64, retry_first: "1s" },
      answer: ({ id }) => {
        if (seen.has(id)) return undefined;
        seen.add(id);
        return { status: Number(id.slice(1)) };
      },
    });
    await world.start();
    await world.sqs.send(statuses.map((status) => orderChange({ id: `s${status}`, order: `306-${status}` })));
    await world.until("all are delivered", () => world.receiver.delivered.size === statuses.length);
    await world.settled();
    for (const row of await world.list("--state=delivered")) {
      const shown = await world.dockbell("queue", "show", String(row.id), "--output=json");
      const [attempt] = JSON.parse(shown.stdout).history;
      assert.equal(attempt.class, "destination fault", row.notification_id);
      assert.equal(attempt.status ?? attempt.http_status, Number(row.notification_id.slice(1)));
    }
  });

  it("a rule that reads the body needs all of it: 200 with a part of it is tried again", async (t) => {
    let left = 1;
    const world = await World.create(t, {
      webhook: { accept_if: "/ok = true" },
      answer: ({ request }) => {
        if (left-- <= 0) return { status: 200, body: '{"ok":true}' };
        request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 70\r\n\r\n{"ok":true}');
        return new Promise(() => {});
      },
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "part" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("part"));
    const row = await rowOf(world, "part").then((found) => found ?? world.list("--state=delivered").then((r) => r[0]));
    const shown = await world.dockbell("queue", "show", String(row.id), "--output=json");
    assert.equal(JSON.parse(shown.stdout).history[0].class, "destination fault");
  });

  it("no answer in time: given up, tried again", async (t) => {
    const world = await World.create(t, {
      answer: firstly(1, { delay_ms: 120_000 }),
      webhook: { timeout: "1s" },
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "slow" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("slow"));
    assert.equal(world.receiver.requests.length, 2);
  });

  it("refused: the breaker opens, probes, and all arrive when the webhook is back", async (t) => {
    const world = await World.create(t);
    const { port } = world.receiver;
    await world.receiver.close();
    await world.start();
    const { ids, bodies } = traffic({ count: 200, orders: 50, duplicates: 0.05, seed: 8 });
    await world.sqs.send(bodies);
    await world.until("all are accepted", async () => (await world.status()).notifications.accepted === 200);
    await world.says(/refused/i);
    const opened = world.daemon.stderr.match(/refused/gi).length;
    assert.ok(opened < 20, `it is said when the state changes, not per attempt: ${opened}`);
    await world.receiver.listen(port);
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
    assert.deepEqual(world.receiver.repeated, []);
    assert.deepEqual(world.receiver.faults, []);
    await world.settled();
    const { deliveries } = await world.status();
    assert.equal(deliveries.delivered, 200);
  });

  it("one order that always fails does not delay the others", async (t) => {
    const world = await World.create(t, {
      answer: ({ order }) => (order === "306-bad" ? { status: 500 } : undefined),
    });
    await world.start();
    const { ids, bodies } = traffic({ count: 300, orders: 100, duplicates: 0, seed: 9 });
    const bad = [1, 2, 3].map((n) => orderChange({ id: `bad${n}`, order: "306-bad", time: n * 1000 + 1e12 }));
    await world.sqs.send([bad[0], ...bodies.slice(0, 100), bad[1], ...bodies.slice(100), bad[2]]);
    await world.until("the others are delivered", () => world.receiver.delivered.size === ids.length);
    const first = world.receiver.byId.get("bad1")[0];
    assert.equal(first.attempt, 1);
    assert.ok(!world.receiver.byId.has("bad2"), "the rest of its lane waits behind it");
    const rows = (await world.list()).filter((r) => r.order_id === "306-bad");
    assert.deepEqual(rows.map((r) => r.state).sort().slice(0, 2), ["behind", "behind"]);
    assert.deepEqual(world.receiver.faults, []);
  });

  it("dead after max_attempts while the webhook works for others; retry sends it again", async (t) => {
    let broken = true;
    const world = await World.create(t, {
      webhook: { max_attempts: 1 },
      answer: ({ order }) => (order === "306-bad" && broken ? { status: 500 } : undefined),
    });
    await world.start();
    const { bodies } = traffic({ count: 20, orders: 20, duplicates: 0, seed: 10 });
    await world.sqs.send([bodies[0]]);
    await world.until("the webhook works", () => world.receiver.delivered.size === 1);
    await world.sqs.send([orderChange({ id: "bad", order: "306-bad" })]);
    let more = 1;
    const row = await world.until("it is dead", async () => {
      if (more < bodies.length) await world.sqs.send([bodies[more++]]);
      return (await world.list("--state=dead"))[0];
    });
    assert.equal(row.notification_id, "bad");
    broken = false;
    const retried = await world.dockbell("queue", "retry", String(row.id));
    assert.equal(retried.code, 0, retried.stderr);
    await world.until("it is delivered", () => world.receiver.delivered.has("bad"));
    assert.deepEqual(world.receiver.faults, []);
  });

  it("a rule of the webhook's own: 409 is done, 200 with an error inside is not", async (t) => {
    const answers = {
      "306-has": { status: 409 },
      "306-twice": { status: 500, body: '{"code":"DUPLICATE"}' },
      "306-bad": { status: 200, body: '{"result":{"error":"no such SKU"}}' },
    };
    const world = await World.create(t, {
      webhook: { already_done: "409", accept_if: "/result/error = null", done_if: "/code = DUPLICATE" },
      answer: ({ order }) => answers[order] ?? { status: 200, body: '{"result":{"error":null}}' },
    });
    await world.start();
    for (const name of ["has", "twice", "bad", "good"])
      await world.sqs.send([orderChange({ id: name, order: `306-${name}` })]);
    await world.until("three are delivered", async () => (await world.list("--state=delivered")).length === 3);
    const row = await world.until("the refusal is stored", async () => {
      const found = await rowOf(world, "bad");
      return found?.state === "ready" && found.last_error ? found : null;
    });
    assert.equal(row.last_error, "HTTP 200, but in the answer /result/error is not null");
    const shown = await world.dockbell("queue", "show", String(row.id), "--output=json");
    assert.equal(JSON.parse(shown.stdout).history[0].class, "event fault");
  });
});
