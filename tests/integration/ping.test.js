// SPDX-License-Identifier: MIT
// ping, sign and verify: what a WMS developer tries before any order comes.
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { Webhook } from "standardwebhooks";
import { freePort } from "./lib/port.js";
import { SECRET } from "./lib/receiver.js";
import { World } from "./lib/world.js";

const OTHER = "whsec_" + Buffer.from("another secret, also of 32 bytes").toString("base64");

function secretFile(world, secret, name = "a.secret") {
  const file = path.join(world.directory, name);
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return file;
}

describe("dockbell ping", { concurrency: 4 }, () => {
  it("sends a signed event that is no order, and stores nothing", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 202 }) });
    const result = await world.dockbell("ping", "wms");
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^webhook wms: HTTP 202, \d+ ms, 127\.0\.0\.1:\d+, signed\n$/);
    const [request, ...more] = world.receiver.requests;
    assert.equal(more.length, 0);
    assert.deepEqual(world.receiver.faults, []);
    assert.match(request.id, /^ping-[0-9a-f]{32}$/);
    assert.equal(request.type, "dockbell.ping");
    assert.equal(request.order, undefined);
    const { type, data } = JSON.parse(request.body);
    assert.equal(type, "dockbell.ping");
    assert.equal(data.id, request.id);
    assert.deepEqual(readdirSync(world.stateDirectory), []);
    await world.dockbell("ping", "wms");
    assert.notEqual(world.receiver.requests[1].id, request.id);
  });

  // A receiver that verifies JSON which it has written again fails with Amazon's layout, so also here.
  for (const format of ["standard", "raw", "cloudevents"])
    it(`has bytes that no JSON library writes, in the format ${format}`, async (t) => {
      const world = await World.create(t, { webhook: { format } });
      const { code, stderr } = await world.dockbell("ping", "wms");
      assert.equal(code, 0, stderr);
      const [{ headers, body }] = world.receiver.requests;
      const text = body.toString("utf8");
      const again = JSON.stringify(JSON.parse(text));
      assert.notEqual(again, text);
      assert.match(text, /" : "/);
      new Webhook(SECRET).verify(text, headers);
      assert.throws(() => new Webhook(SECRET).verify(again, headers));
      assert.deepEqual(world.receiver.faults, []);
    });

  const answers = [
    [{ status: 401 }, "http_4xx", /compare the secret/],
    [{ status: 404 }, "http_4xx", /compare the path/],
    [{ status: 302, headers: { location: "/elsewhere" } }, "http_3xx", /final address/],
    [{ status: 410 }, "http_4xx", /queue resume/],
    [{ status: 500 }, "http_5xx", /receiver has a problem/],
    [{ drop: true }, "reset", /connection broke/],
  ];
  for (const [answer, error_class, remedy] of answers)
    it(`says what to do about ${JSON.stringify(answer)}`, async (t) => {
      const world = await World.create(t, { answer: () => answer });
      const result = await world.dockbell("ping", "wms", "--output=json");
      assert.equal(result.code, 1);
      const told = JSON.parse(result.stdout);
      assert.equal(told.ok, false);
      assert.equal(told.error_class, error_class);
      assert.equal(told.http_status, answer.status ?? null);
      assert.match(told.remedy, remedy);
      const { code, stderr } = await world.dockbell("ping", "wms");
      assert.equal(code, 1);
      assert.match(stderr, remedy);
    });

  it("says that nobody listens, or answers in time", async (t) => {
    const port = await freePort();
    const nobody = await World.create(t, { webhook: { url: `http://127.0.0.1:${port}/` } });
    const refused = await nobody.dockbell("ping", "wms");
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^webhook wms: no answer/);
    assert.match(refused.stderr, /is the receiver running/);
    const slow = await World.create(t, { webhook: { timeout: "1s" }, answer: () => ({ delay_ms: 600_000 }) });
    const late = await slow.dockbell("ping", "wms");
    assert.equal(late.code, 1);
    assert.match(late.stderr, /longer than timeout/);
  });

  it("shows the beginning of the answer, made harmless", async (t) => {
    const world = await World.create(t);
    world.receiver.server.removeAllListeners("request");
    world.receiver.server.on("request", (request, response) => {
      request.resume();
      response.end("\x1b[31mred" + "x".repeat(100_000));
    });
    const result = await world.dockbell("ping", "wms");
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /answer: \\x1b\[31mredx+/);
    assert.ok(result.stdout.length < 1000);
  });

  it("tells a name that does not exist, and a secret that cannot be read", async (t) => {
    const world = await World.create(t, { webhook: { secret: "file:/nonexistent/secret" } });
    assert.equal((await world.dockbell("ping", "nobody")).code, 2);
    assert.equal((await world.dockbell("ping")).code, 2);
    const { code, stderr } = await world.dockbell("ping", "wms");
    assert.equal(code, 78);
    assert.match(stderr, /file:\/nonexistent\/secret/);
  });
});

