// SPDX-License-Identifier: MIT
// How a webhook is reached: TLS with a private CA, client certificates, a proxy, authentication.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { freePort } from "./lib/port.js";
import { certificates, listen, proxyTo } from "./lib/reached.js";
import { silentHost } from "./lib/silent.js";
import { World } from "./lib/world.js";

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
    let handshakes = 0;
    server.on("secureConnection", () => handshakes++);
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
    await world.sqs.send([orderChange({ id: "two" })]);
    await world.until("the next arrives", () => server.requests.length === 2);
    assert.equal(server.requests[0].subject, "client");
    assert.equal(handshakes, 1, "the connection is kept");
  });

  it("a certificate that ends soon is told by the daemon, by status and by check", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    world.options.webhook = { client_certificate: files.client.cert, client_key: files.client.key, ca_file: files.ca };
    await world.writeConfig();
    const checked = await world.dockbell("check");
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stderr, /warning: \[webhook wms\] client_certificate: \S+ ends in 1d 23h: renew it/);
    await world.start();
    await world.says(/webhook wms: the client certificate ends in 1d 23h/);
    await world.says(/webhook wms: the authority in ca_file ends in 1d 23h/);
    const webhook = await world.until("status knows it", async () => {
      const [found] = (await world.status()).webhooks;
      return found.client_certificate_ends && found;
    });
    assert.equal(webhook.client_certificate_ends_days, 1);
    assert.equal(webhook.ca_ends_days, 1);
    const left = Date.parse(webhook.client_certificate_ends) - Date.now();
    assert.ok(left > 47 * 3600_000 && left <= 48 * 3600_000, `${left} ms`);
    const shown = await world.dockbell("status");
    assert.match(shown.stdout, /^Webhook wms: the client certificate ends in 1d 23h$/m);
    // A reload tells nothing twice, and what is not configured any more is forgotten.
    world.daemon.kill("SIGHUP");
    await world.says(/was read again/);
    world.options.webhook = {};
    await world.writeConfig();
    world.daemon.kill("SIGHUP");
    await world.until("status has forgotten it", async () => (await world.status()).webhooks[0].client_certificate_ends === null);
    assert.equal(world.daemon.stderr.match(/the client certificate ends/g).length, 1);
  });

  it("new files in the old places need no reload", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const serve = async (port) => {
      const server = https.createServer({
        ca: await readFile(files.ca),
        cert: await readFile(files.server.cert),
        key: await readFile(files.server.key),
        requestCert: true,
        rejectUnauthorized: true,
      });
      return { server, port: await listen(t, server, port) };
    };
    const { server, port } = await serve();
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
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await certificates(world.directory); // another authority, another server, another client
    const renewed = await serve(port);
    await world.sqs.send([orderChange({ id: "two" })]);
    await world.until("the next arrives", () => renewed.server.requests.length === 1);
    assert.doesNotMatch(world.daemon.stderr, /does not work/);
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

  it("https to a port of plain HTTP is reported as that, not as a certificate", async (t) => {
    const world = await World.create(t, {});
    world.options.webhook = { url: world.receiver.url.replace("http:", "https:") };
    await world.writeConfig();
    const said = /does not speak TLS on this port, probably plain HTTP/;
    const remedy = /write http:\/\/ in url/;
    const ping = JSON.parse((await world.dockbell("ping", "wms", "--output=json")).stdout);
    assert.equal(ping.error_class, "no-tls");
    assert.match(ping.reason, said);
    assert.match(ping.remedy, remedy);
    const online = await world.dockbell("check", "--online");
    assert.match(online.stdout, said);
    assert.match(online.stdout.replace(/\s+/g, " "), remedy);
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    assert.match(await lastError(world), said);
    await world.says(said);
    assert.doesNotMatch(world.daemon.stderr, /look at the receiver's certificate/);
    const [{ id }] = await world.list();
    const { history } = await world.json("queue", "show", id);
    assert.equal(history[0].error_class, "no-tls");
    assert.deepEqual(world.receiver.requests, []);
  });

  it("a TLS peer that goes away during the handshake ends no command", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const tls = https.createServer({ cert: await readFile(files.server.cert), key: await readFile(files.server.key) });
    const behind = await listen(t, tls);
    // The client gets the server's part of the handshake and the end of the connection, and writes its own.
    const front = net.createServer((client) => {
      const server = net.connect(behind, "127.0.0.1");
      client.on("data", (bytes) => server.write(bytes));
      server.once("data", (bytes) => {
        client.write(bytes);
        client.destroySoon();
        server.destroy();
      });
      for (const socket of [client, server]) socket.on("error", () => {});
    });
    const port = await listen(t, front);
    world.options.webhook = { url: `https://127.0.0.1:${port}/hook`, ca_file: files.ca };
    await world.writeConfig();
    for (const args of [["ping", "wms"], ["check", "--online"]])
      for (let i = 0; i < 3; i++) {
        const { code, stderr } = await world.dockbell(...args);
        assert.equal(code, 1, `${args.join(" ")}: ${stderr}`);
      }
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

  it("headers of the administrator's own, from secrets as well; a reload changes them", async (t) => {
    const server = http.createServer();
    const port = await listen(t, server);
    const world = await World.create(t, { webhook: { url: `http://127.0.0.1:${port}/hook` } });
    const key = path.join(world.directory, "api-key");
    await writeFile(key, "s3cret-key\n", { mode: 0o600 });
    world.options.webhook.headers = [`X-Api-Key: file:${key}`, "X-Tenant: warehouse 7, north", "Accept: application/json"];
    await world.writeConfig();
    const checked = await world.dockbell("check");
    assert.equal(checked.code, 0, checked.stderr);
    const ping = await world.dockbell("ping", "wms");
    assert.equal(ping.code, 0, ping.stderr);
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("both arrive", () => server.requests.length === 2);
    for (const { headers } of server.requests) {
      assert.equal(headers["x-api-key"], "s3cret-key");
      assert.equal(headers["x-tenant"], "warehouse 7, north");
      assert.equal(headers.accept, "application/json");
    }
    world.options.webhook.headers = ["X-Api-Key: another-key"];
    await world.writeConfig();
    world.daemon.kill("SIGHUP");
    await world.says(/\[webhook wms\]: headers$/m);
    await world.sqs.send([orderChange({ id: "two" })]);
    await world.until("the next arrives", () => server.requests.length === 3);
    assert.equal(server.requests[2].headers["x-api-key"], "another-key");
    assert.equal(server.requests[2].headers["x-tenant"], undefined);
    const shown = await world.dockbell("queue", "show", "1");
    const said = [world.daemon.stderr, shown.stdout, ping.stdout, checked.stdout, checked.stderr].join("\n");
    assert.doesNotMatch(said, /s3cret-key|another-key/);
    for (const [file, bytes] of await world.stateFiles()) assert.ok(!bytes.includes("s3cret-key"), file);
  });

  it("a header's secret that cannot be sent is told by check, with its place", async (t) => {
    const world = await World.create(t, {});
    const key = path.join(world.directory, "api-key");
    await writeFile(key, "s3cr\u00e9t", { mode: 0o600 });
    world.options.webhook = { headers: `X-Api-Key: file:${key}` };
    await world.writeConfig();
    const checked = await world.dockbell("check");
    assert.equal(checked.code, 78);
    assert.match(checked.stderr, /dockbell\.conf:\d+: \[webhook wms\] headers: X-Api-Key: .*cannot be in a header/);
    assert.doesNotMatch(checked.stderr, /s3cr/);
  });

  it("through a proxy", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const server = https.createServer({ cert: await readFile(files.server.cert), key: await readFile(files.server.key) });
    const port = await listen(t, server);
    const proxy = await proxyTo(t, port);
    world.options.webhook = {
      url: `https://localhost:${port}/hook`,
      ca_file: files.ca,
      proxy: proxy.url,
      headers: "X-Api-Key: s3cret",
    };
    await world.writeConfig();
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("it arrives", () => server.requests.length === 1);
    assert.deepEqual(proxy.asked.map((request) => request.url), [`localhost:${port}`]);
    assert.equal(server.requests[0].headers["x-api-key"], "s3cret");
    assert.doesNotMatch(JSON.stringify(proxy.asked[0].rawHeaders), /s3cret/, "the proxy does not get it");
  });

  it("the environment's proxies hold only where the config says so; no_proxy leads around them", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const server = https.createServer({ cert: await readFile(files.server.cert), key: await readFile(files.server.key) });
    const port = await listen(t, server);
    const proxy = await proxyTo(t, port);
    const env = { https_proxy: proxy.url, HTTPS_PROXY: proxy.url };
    world.options.webhook = { url: `https://localhost:${port}/hook`, ca_file: files.ca };
    await world.writeConfig();
    await world.start({ env });
    let sent = 0;
    // Sends one more, by the config that holds now; whether the proxy was asked for it.
    const askedFor = async () => {
      const before = proxy.asked.length;
      await world.sqs.send([orderChange({ id: `n${++sent}` })]);
      await world.until("it arrives", () => server.requests.length === sent);
      return proxy.asked.length > before;
    };
    const reload = async (keys) => {
      Object.assign(world.options.webhook, keys);
      await world.writeConfig();
      const before = world.daemon.stderr.length;
      server.closeIdleConnections(); // the next request has to find its way anew
      world.daemon.kill("SIGHUP");
      await world.until("it is read", () => world.daemon.stderr.slice(before).includes("was read again"));
    };
    assert.equal(await askedFor(), false, "not without being told");
    await reload({ proxy: "environment" });
    assert.equal(await askedFor(), true, "the environment's");
    const ping = await world.dockbell("ping", "wms", { env });
    assert.equal(ping.code, 0, ping.stderr);
    sent++;
    assert.equal(proxy.asked.length, 2, "by ping as well");
    await reload({ no_proxy: ["example.internal", "localhost"] });
    assert.equal(await askedFor(), false, "but not to that host");
    await reload({ proxy: proxy.url, no_proxy: undefined });
    assert.equal(await askedFor(), true, "the config's own");
    await reload({ no_proxy: "otherhost" });
    assert.equal(await askedFor(), true, "still, to another host than that");
  });

  // What the proxy does with the request to open the way, and what is reported.
  const proxyFaults = {
    "wants a password": [(socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
      /^the proxy 127\.0\.0\.1:\d+ does not open the way to wms\.example:443: HTTP 407, it wants a user and a password$/],
    "does not reach it": [(socket) => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"),
      /^the proxy 127\.0\.0\.1:\d+ does not open the way to wms\.example:443: HTTP 502$/],
    "hangs up": [(socket) => socket.end(),
      /^the proxy 127\.0\.0\.1:\d+ broke the connection before it opened the way to wms\.example:443$/],
    "never answers": [() => {},
      /^no connection to wms\.example:443 within 1 s: the proxy 127\.0\.0\.1:\d+ did not open the way$/, "1s"],
  };
  for (const [fault, [act, expected, connect_timeout = "30s"]] of Object.entries(proxyFaults))
    it(`a proxy that ${fault} is named, and no order pays for it`, async (t) => {
      const proxy = http.createServer();
      proxy.on("connect", (request, socket) => {
        socket.on("error", () => {});
        t.after(() => socket.destroy());
        act(socket);
      });
      const url = `http://127.0.0.1:${await listen(t, proxy)}`;
      const world = await World.create(t, {
        webhook: { url: "https://wms.example/hook", proxy: url, connect_timeout, max_attempts: 1 },
      });
      await world.start();
      await world.sqs.send([1, 2, 3, 4, 5, 6].map((n) => orderChange({ id: `n${n}`, order: `306-${n}` })));
      assert.match(await lastError(world), expected);
      await world.says(/does not work/);
      assert.equal((await world.list("--state=dead")).length, 0);
      const ping = await world.dockbell("ping", "wms");
      assert.match(ping.stderr, new RegExp(expected.source.slice(1, -1)));
    });

  it("a dead and a silent proxy are named; a host of no_proxy keeps its own name", async (t) => {
    const dead = await freePort();
    const silent = await silentHost(t);
    const world = await World.create(t, {
      webhook: { url: "https://wms.example/hook", proxy: `http://127.0.0.1:${dead}`, connect_timeout: "1s" },
    });
    const answer = async (keys) => {
      Object.assign(world.options.webhook, keys);
      await world.writeConfig();
      return (await world.dockbell("ping", "wms")).stderr;
    };
    assert.match(await answer({}), new RegExp(`connection to the proxy 127.0.0.1:${dead} refused`));
    assert.match(await answer({ proxy: `http://127.0.0.1:${silent.port}` }),
      new RegExp(`no connection to the proxy 127.0.0.1:${silent.port} within 1 s`));
    assert.match(await answer({ proxy: "http://proxy.invalid:3128" }), /the name of the proxy proxy\.invalid:3128 does not resolve/);
    assert.match(await answer({ url: `https://127.0.0.1:${dead}/`, no_proxy: "127.0.0.0/8" }),
      new RegExp(`connection to 127.0.0.1:${dead} refused`));
    world.options.webhook.no_proxy = `127.0.0.1:${dead}`;
    await world.writeConfig();
    const check = await world.dockbell("check");
    assert.equal(check.code, 78);
    assert.match(check.stderr, /no_proxy: "127\.0\.0\.1:\d+" has a port and would never match: write 127\.0\.0\.1,/);
  });

  for (const host of ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1:a9fe:a9:fe00::]", "[2002:a9fe:a9fe::1]"])
    it(`never to ${host}`, async (t) => {
      const world = await World.create(t, { webhook: { url: `https://${host}/latest/meta-data` } });
      await world.start();
      await world.sqs.send([orderChange({ id: "one" })]);
      assert.match(await lastError(world), /link-local/);
    });
});
