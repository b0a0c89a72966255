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
  world.options.webhook = { url: `https://127.0.0.1:${port}/hook`, ca_file: ca, ...options.webhook };
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