describe("dockbell sign and verify", { concurrency: 4 }, () => {
  const body = '{"type":"amazon.order_change","data":{"k":"\u00fc"}}';

  it("make and take what the specification's own library takes and makes", async (t) => {
    const world = await World.create(t);
    const signed = await world.dockbell("sign", "--webhook=wms", "--id=msg_1", "--output=json", { input: body });
    assert.equal(signed.code, 0, signed.stderr);
    const headers = JSON.parse(signed.stdout);
    assert.equal(headers["webhook-id"], "msg_1");
    new Webhook(SECRET).verify(body, headers);

    const now = new Date();
    const signature = new Webhook(SECRET).sign("msg_2", now, body);
    const options = ["--id=msg_2", `--timestamp=${Math.floor(now / 1000)}`, `--signature=${signature}`];
    const verified = await world.dockbell("verify", "--webhook=wms", ...options, { input: body });
    assert.equal(verified.stdout, "ok\n", verified.stderr);
    assert.equal(verified.code, 0);
  });

  it("work with files alone, without a configuration", async (t) => {
    const world = await World.create(t);
    const secret = `--secret-file=${secretFile(world, SECRET)}`;
    const [bodyFile, headersFile] = ["body", "headers"].map((name) => path.join(world.directory, name));
    writeFileSync(bodyFile, body);
    const none = ["--config", "/nonexistent/dockbell.conf"];
    const signed = await world.dockbell("sign", secret, bodyFile, ...none);
    assert.equal(signed.code, 0, signed.stderr);
    assert.match(signed.stdout, /^webhook-id: \S+\nwebhook-timestamp: \d+\nwebhook-signature: v1,\S+\n$/);
    writeFileSync(headersFile, `POST / HTTP/1.1\r\n${signed.stdout.replaceAll("\n", "\r\n")}\r\n`);
    const verified = await world.dockbell("verify", secret, `--headers=${headersFile}`, bodyFile, ...none);
    assert.equal(verified.code, 0, verified.stderr);
  });

  it("say why not", async (t) => {
    const world = await World.create(t);
    const secret = `--secret-file=${secretFile(world, SECRET)}`;
    const other = `--secret-file=${secretFile(world, OTHER, "b.secret")}`;
    const bad = `--secret-file=${secretFile(world, "whsec_c2hvcnQ=", "c.secret")}`;
    const old = await world.json("sign", secret, "--id=a", "--timestamp=1614265330", { input: body });
    const options = Object.entries(old).map(([name, value]) => `--${name.replace("webhook-", "")}=${value}`);
    const verdict = async (...args) => {
      const result = await world.dockbell("verify", ...args, "--output=json", { input: body });
      assert.equal(result.code, 1, result.stderr);
      return JSON.parse(result.stdout).verdict;
    };
    assert.equal(await verdict(secret, ...options), "too_old");
    assert.equal(await verdict(other, "--tolerance=any", ...options), "wrong_signature");
    assert.equal(await verdict(secret, ...options.slice(0, 2)), "no_signature");
    const received = async (text) => {
      const { stdout, stderr } = await world.dockbell("verify", secret, "--tolerance=any", ...options, "--output=json", { input: text });
      return JSON.parse(stdout || assert.fail(stderr)).verdict;
    };
    assert.equal(await received(`${body}\n`), "line_end_added");
    assert.equal(await received(JSON.stringify(JSON.parse(body), null, 2)), "rewritten");
    assert.equal(await received(body.replace("k", "l")), "wrong_signature");
    const fine = await world.dockbell("verify", secret, "--tolerance=any", ...options, { input: body });
    assert.equal(fine.code, 0, fine.stderr);
    const malformed = await world.dockbell("verify", bad, ...options, { input: body });
    assert.equal(malformed.code, 1);
    assert.match(malformed.stderr, /whsec_ and the padded base64 of 24 to 64 bytes/);
    assert.ok(!malformed.stderr.includes("c2hvcnQ"));
  });

  it("recognise a ping and an event that the receiver has parsed and written again", async (t) => {
    const world = await World.create(t);
    await world.dockbell("ping", "wms");
    await world.start();
    await world.sandbox.publish({ count: 1 });
    await world.until("the event has come", () => world.receiver.requests.length === 2);
    for (const { headers, body: bytes } of world.receiver.requests) {
      const file = path.join(world.directory, "headers");
      writeFileSync(file, Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`).join(""));
      const verdict = async (input) =>
        JSON.parse((await world.dockbell("verify", "--webhook=wms", `--headers=${file}`, "--output=json", { input })).stdout).verdict;
      assert.equal(await verdict(bytes.toString("utf8")), "ok");
      assert.equal(await verdict(JSON.stringify(JSON.parse(bytes))), "rewritten");
    }
  });

  it("want the secret from exactly one place", async (t) => {
    const world = await World.create(t);
    for (const command of ["sign", "verify"]) {
      assert.equal((await world.dockbell(command, { input: body })).code, 2);
      assert.equal((await world.dockbell(command, "--webhook=wms", "--secret-file=x", { input: body })).code, 2);
      assert.equal((await world.dockbell(command, "--webhook=nobody", { input: body })).code, 2);
    }
    assert.equal((await world.dockbell("sign", "--webhook=wms", "--id=a b", { input: body })).code, 2);
    assert.equal((await world.dockbell("sign", "--webhook=wms", "--timestamp=now", { input: body })).code, 2);
    assert.equal((await world.dockbell("verify", "--webhook=wms", "--tolerance=0", { input: body })).code, 2);
  });
});
