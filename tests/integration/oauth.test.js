// SPDX-License-Identifier: MIT
// Webhooks that want access tokens by OAuth 2.0 client credentials: one token for all, renewed when it
// is needed, and nothing is sent without one.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { Authority, CLIENT_SECRET } from "./lib/authority.js";
import { configText } from "./lib/config.js";
import { orderChange, traffic } from "./lib/messages.js";
import { certificates } from "./lib/reached.js";
import { stays } from "./lib/wait.js";
import { World } from "./lib/world.js";

// Probes follow each other closely, so that a mended fault is noticed soon.
const EAGER = { probe_first: "1s", probe_longest: "1s" };

// A world whose webhook takes only good tokens of the authority.
async function guarded(t, { webhook, ...options } = {}) {
  const authority = await Authority.create(t, options);
  const world = await World.create(t, {
    answer: (request) => authority.judge(request),
    webhook: { ...authority.keys, ...EAGER, ...webhook },
  });
  return { world, authority };
}

const orders = (prefix, count) =>
  Array.from({ length: count }, (_, i) =>
    orderChange({ id: `${prefix}-${i}`, order: `306-${prefix.length}00000${i}-0000001` }),
  );

const count = (text, pattern) => (text.match(pattern) ?? []).length;

// Neither the client's secret nor a token is in anything that Dockbell says or keeps.
async function assertKept(world, authority) {
  const shown = await world.dockbell("queue", "show", "1");
  const status = await world.dockbell("--output=json", "status");
  const places = new Map(await world.stateFiles());
  places.set("the journal", world.daemon.stderr + world.daemon.stdout);
  places.set("queue show", shown.stdout + shown.stderr);
  places.set("status", status.stdout + status.stderr);
  if (world.daemon.running) places.set("argv", await readFile(`/proc/${world.daemon.pid}/cmdline`));
  const basic = Buffer.from(`dockbell:${encodeURIComponent(CLIENT_SECRET)}`).toString("base64");
  for (const [place, bytes] of places)
    for (const secret of [CLIENT_SECRET, basic, ...authority.given])
      assert.ok(!Buffer.from(bytes).includes(secret), `a secret in ${place}`);
}

