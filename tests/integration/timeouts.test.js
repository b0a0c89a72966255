// SPDX-License-Identifier: MIT
// Receivers that take their time: on the way to a connection, in the headers, in the body.
import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

const DRIP_MS = 100;
const BAD = "306-drips";

// A port that accepts and never says a word; ends with the test.
async function silent(t) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.resume();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server.address().port;
}

// Answers of the bad order: `head`, then `byte` again and again, as long as somebody listens.
function drips(t, head, byte, { every_ms = DRIP_MS } = {}) {
  const state = { began: [], ended: [] };
  const answer = (record) => {
    if (record.order !== BAD) return undefined;
    state.began.push(Date.now());
    const { socket } = record.request;
    socket.write(head);
    const timer = setInterval(() => socket.write(byte), every_ms);
    t.after(() => clearInterval(timer));
    socket.once("close", () => {
      clearInterval(timer);
      state.ended.push(Date.now());
    });
    return new Promise(() => {}); // the answer is written here
  };
  return { state, answer };
}

const errorOf = async (world, id) =>
  (await world.list()).find((row) => row.notification_id === id && row.last_error)?.last_error;

const others = (count) =>
  Array.from({ length: count }, (_, i) => orderChange({ id: `good-${i}`, order: `306-good-${i}` }));

describe("time that runs out", { concurrency: 4 }, () => {
  it("is told by the step in which it did; limits hold from the reload on", async (t) => {
    const port = await silent(t);
    const world = await World.create(t, {
      webhook: { url: `https://127.0.0.1:${port}/hook`, tls_timeout: "1s" },
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    const step = `no connection to 127.0.0.1:${port} within`;
    await world.until("TLS has its own limit", async () =>
      (await errorOf(world, "one")) === `${step} 1 s: the TLS handshake was not complete`);
    Object.assign(world.options.webhook, { tls_timeout: "off", connect_timeout: "2s" });
    await world.writeConfig();
    world.daemon.kill("SIGHUP");
    await world.says(/\[webhook wms\]: connect_timeout, tls_timeout$/m);
    await world.dockbell("queue", "retry", "ALL");
    await world.until("the whole connection has one", async () =>
      (await errorOf(world, "one")) === `${step} 2 s: the TLS handshake was not complete`);
    const ping = await world.dockbell("ping", "wms");
    assert.equal(ping.code, 1);
    assert.match(ping.stderr, /within 2 s: the TLS handshake was not complete/);
  });

  const places = {
    "the headers": ["HTTP/1.1 200 OK\r\nX-Slow: ", "x"],
    "one header after the other": ["HTTP/1.1 200 OK\r\n", "X-Slow: x\r\n"],
  };
  for (const [place, [head, byte]] of Object.entries(places))
    it(`a receiver that drips ${place} holds its own slot, until timeout`, async (t) => {
      const { state, answer } = drips(t, head, byte);
      const world = await World.create(t, { webhook: { timeout: "15s", concurrency: 2 }, answer });
      await world.start();
      await world.sqs.send([orderChange({ id: "bad", order: BAD })]);
      await world.until("it drips", () => state.began.length === 1);
      await world.sqs.send(others(100));
      await world.until("the others are delivered", () => world.receiver.delivered.size === 100);
      if (!process.env.DOCKBELL_TEST_PATIENCE) assert.equal(state.ended.length, 0, "while it still drips");
      await world.until("it is given up", () => state.ended.length === 1);
      const error = await world.until("the outcome is stored", () => errorOf(world, "bad"));
      assert.match(error, /^the answer of 127\.0\.0\.1:\d+ was not complete within 15 s$/);
      const [{ id }] = (await world.list()).filter((row) => row.notification_id === "bad");
      const shown = JSON.parse((await world.dockbell("queue", "show", String(id), "--output=json")).stdout);
      assert.ok(shown.history[0].duration_ms >= 14900, `${shown.history[0].duration_ms} ms`);
      assert.deepEqual(world.receiver.repeated, []);
    });

  const bodies = {
    "the body": ["HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "x"],
    "the chunks of the body": ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"],
  };
  for (const [place, [head, byte]] of Object.entries(bodies))
    it(`a receiver that drips ${place} has the event, and is not waited for`, async (t) => {
      const { state, answer } = drips(t, head, byte);
      const world = await World.create(t, { webhook: { timeout: "5m" }, answer });
      await world.start();
      await world.sqs.send([orderChange({ id: "bad", order: BAD })]);
      await world.until("it is delivered", async () => (await world.list("--state=delivered")).length === 1);
      await world.until("the connection is closed", () => state.ended.length === 1);
      assert.deepEqual(world.receiver.repeated, []);
    });

  it("an answer without end is read to a limit, and counts", async (t) => {
    const block = "x".repeat(16384);
    const { state, answer } = drips(t, `HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n`, block, { every_ms: 1 });
    const world = await World.create(t, { answer });
    await world.start();
    await world.sqs.send([orderChange({ id: "bad", order: BAD })]);
    await world.until("it is delivered", async () => (await world.list("--state=delivered")).length === 1);
    await world.until("the connection is closed", () => state.ended.length === 1);
    const shown = JSON.parse((await world.dockbell("queue", "show", "1", "--output=json")).stdout);
    assert.equal(shown.state, "delivered");
  });

  it("headers without end are read to a limit", async (t) => {
    const line = `X-Filler: ${"x".repeat(1000)}\r\n`;
    const { state, answer } = drips(t, "HTTP/1.1 200 OK\r\n", line, { every_ms: 1 });
    const world = await World.create(t, { answer });
    await world.start();
    await world.sqs.send([orderChange({ id: "bad", order: BAD })]);
    await world.until("the connection is closed", () => state.ended.length === 1);
    const error = await world.until("the outcome is stored", () => errorOf(world, "bad"));
    assert.match(error, /headers of \S+ are too large/);
  });
});
