// SPDX-License-Identifier: MIT
// How a webhook is reached: TLS with a private CA, client certificates, a proxy, authentication.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

const run = promisify(execFile);

// A CA and what it signs: {ca, server: {cert, key}, client: {cert, key}}, all paths.
async function certificates(directory) {
  const at = (name) => path.join(directory, name);
  const openssl = (...args) => run("openssl", args);
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...ec, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2", "-subj", "/CN=Warehouse CA");
  await writeFile(at("san"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
  for (const name of ["server", "client"]) {
    await openssl("req", ...ec, "-keyout", at(`${name}.key`), "-out", at(`${name}.csr`), "-subj", `/CN=${name}`);
    await openssl("x509", "-req", "-in", at(`${name}.csr`), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial",
      "-out", at(`${name}.pem`), "-days", "2", "-extfile", at("san"));
  }
  const pair = (name) => ({ cert: at(`${name}.pem`), key: at(`${name}.key`) });
  return { ca: at("ca.pem"), server: pair("server"), client: pair("client") };
}

// Listens, notes every request in server.requests and answers 204; ends with the test.
async function listen(t, server) {
  server.requests = [];
  server.on("request", async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const subject = request.socket.getPeerCertificate?.()?.subject?.CN;
    server.requests.push({ headers: request.headers, body: Buffer.concat(chunks), subject });
    response.writeHead(204).end();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address().port;
}

const lastError = (world) =>
  world.until("the fault is stored", async () => (await world.list())[0]?.last_error ?? null);

describe("the way to a webhook", { concurrency: 4 }, () => {
  it("TLS by a private CA, with a client certificate", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const server = https.createServer({
      ca: await readFile(files.ca),
      cert: await readFile(files.server.cert),
      key: await readFile(files.server.key),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const port = await listen(t, server);
    world.options.webhook = {
      url: `https://127.0.0.1:${port}/hook`,
      ca_file: files.ca,
      client_certificate: files.client.cert,
      client_key: files.client.key,
    };
    await world.writeConfig();
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("it arrives", () => server.requests.length === 1);
    assert.equal(server.requests[0].subject, "client");
  });

  it("an unknown CA is a destination fault, and nothing is sent", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const server = https.createServer({ cert: await readFile(files.server.cert), key: await readFile(files.server.key) });
    const port = await listen(t, server);
    world.options.webhook = { url: `https://127.0.0.1:${port}/hook` };
    await world.writeConfig();
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    assert.match(await lastError(world), /certificate/);
    assert.equal(server.requests.length, 0);
  });

  it("basic authentication and an HMAC of the body; ping shows them as well", async (t) => {
    const world = await World.create(t, {});
    const server = http.createServer();
    const port = await listen(t, server);
    await writeFile(path.join(world.directory, "password"), "pass:word", { mode: 0o600 });
    world.options.webhook = {
      url: `http://127.0.0.1:${port}/hook`,
      user: "dockbell",
      password: `file:${path.join(world.directory, "password")}`,
      hmac_header: "X-Signature",
      hmac_secret: "raw-hmac-key",
      hmac_encoding: "base64",
    };
    await world.writeConfig();
    const ping = await world.dockbell("ping", "wms");
    assert.equal(ping.code, 0, ping.stderr);
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("both arrive", () => server.requests.length === 2);
    for (const { headers, body } of server.requests) {
      assert.equal(headers.authorization, `Basic ${Buffer.from("dockbell:pass:word").toString("base64")}`);
      assert.equal(headers["x-signature"], createHmac("sha256", "raw-hmac-key").update(body).digest("base64"));
    }
    const shown = await world.dockbell("queue", "show", "1");
    assert.doesNotMatch(shown.stdout + shown.stderr, /pass:word|raw-hmac-key/);
  });

  it("a bearer token, and HMAC in hex", async (t) => {
    const server = http.createServer();
    const port = await listen(t, server);
    const world = await World.create(t, {
      webhook: { url: `http://127.0.0.1:${port}/hook`, bearer: "t0ken", hmac_header: "X-Hub", hmac_secret: "k" },
    });
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("it arrives", () => server.requests.length === 1);
    const [{ headers, body }] = server.requests;
    assert.equal(headers.authorization, "Bearer t0ken");
    assert.equal(headers["x-hub"], createHmac("sha256", "k").update(body).digest("hex"));
  });

  it("through a proxy", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const server = https.createServer({ cert: await readFile(files.server.cert), key: await readFile(files.server.key) });
    const port = await listen(t, server);
    const proxy = http.createServer();
    const asked = [];
    proxy.on("connect", (request, socket) => {
      asked.push(request.url);
      const onward = net.connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const end of [socket, onward]) end.on("error", () => onward.destroy());
      t.after(() => socket.destroy());
    });
    const proxyPort = await listen(t, proxy);
    world.options.webhook = {
      url: `https://localhost:${port}/hook`,
      ca_file: files.ca,
      proxy: `http://127.0.0.1:${proxyPort}`,
    };
    await world.writeConfig();
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("it arrives", () => server.requests.length === 1);
    assert.deepEqual(asked, [`localhost:${port}`]);
  });

  for (const host of ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"])
    it(`never to ${host}`, async (t) => {
      const world = await World.create(t, { webhook: { url: `https://${host}/latest/meta-data` } });
      await world.start();
      await world.sqs.send([orderChange({ id: "one" })]);
      assert.match(await lastError(world), /link-local/);
    });
});
