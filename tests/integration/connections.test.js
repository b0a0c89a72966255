// SPDX-License-Identifier: MIT
// Connections to a webhook between two requests: kept, closed by the other side, too old, or of a
// config before.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import https from "node:https";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { certificates, listen } from "./lib/reached.js";
import { World } from "./lib/world.js";

const orders = (prefix, count) =>
  Array.from({ length: count }, (_, i) => orderChange({ id: `${prefix}-${i}`, order: `306-${prefix}-${i}` }));

// An HTTPS webhook whose open sockets stand in `sockets`.
async function secureWorld(t, { version, ...options } = {}) {
  const world = await World.create(t, options);
  const { ca, server: files } = await certificates(world.directory);
  const server = https.createServer({
    cert: await readFile(files.cert),
    key: await readFile(files.key),
    minVersion: version,
    maxVersion: version,
    keepAliveTimeout: 600_000,
  });
  const sockets = new Set();
  server.handshakes = 0;
  server.on("secureConnection", (socket) => {
    server.handshakes++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await listen(t, server);
  world.options.webhook = { url: `https://127.0.0.1:${port}/hook`, ca_file: ca, connect_timeout: "2m", timeout: "3m", ...options.webhook };
  await world.writeConfig();
  return { world, server, sockets };
}

async function deliverOne(world, server, id) {
  const before = server.requests.length;
  await world.sqs.send([orderChange({ id, order: `306-${id}` })]);
  await world.until(`${id} is delivered`, () => server.requests.length > before);
  await world.settled();
  return server.requests.slice(before).map(({ headers }) => headers["dockbell-attempt"]);
}

describe("connections that are kept", { concurrency: 3 }, () => {
  for (const version of ["TLSv1.2", "TLSv1.3"]) {
    it(`${version}: one connection takes one order after the other`, async (t) => {
      const { world, server } = await secureWorld(t, { version });
      await world.start();
      for (let i = 0; i < 5; i++) assert.deepEqual(await deliverOne(world, server, `n${i}`), ["1"]);
      assert.equal(server.handshakes, 1);
    });

    // "end" sends TLS's own farewell before it closes, as servers do when a connection was idle for long.
    it(`${version}: closed by the webhook while nothing was sent, they cost no attempt`, async (t) => {
      const { world, server, sockets } = await secureWorld(t, { version });
      await world.start();
      for (const round of ["a", "b"]) {
        const before = server.requests.length;
        await world.sqs.send(orders(round, 40));
        await world.until("the burst is delivered", () => server.requests.length === before + 40);
        await world.settled();
        assert.ok(sockets.size > 1, "several connections are open");
        for (const socket of sockets) socket.end();
        await world.until("all connections are closed", () => sockets.size === 0);
        assert.deepEqual(await deliverOne(world, server, `after-${round}`), ["1"]);
      }
      assert.ok(server.requests.every(({ headers }) => headers["dockbell-attempt"] === "1"));
      assert.doesNotMatch(world.daemon.stderr, /has failed|does not work/);
    });
  }
});

describe("one request for each attempt", { concurrency: 3 }, () => {
  // Ends the connection of a request that is not the first of it, without an answer.
  function breakKept({ always } = {}) {
    const served = new WeakSet();
    return {
      on: false,
      answer({ request }) {
        const kept = served.has(request.socket);
        served.add(request.socket);
        return this.on && (always || kept) ? { drop: true } : undefined;
      },
    };
  }

  // No two requests have the same number, and each comes with the next one.
  function assertCounted(requests) {
    const sequences = requests.map(({ sequence }) => sequence);
    assert.equal(new Set(sequences).size, sequences.length, "every request has a sequence of its own");
    const attempts = requests.map(({ id, attempt }) => `${id} ${attempt}`);
    assert.equal(new Set(attempts).size, attempts.length, "every request has an attempt of its own");
  }

  it("a kept connection that breaks is nobody's fault: the next attempt follows at once, on a new one", async (t) => {
    const breaks = breakKept();
    const world = await World.create(t, { answer: (request) => breaks.answer(request), webhook: { max_attempts: 1 } });
    await world.start();
    await world.sqs.send(orders("warm", 40));
    await world.settled();
    const before = world.receiver.requests.length;
    breaks.on = true;
    await world.sqs.send(orders("late", 20));
    await world.until("all are delivered", () => world.receiver.delivered.size === 60);
    await world.settled();
    const late = world.receiver.requests.slice(before);
    assert.ok(late.some(({ attempt }) => attempt === 2), "some met a kept connection");
    assert.ok(late.every(({ attempt }) => attempt <= 2));
    assertCounted(world.receiver.requests);
    assert.deepEqual(world.receiver.faults, []);
    assert.doesNotMatch(world.daemon.stderr, /does not work/);
    const [webhook] = (await world.status()).webhooks;
    assert.equal(webhook.breaker, "closed");
  });

  it("an event that breaks every connection is tried, and counted, with pauses", async (t) => {
    const breaks = breakKept({ always: true });
    const world = await World.create(t, {
      answer: (request) => (request.order === "306-bad" ? breaks.answer(request) : undefined),
      webhook: { max_attempts: 3, retry_first: "1s", retry_longest: "1s" },
    });
    breaks.on = true;
    const started = Date.now();
    await world.start();
    await world.sqs.send([...orders("warm", 20), orderChange({ id: "bad", order: "306-bad" })]);
    let others = 0;
    await world.until("it is a dead letter", async () => {
      // Others arrive all the while, so that its failures are its own.
      if (world.receiver.delivered.size === 20 + others) await world.sqs.send(orders(`more-${others++}`, 1));
      return (await world.list("--state=dead")).length === 1;
    });
    const tries = world.receiver.requests.filter(({ order }) => order === "306-bad");
    assertCounted(tries);
    // A failure counts against the event only while others are delivered, so the number of attempts
    // depends on the machine. Each has at most two requests and a pause of a second.
    const attempts = (Date.now() - started) / 1000 + 1;
    assert.ok(tries.length >= 3, `${tries.length} requests for three attempts that count`);
    assert.ok(tries.length <= 2 * attempts, `${tries.length} requests in ${attempts} seconds`);
  });
});

describe("a reload", () => {
  it("makes new connections, and closes those of before", async (t) => {
    const { world, server, sockets } = await secureWorld(t);
    await world.start();
    await deliverOne(world, server, "one");
    assert.equal(server.handshakes, 1);
    world.daemon.kill("SIGHUP");
    await world.until("the old connection is closed", () => sockets.size === 0);
    assert.deepEqual(await deliverOne(world, server, "two"), ["1"]);
    assert.deepEqual(await deliverOne(world, server, "three"), ["1"]);
    assert.equal(server.handshakes, 2);
  });
});