describe("access tokens", { concurrency: 4 }, () => {
  it("one is asked for and serves all deliveries", async (t) => {
    const { world, authority } = await guarded(t, {
      webhook: { oauth_scope: "orders.write events:all", oauth_audience: "https://wms.example/?a=b" },
    });
    await world.start();
    await stays("nothing is asked while nothing is to be sent", 1, () => authority.requests.length === 0);
    const { ids, bodies } = traffic({ count: 300 });
    await world.sqs.send(bodies);
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
    await world.settled();
    assert.equal(authority.requests.length, 1);
    assert.deepEqual(world.receiver.faults, []);
    const [{ headers, form, client }] = authority.requests;
    assert.deepEqual(client, { by: "basic", id: "dockbell", secret: CLIENT_SECRET });
    assert.match(headers["content-type"], /^application\/x-www-form-urlencoded/);
    assert.deepEqual(Object.fromEntries(form), {
      grant_type: "client_credentials",
      scope: "orders.write events:all",
      audience: "https://wms.example/?a=b",
    });
    await assertKept(world, authority);
  });

  it("id and secret in the form; a token that has ended is replaced", async (t) => {
    const { world, authority } = await guarded(t, { webhook: { oauth_client_auth: "post" }, expires_in: 2 });
    await world.start();
    await world.sqs.send(orders("a", 3));
    await world.until("they are delivered", () => world.receiver.delivered.size === 3);
    assert.equal(authority.requests.length, 1);
    assert.deepEqual(authority.requests[0].client, { by: "post", id: "dockbell", secret: CLIENT_SECRET });
    await stays("none is asked for in advance", 2, () => authority.requests.length === 1);
    await world.sqs.send(orders("bb", 3));
    await world.until("they are delivered, too", () => world.receiver.delivered.size === 6);
    assert.equal(authority.requests.length, 2);
    assert.ok(world.receiver.requests.every(({ status }) => status === 204));
    await assertKept(world, authority);
  });

  it("a revoked one is replaced once, and each refused delivery has one more attempt", async (t) => {
    const { world, authority } = await guarded(t);
    await world.start();
    await world.sqs.send(orders("a", 1));
    await world.until("it is delivered", () => world.receiver.delivered.size === 1);
    authority.revokeAll();
    const bodies = orders("bb", 30);
    await world.sqs.send(bodies);
    await world.until("all are delivered", () => world.receiver.delivered.size === 31);
    await world.settled();
    assert.equal(authority.requests.length, 2);
    const refused = world.receiver.requests.filter(({ status }) => status === 401);
    assert.ok(refused.length > 0);
    for (const { id } of refused) {
      const [first, second, ...more] = world.receiver.byId.get(id);
      assert.deepEqual([first.status, second.status, more.length], [401, 204, 0]);
      assert.deepEqual([first.attempt, second.attempt], [1, 2]);
      assert.ok(Number(second.headers["dockbell-sequence"]) > Number(first.headers["dockbell-sequence"]));
    }
    assert.deepEqual(world.receiver.faults, []);
    await assertKept(world, authority);
  });

  it("a receiver that takes none is a destination fault, and no storm of requests", async (t) => {
    const { world, authority } = await guarded(t);
    world.receiver.answer = () => ({ status: 401 });
    await world.start();
    await world.sqs.send(orders("a", 1));
    const [row] = await world.until("both attempts are stored", async () => {
      const rows = await world.list();
      return rows[0]?.attempts === 2 && rows[0].state === "ready" ? rows : null;
    });
    assert.equal(row.last_error, "HTTP 401 Unauthorized");
    assert.equal(world.receiver.requests.length, 2);
    assert.equal(authority.requests.length, 2);
  });

  it("a receiver that repeats the token in its error page does not get it into the store", async (t) => {
    const { world, authority } = await guarded(t);
    world.receiver.answer = ({ headers }) => ({ status: 500, body: `<pre>HTTP_AUTHORIZATION: ${headers.authorization}` });
    await world.start();
    await world.sqs.send(orders("a", 1));
    await world.until("the fault is stored", async () => (await world.list())[0]?.last_error);
    const { stdout } = await world.dockbell("queue", "show", "1");
    assert.match(stdout, /HTTP_AUTHORIZATION: Bearer \*+/);
    await assertKept(world, authority);
    const ping = await world.dockbell("ping", "wms");
    assert.match(ping.stdout, /HTTP_AUTHORIZATION: Bearer \*+/);
  });

  it("with a wrong secret nothing is sent, and all is when it is right", async (t) => {
    const { world, authority } = await guarded(t);
    authority.secret = "another";
    await world.start();
    await world.sqs.send(orders("a", 20));
    await world.until("it was tried again", () => authority.requests.length >= 3);
    assert.equal(world.receiver.requests.length, 0);
    const rows = await world.list();
    assert.equal(rows.length, 20);
    for (const { state, attempts } of rows) assert.deepEqual([state, attempts], ["ready", 0]);
    const { webhooks } = await world.status();
    assert.equal(webhooks[0].breaker, "open");
    assert.match(webhooks[0].last_error, /^the token endpoint 127\.0\.0\.1:\d+ refuses webhook wms: invalid_client: compare/);
    authority.secret = CLIENT_SECRET;
    await world.until("all are delivered", () => world.receiver.delivered.size === 20);
    await world.settled();
    await world.says(/webhook wms works again/);
    assert.equal(count(world.daemon.stderr, /gets no access token/g), 1);
    assert.equal(count(world.daemon.stderr, /gets access tokens again/g), 1);
    assert.ok(world.receiver.requests.every(({ attempt }) => attempt === 1));
    await assertKept(world, authority);
  });

  const hostile = [
    { name: "that answers 500", reason: /refuses webhook wms: status 500/, answer: { status: 500, body: "<html>" } },
    { name: "that answers rubbish", reason: /sends no access token/, answer: { status: 200, body: "\0\xff{" } },
    { name: "that answers without end", reason: /larger|too large/, answer: { status: 200, body: "x".repeat(1 << 20) } },
    {
      name: "that gives a token with a header in it",
      reason: /sends no access token/,
      answer: { status: 200, body: JSON.stringify({ access_token: "a\r\nx-evil: 1", token_type: "bearer" }) },
    },
    { name: "that redirects", reason: /status 307: redirects are not followed/, answer: { status: 307 } },
    { name: "that hangs", reason: /timed out|timeout|no answer/i, answer: new Promise(() => {}), webhook: { timeout: "1s" } },
  ];
  for (const { name, reason, answer, webhook } of hostile)
    it(`an endpoint ${name}`, async (t) => {
      let broken = true;
      const { world, authority } = await guarded(t, { webhook, answer: () => (broken ? answer : undefined) });
      if (answer.status === 307) answer.headers = { location: authority.url.replace("/token", "/elsewhere") };
      await world.start();
      await world.sqs.send(orders("a", 3));
      await world.says(/gets no access token/);
      await world.until("it was tried again", () => authority.requests.length >= 2);
      assert.match(/gets no access token.*/.exec(world.daemon.stderr)[0], reason);
      assert.equal(world.receiver.requests.length, 0);
      broken = false;
      await world.until("all are delivered", () => world.receiver.delivered.size === 3);
      await world.settled();
      assert.ok(world.receiver.requests.every(({ attempt }) => attempt === 1));
      assert.deepEqual(world.receiver.faults, []);
    });

  it("killed while it waits for one: nothing was in flight, and all comes after the next start", async (t) => {
    let held = true;
    const { world, authority } = await guarded(t, { answer: () => (held ? new Promise(() => {}) : undefined) });
    await world.start();
    await world.sqs.send(orders("a", 5));
    await world.until("a token is asked for", () => authority.requests.length === 1);
    await world.until("all are stored", async () => (await world.list()).length === 5);
    await world.until("all are deleted from the queue", () => world.sqs.empty());
    await world.daemon.stop();
    held = false;
    await world.start();
    await world.until("all are delivered", () => world.receiver.delivered.size === 5);
    await world.settled();
    assert.ok(world.receiver.requests.every(({ attempt }) => attempt === 1));
    assert.deepEqual(world.receiver.repeated, []);
    // Nothing of the token outlives the process: each has asked for its own.
    await world.daemon.stop();
    await world.start();
    await world.sqs.send(orders("bb", 1));
    await world.until("it is delivered", () => world.receiver.delivered.size === 6);
    assert.equal(authority.given.length, 2);
    await assertKept(world, authority);
  });

  it("SIGTERM does not wait for the token endpoint", async (t) => {
    const { world, authority } = await guarded(t, { answer: () => new Promise(() => {}) });
    await world.start();
    await world.sqs.send(orders("a", 5));
    await world.until("a token is asked for", () => authority.requests.length === 1);
    const { code } = await world.daemon.stop("SIGTERM");
    assert.equal(code, 0);
    assert.doesNotMatch(world.daemon.stderr, /unknown outcome/);
  });

  it("SIGHUP with another secret: the next token is got with it", async (t) => {
    const { world, authority } = await guarded(t);
    await world.start();
    await world.sqs.send(orders("a", 1));
    await world.until("it is delivered", () => world.receiver.delivered.size === 1);
    const reload = async (secret) => {
      const sections = world.sections();
      sections["webhook wms"].oauth_client_secret = secret;
      await writeFile(world.configFile, configText(sections), { mode: 0o600 });
      const before = world.daemon.stderr.length;
      world.daemon.kill("SIGHUP");
      await world.until("it has read", () => /was read again/.test(world.daemon.stderr.slice(before)));
    };
    await reload(CLIENT_SECRET);
    await world.sqs.send(orders("bb", 1));
    await world.until("it is delivered", () => world.receiver.delivered.size === 2);
    assert.equal(authority.requests.length, 1, "the same token goes on");
    authority.secret = "another s3cret";
    await reload(authority.secret);
    await world.sqs.send(orders("ccc", 1));
    await world.until("it is delivered", () => world.receiver.delivered.size === 3);
    assert.equal(authority.requests.length, 2);
    assert.equal(authority.requests[1].client.secret, "another s3cret");
    assert.doesNotMatch(world.daemon.stderr, /s3cret/);
  });

  it("an endpoint with a certificate of a private authority", async (t) => {
    const world = await World.create(t, {});
    const files = await certificates(world.directory);
    const tls = {
      ca: await readFile(files.ca),
      cert: await readFile(files.server.cert),
      key: await readFile(files.server.key),
      requestCert: true,
      rejectUnauthorized: true,
    };
    const authority = await Authority.create(t, { tls });
    world.receiver.answer = (request) => authority.judge(request);
    world.options.webhook = { ...authority.keys, ...EAGER };
    await world.writeConfig();
    const refused = await world.dockbell("ping", "wms");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the token endpoint 127\.0\.0\.1:\d+: .*certificate/);
    assert.match(refused.stderr, /remedy: nothing is sent without a token/);
    assert.equal(authority.requests.length, 0);
    world.options.webhook = {
      ...world.options.webhook,
      ca_file: path.join(world.directory, "not-this.pem"),
      oauth_ca_file: files.ca,
      client_certificate: files.client.cert,
      client_key: files.client.key,
    };
    await writeFile(world.options.webhook.ca_file, await readFile(files.client.cert));
    await world.writeConfig();
    await world.start();
    await world.sqs.send(orders("a", 2));
    await world.until("all are delivered", () => world.receiver.delivered.size === 2);
    assert.equal(authority.requests.length, 1);
  });

  it("ping and check --online ask for one as well", async (t) => {
    const { world, authority } = await guarded(t);
    const ping = await world.dockbell("ping", "wms");
    assert.equal(ping.code, 0, ping.stderr);
    assert.equal(world.receiver.requests.length, 1);
    const states = async () => {
      const { stdout } = await world.dockbell("check", "--online", "--output=json");
      return JSON.parse(stdout).online.filter(({ check }) => check === "token");
    };
    const [good] = await states();
    assert.equal(good.state, "ok");
    authority.secret = "another";
    const [bad] = await states();
    assert.equal(bad.state, "fail");
    assert.match(bad.text, /invalid_client/);
    const { stdout, code } = await world.dockbell("ping", "wms", "--output=json");
    assert.equal(code, 1);
    const answer = JSON.parse(stdout);
    assert.equal(answer.error_class, "token");
    assert.equal(answer.class, "destination fault");
    assert.equal(answer.http_status, null);
    assert.equal(world.receiver.requests.filter(({ method }) => method === "POST").length, 1);
    for (const text of [stdout, ping.stdout, ping.stderr]) assert.doesNotMatch(text, /s3cret|tok3n/);
  });
});
