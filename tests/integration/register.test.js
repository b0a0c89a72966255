// SPDX-License-Identifier: MIT
// Registration: Amazon's destinations and subscriptions become what the config says.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { configText } from "./lib/config.js";
import { orderChange } from "./lib/messages.js";
import { FIXED } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

const seller = {
  seller_id: FIXED.seller_id,
  region: "eu",
  refresh_token: FIXED.refresh_token,
  subscribe: "ORDER_CHANGE",
};

const OTHER = {
  seller_id: "A3TH9S8BH6GOGM",
  refresh_token: "Atzr|dockbell-sandbox-refresh-token-of-seller-A3TH9S8BH6GOGM",
};

const CHANGES = ["createDestination", "createSubscription", "deleteSubscriptionById", "deleteDestination"];

async function changes(world) {
  const { calls } = await world.sandbox.state();
  return Object.fromEntries(CHANGES.filter((op) => calls[op]).map((op) => [op, calls[op]]));
}

async function register(world, ...args) {
  const result = await world.dockbell("register", ...args);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result.stdout;
}

async function unregister(world, ...args) {
  const result = await world.dockbell("unregister", ...args);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result.stdout;
}

// Of the sandbox's numbered sellers.
function numbered(n) {
  const seller_id = `ADOCKBELL${String(n).padStart(4, "0")}`;
  const refresh_token = `Atzr|dockbell-sandbox-refresh-token-of-seller-${seller_id}`;
  return { ...seller, seller_id, refresh_token, queue: "orders", region: ["eu", "na", "fe"][n % 3] };
}

describe("a hundred sellers", () => {
  it("register in parallel, from conf.d, in three regions, past two that cannot", async (t) => {
    const broken = { "seller a-gone": { ...numbered(998), refresh_token: "file:/nowhere/token" },
                     "seller a-revoked": { ...numbered(999), refresh_token: "Atzr|revoked" } };
    const world = await World.create(t, { seller, config: (sections) => Object.assign(sections, broken) });
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`seller s${n}`, numbered(n)]));
    const directory = path.join(world.directory, "conf.d");
    await mkdir(directory);
    await writeFile(path.join(directory, "sellers.conf"), configText(many), { mode: 0o600 });
    const { code, stdout, stderr } = await world.dockbell("register", "--output=json");
    assert.equal(code, 1, stderr);
    assert.doesNotMatch(stderr, /of 103 sellers/); // progress is for terminals
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const failed = lines.filter((line) => line.result === "failed").map((line) => line.seller);
    assert.deepEqual(failed.sort(), ["a-gone", "a-revoked"], stderr);
    const created = lines.filter((line) => line.type && line.result === "created");
    assert.equal(new Set(created.map((line) => line.seller)).size, 101);
    const { calls } = await world.sandbox.state();
    assert.equal(calls.createSubscription, 101);
    // Shared by the sellers of a region: in the others it is a conflict, or found.
    assert.ok(calls.createDestination <= 3, JSON.stringify(calls));
    assert.ok(calls.getDestinations <= 12, JSON.stringify(calls));
  });
});

describe("unregister", { concurrency: 4 }, () => {
  const subscribe = "ORDER_CHANGE, FULFILLMENT_ORDER_STATUS";

  it("deletes the subscriptions, then the destination; a second time there is nothing", async (t) => {
    const world = await World.create(t, { seller: { ...seller, subscribe } });
    await register(world);
    assert.match(await unregister(world, "acme", "--dry-run"), /would delete/);
    assert.equal((await changes(world)).deleteSubscriptionById, undefined);
    await unregister(world, "acme");
    const done = await changes(world);
    assert.ok(done.deleteSubscriptionById >= 2); // one is refused to the application first
    assert.equal(done.deleteDestination, 1);
    await unregister(world, "acme");
    assert.deepEqual(await changes(world), done);
  });

  it("one type: the others and the destination stay", async (t) => {
    const world = await World.create(t, { seller: { ...seller, subscribe } });
    await register(world);
    assert.match(await unregister(world, "acme", "FULFILLMENT_ORDER_STATUS"), /deleted +FULFILLMENT_ORDER_STATUS/);
    const done = await changes(world);
    assert.equal(done.deleteDestination, undefined);
    const again = await register(world);
    assert.match(again, /kept +ORDER_CHANGE/);
    assert.match(again, /created +FULFILLMENT_ORDER_STATUS/);
  });

  it("a destination that another seller of the configuration needs stays", async (t) => {
    const config = (sections) => {
      sections["seller other"] = { ...seller, ...OTHER, queue: "orders" };
    };
    const world = await World.create(t, { seller, config });
    await register(world);
    await unregister(world, "acme");
    const done = await changes(world);
    assert.equal(done.deleteSubscriptionById, 1);
    assert.equal(done.deleteDestination, undefined);
  });

  it("a destination with subscriptions the configuration does not know is kept, and said so", async (t) => {
    const config = (sections) => {
      sections["seller other"] = { ...seller, ...OTHER, queue: "orders" };
    };
    const world = await World.create(t, { seller, config });
    await register(world);
    world.options.config = undefined;
    await world.writeConfig();
    assert.match(await unregister(world, "acme"), /kept.*still has subscriptions/);
  });

  it("nobody, or somebody unknown: exits with 2", async (t) => {
    const world = await World.create(t, { seller });
    assert.equal((await world.dockbell("unregister")).code, 2);
    assert.equal((await world.dockbell("unregister", "nobody")).code, 2);
  });
});

