// SPDX-License-Identifier: MIT
// The admin endpoint: registering as Data Border documents it, with tokens that another library made.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import jwt from "jsonwebtoken";
import { FIXED } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

const KEY = "integration tests sign seller tokens with this";
const seller = {
  seller_id: FIXED.seller_id,
  region: "eu",
  refresh_token: FIXED.refresh_token,
};
const token = (claims = {}, options = {}) =>
  jwt.sign({ sub: "acme", ...claims }, KEY, { algorithm: "HS256", expiresIn: "1h", ...options });

async function start(t, options = {}) {
  const world = await World.create(t, {
    seller: { ...seller, ...options.seller },
    config: (sections) => {
      sections.admin = { listen: "127.0.0.1:0", token_key: KEY, ...options.admin };
      options.config?.(sections);
    },
  });
  await world.start();
  await world.says(/admin endpoint on/);
  const [, port] = /admin endpoint on 127\.0\.0\.1:0, port (\d+)/.exec(world.daemon.stderr);
  world.admin = `http://127.0.0.1:${port}`;
  return world;
}

// Status, answer and headers of one request to registerNotification.
async function register(world, { body, headers, method = "POST" } = {}) {
  const response = await fetch(`${world.admin}/api/notification/registerNotification`, {
    method,
    headers: { "content-type": "application/json", "x-seller-access-token": token(), ...headers },
    body: method === "GET" ? undefined : typeof body === "string" ? body : JSON.stringify(body ?? { sqsArn: world.sandbox.arn }),
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, answer: json ? JSON.parse(text) : text, headers: response.headers };
}

function refusal(answer, message) {
  assert.equal(answer.is_adb_error, true);
  assert.equal(answer.success, false);
  assert.match(answer.error.message, message);
}

const calls = async (world) => (await world.sandbox.state()).calls;

describe("admin endpoint", { concurrency: 4 }, () => {
  it("is off unless it is configured", async (t) => {
    const world = await World.create(t);
    await world.start();
    assert.doesNotMatch(world.daemon.stderr, /admin endpoint/);
  });

  it("GET /healthz: alive", async (t) => {
    const world = await start(t, { admin: { token_key: undefined } });
    const response = await fetch(`${world.admin}/healthz`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "alive\n");
    assert.equal((await fetch(`${world.admin}/healthz`, { method: "POST" })).status, 405);
    assert.equal((await fetch(`${world.admin}/else`)).status, 404);
    assert.equal((await register(world)).status, 404, "without token_key nobody can register");
  });

  it("registers, and says so again, in Data Border's words", async (t) => {
    const world = await start(t);
    for (const message of ["Notifications registed.", "Notifications already registed."]) {
      const { status, answer } = await register(world);
      assert.equal(status, 200);
      assert.deepEqual(answer, { message });
    }
    const made = await calls(world);
    assert.equal(made.createDestination, 1);
    assert.equal(made.createSubscription, 1);
  });

  it("recreateSubscription makes it anew", async (t) => {
    const world = await start(t);
    await register(world);
    const { status, answer } = await register(world, { body: { sqsArn: world.sandbox.arn, recreateSubscription: true } });
    assert.equal(status, 200);
    assert.deepEqual(answer, { message: "Notifications registed." });
    const made = await calls(world);
    assert.equal(made.deleteSubscriptionById, 1);
    assert.equal(made.createSubscription, 2);
  });

  it("what is registered differently is no success, and is left alone", async (t) => {
    const world = await start(t);
    await register(world);
    world.options.seller = { ...seller, subscribe: "ORDER_CHANGE", order_change_types: "OrderStatusChange" };
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.says(/admin endpoint on[^]*admin endpoint on/);
    world.admin = `http://127.0.0.1:${[...world.daemon.stderr.matchAll(/port (\d+), with/g)].at(-1)[1]}`;
    const { status, answer } = await register(world);
    assert.equal(status, 409);
    refusal(answer, /order change types.*recreateSubscription true/);
    assert.equal((await calls(world)).deleteSubscriptionById ?? 0, 0);
  });

  it("a token of dockbell token is good, and another library reads it", async (t) => {
    const world = await start(t);
    const { code, stdout, stderr } = await world.dockbell("token", "acme", "--expires", "30d");
    assert.equal(code, 0, stderr);
    const claims = jwt.verify(stdout.trim(), KEY, { algorithms: ["HS256"], subject: "acme" });
    assert.equal(claims.exp - claims.iat, 30 * 86400);
    assert.equal((await register(world, { headers: { "x-seller-access-token": stdout.trim() } })).status, 200);
    const json = await world.json("token", "acme");
    assert.equal(json.seller, "acme");
    assert.equal(Date.parse(json.expires), jwt.verify(json.token, KEY).exp * 1000);
    assert.equal((await world.dockbell("token", "nobody")).code, 2);
    assert.equal((await world.dockbell("token", "acme", "--expires", "soon")).code, 2);
    assert.ok(!world.daemon.stderr.includes(stdout.trim()), "a token is not logged");
    assert.ok(!world.daemon.stderr.includes(KEY), "the key is not logged");
  });

  const bad = {
    "no token": [undefined, /missing/],
    "no JWT": ["hello", /no JWT/],
    "another key": [jwt.sign({ sub: "acme" }, "another key, as long as the right one", { expiresIn: "1h" }), /not signed with this key/],
    "no signature": [jwt.sign({ sub: "acme" }, "", { algorithm: "none", expiresIn: "1h" }), /not signed/],
    "HS512": [token({}, { algorithm: "HS512" }), /HS256/],
    "expired": [token({}, { expiresIn: "-1s" }), /expired/],
    "never expires": [jwt.sign({ sub: "acme" }, KEY), /must expire/],
    "not good yet": [token({}, { notBefore: "1h" }), /not good yet/],
    "no seller": [jwt.sign({}, KEY, { expiresIn: "1h" }), /names no seller/],
    "a seller who is not configured": [token({ sub: "stranger" }), /not in the configuration/],
  };
  it("401 for every bad token, and Amazon is not asked", async (t) => {
    const world = await start(t);
    for (const [name, [value, message]] of Object.entries(bad)) {
      const headers = { "content-type": "application/json", ...(value && { "x-seller-access-token": value }) };
      const response = await fetch(`${world.admin}/api/notification/registerNotification`, {
        method: "POST", headers, body: JSON.stringify({ sqsArn: world.sandbox.arn }),
      });
      assert.equal(response.status, 401, name);
      refusal(await response.json(), message);
    }
    assert.equal((await calls(world)).getDestinations ?? 0, 0);
  });

  it("400 with a reason for bad bodies, 413, 415, 405", async (t) => {
    const world = await start(t);
    const bodies = [
      ["{", /not a JSON object/], ["[]", /not a JSON object/], ["{}", /sqsArn is missing/],
      ['{"sqsArn":7}', /sqsArn is missing/], [{ sqsArn: "orders" }, /not the ARN/],
      [{ sqsArn: `${world.sandbox.arn}.fifo` }, /FIFO/],
      [{ sqsArn: world.sandbox.arn, recreateSubscription: "yes" }, /not a boolean/],
      [{ sqsArn: "arn:aws:sqs:eu-west-1:444455556666:another" }, /not the queue that is configured/],
    ];
    for (const [body, message] of bodies) {
      const { status, answer } = await register(world, { body });
      assert.equal(status, 400, JSON.stringify(body));
      refusal(answer, message);
    }
    const large = await register(world, { body: " ".repeat(20000) });
    assert.equal(large.status, 413);
    refusal(large.answer, /larger than 16 KiB/);
    for (const type of ["text/plain", "application/jsonx", "application/x-www-form-urlencoded"])
      assert.equal((await register(world, { headers: { "content-type": type } })).status, 415, type);
    const get = await register(world, { method: "GET" });
    assert.equal(get.status, 405);
    assert.equal(get.headers.get("allow"), "POST");
    assert.equal((await calls(world)).getDestinations ?? 0, 0);
    assert.equal((await register(world, { headers: { "content-type": "application/json; charset=utf-8" } })).status, 200);
  });

  it("Amazon's refusal comes in the envelope", async (t) => {
    const world = await start(t);
    await world.sandbox.fault({ op: "createDestination", kind: "access_denied" });
    const { status, answer } = await register(world);
    assert.equal(status, 502, JSON.stringify(answer));
    refusal(answer, /^Error creating destination$/);
    const [error] = answer.error.amazon_response.errors;
    assert.deepEqual(error, { code: "Unauthorized", message: "Access to requested resource is denied." });
  });

  it("a refresh token that Amazon refuses is told, without the token", async (t) => {
    const world = await start(t, { seller: { refresh_token: "Atzr|not-a-good-one" } });
    const { status, answer } = await register(world);
    assert.equal(status, 502);
    refusal(answer, /access token|destination/);
    assert.ok(!JSON.stringify(answer).includes("not-a-good-one"));
  });

  it("429 for more than a seller's share", async (t) => {
    const world = await start(t);
    const statuses = [];
    for (let i = 0; i < 30 && !statuses.includes(429); i++) statuses.push((await register(world)).status);
    assert.ok(statuses.includes(429), statuses.join());
    assert.equal(statuses[0], 200);
  });

  it("what came by a subscription of this endpoint finds its seller", async (t) => {
    const world = await start(t);
    await register(world);
    await world.sandbox.publish({ count: 3 });
    await world.settled();
    assert.equal(world.receiver.faults.length, 0);
    assert.equal(world.receiver.delivered.size, 3);
  });

  it("an address that is taken, or a key too short: told, and receiving goes on", async (t) => {
    const first = await start(t);
    const taken = new URL(first.admin).host;
    const world = await World.create(t, { config: (s) => { s.admin = { listen: taken, token_key: KEY }; } });
    await world.start();
    await world.says(/no admin endpoint: .*in use/);
    const brief = await World.create(t, { config: (s) => { s.admin = { listen: "127.0.0.1:0", token_key: "brief" }; } });
    await brief.start();
    await brief.says(/no admin endpoint: .*32 at least/);
  });
});
