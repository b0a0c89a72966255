// SPDX-License-Identifier: MIT
// The admin endpoint against web pages, smuggled requests and slow clients.
import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import { port, withAdmin } from "./lib/admin.js";
import { within } from "./lib/wait.js";

async function start(t, admin) {
  const world = await withAdmin(t, { admin });
  await world.start();
  await world.says(/admin endpoint on/);
  return world;
}

// Everything that comes back until the server closes.
async function raw(world, text) {
  const socket = net.connect(port(world), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (part) => (answer += part));
  socket.on("error", () => {});
  socket.write(text);
  await within("an answer to raw bytes", 30, new Promise((done) => socket.on("close", done)), () => answer);
  return answer;
}

const statuses = (answer) => [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
const next = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

describe("the admin endpoint's guard", { concurrency: 4 }, () => {
  it("a Host that is not this machine's is misdirected, unless allow_remote is set", async (t) => {
    const world = await start(t);
    const status = async (host) => (await world.admin("/metrics", { headers: { host } })).status;
    for (const host of ["localhost", "LOCALHOST:9464", "127.0.0.1:1", "127.9.9.9", "[::1]:9464", "[::1]"])
      assert.equal(await status(host), 200, host);
    for (const host of ["rebound.example", "127.0.0.1.example:9464", "localhost.example", "10.0.0.1", "[::1]x", "[::2]"])
      assert.equal(await status(host), 421, host);
    const { text } = await world.admin("/healthz", { headers: { host: "rebound.example" } });
    assert.match(JSON.parse(text).error.message, /^Host must be localhost/);

    const open = await start(t, { allow_remote: "yes" });
    assert.equal((await open.admin("/metrics", { headers: { host: "rebound.example" } })).status, 200);
  });

  const ambiguous = {
    "a length and a transfer coding": "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
    "two Hosts": "Host: rebound.example\r\n\r\n",
    "no Host": null,
  };
  for (const [name, rest] of Object.entries(ambiguous))
    it(`a request with ${name} gets 400, and what follows is not read`, async (t) => {
      const world = await start(t);
      const head = "GET /healthz HTTP/1.1\r\n";
      const answer = await raw(world, (rest ? `${head}Host: localhost\r\n${rest}` : `${head}\r\n`) + next);
      assert.deepEqual([...new Set(statuses(answer))], [400], answer);
    });

  // Connections that never complete a request, and send another byte of it again and again.
  function trickle(t, world, count) {
    const sockets = Array.from({ length: count }, () => {
      const socket = net.connect(port(world), "127.0.0.1");
      socket.on("error", () => {});
      socket.write("GET /healthz HTTP/1.1\r\nX-Slow: ");
      socket.ending = new Promise((done) => socket.on("close", done));
      socket.resume();
      return socket;
    });
    const timer = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write("x")), 500);
    t.after(() => {
      clearInterval(timer);
      sockets.forEach((socket) => socket.destroy());
    });
    return sockets;
  }

  it("slow clients take no place from others: /healthz answers at once", async (t) => {
    const world = await start(t);
    const sockets = trickle(t, world, 150);
    await Promise.all(sockets.map((s) => new Promise((done) => (s.connecting ? s.once("connect", done) : done()))));
    for (let i = 0; i < 3; i++) {
      const answer = world.admin("/healthz");
      assert.equal((await within("/healthz", 30, answer, () => "slow clients have all places")).status, 200);
    }
  });

  it("a client that completes no request within ten seconds is let go", async (t) => {
    const world = await start(t);
    const [socket] = trickle(t, world, 1);
    const began = Date.now();
    await within("the end of a slow connection", 20, socket.ending, () => "it is still open");
    assert.ok(Date.now() - began > 9000, "not before");
    assert.equal((await world.admin("/healthz")).status, 200);
  });
});