describe("register", { concurrency: 4 }, () => {
  it("fresh: makes the destination and the subscription", async (t) => {
    const world = await World.create(t, { seller });
    const told = await register(world);
    assert.match(told, /created/);
    assert.deepEqual(await changes(world), { createDestination: 1, createSubscription: 1 });
  });

  it("existing: finds both and changes nothing", async (t) => {
    const world = await World.create(t, { seller });
    await register(world);
    const told = await register(world);
    assert.match(told, /kept|found/);
    assert.deepEqual(await changes(world), { createDestination: 1, createSubscription: 1 });
  });

  it("--recreate: deletes the subscription and makes it anew", async (t) => {
    const world = await World.create(t, { seller });
    await register(world);
    await register(world, "--recreate");
    assert.deepEqual(await changes(world), {
      createDestination: 1, createSubscription: 2, deleteSubscriptionById: 1,
    });
  });

  it("--recreate with nothing there: just makes it", async (t) => {
    const world = await World.create(t, { seller });
    await register(world, "--recreate");
    assert.deepEqual(await changes(world), { createDestination: 1, createSubscription: 1 });
  });

  it("--dry-run: tells what it would do, and does nothing", async (t) => {
    const world = await World.create(t, { seller });
    const told = await register(world, "--dry-run");
    assert.match(told, /would/i);
    assert.deepEqual(await changes(world), {});
    await register(world);
    await register(world, "--dry-run", "--recreate");
    assert.deepEqual(await changes(world), { createDestination: 1, createSubscription: 1 });
  });

  it("a filter expression: sent, kept, and different when the config changes", async (t) => {
    const subscribe = "ORDER_CHANGE, FULFILLMENT_ORDER_STATUS";
    const filter_expression = "FULFILLMENT_ORDER_STATUS: a.status == 'SHIPPED'";
    const world = await World.create(t, { seller: { ...seller, subscribe, filter_expression } });
    await register(world);
    assert.doesNotMatch(await register(world), /different/);
    world.options.seller.filter_expression = "FULFILLMENT_ORDER_STATUS: a.status == 'COMPLETE'";
    await world.writeConfig();
    const { code, stdout } = await world.dockbell("register");
    assert.equal(code, 1);
    assert.match(stdout, /different.*filter expression a\.status == 'SHIPPED' instead of a\.status == 'COMPLETE'/);
    await register(world, "--recreate");
    assert.match(await register(world), /kept +FULFILLMENT_ORDER_STATUS/);
  });

  it("several types, one seller by name", async (t) => {
    const types = "ORDER_CHANGE, EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE";
    const world = await World.create(t, { seller: { ...seller, subscribe: types } });
    await register(world, "acme");
    assert.deepEqual(await changes(world), { createDestination: 1, createSubscription: 2 });
    const unknown = await world.dockbell("register", "nobody");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /nobody/);
  });

  it("in JSON", async (t) => {
    const world = await World.create(t, { seller });
    const told = await register(world, "--output=json");
    for (const line of told.trim().split("\n")) JSON.parse(line);
    assert.match(told, /ORDER_CHANGE/);
  });

  it("a refused refresh token: says so, exits with 1, names the seller, not the token", async (t) => {
    const token = "Atzr|revoked-long-ago";
    const world = await World.create(t, { seller: { ...seller, refresh_token: token } });
    const { code, stdout, stderr } = await world.dockbell("register");
    assert.equal(code, 1);
    assert.match(stdout + stderr, /acme/);
    assert.ok(!(stdout + stderr).includes(token));
  });

  it("one seller's secret that cannot be read, or is refused, is no other seller's trouble", async (t) => {
    const config = (sections) => {
      sections["seller gone"] = { ...seller, seller_id: "A1GONE", queue: "orders", refresh_token: "file:/nowhere/token" };
      sections["seller revoked"] = { ...seller, seller_id: "A1REVOKED", queue: "orders", refresh_token: "Atzr|revoked" };
    };
    const world = await World.create(t, { seller, config });
    const { code, stdout } = await world.dockbell("register", "--output=json");
    assert.equal(code, 1);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const results = (name) => lines.filter((line) => line.seller === name).map((line) => line.result);
    assert.ok(results("acme").includes("created"), stdout);
    assert.ok(!results("acme").includes("failed"), stdout);
    assert.deepEqual(results("gone"), ["failed"]);
    assert.match(stdout, /file:\/nowhere\/token/);
    assert.equal(results("revoked").at(-1), "failed");
    await world.start();
    await world.until("all three are told", async () => (await world.status()).sellers?.length >= 3);
  });

  it("run registers at its start, and receives although that fails", async (t) => {
    const world = await World.create(t, { seller });
    await world.sandbox.fault({ op: "getDestinations", kind: "500", rate: 1 });
    await world.start();
    await world.sqs.send([orderChange({ id: "one", seller: FIXED.seller_id })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("one"));
    await world.says(/regist/i);
    assert.ok(world.daemon.running);
    assert.ok(!world.daemon.stderr.includes(seller.refresh_token));
    assert.ok(!world.daemon.stderr.includes(FIXED.client_secret));
  });

  it("run makes what is missing", async (t) => {
    const world = await World.create(t, { seller });
    await world.start();
    await world.until("it is registered", async () => (await changes(world)).createSubscription === 1);
    assert.deepEqual(await changes(world), { createDestination: 1, createSubscription: 1 });
  });
});
