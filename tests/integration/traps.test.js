// SPDX-License-Identifier: MIT
// What people fell over when they registered queues with Amazon, one by one.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIXED } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

const seller = {
  seller_id: FIXED.seller_id,
  region: "eu",
  refresh_token: FIXED.refresh_token,
  subscribe: "ORDER_CHANGE",
};

const calls = async (world) => (await world.sandbox.state()).calls;

// Runs `register` and returns its lines as objects, with the exit status.
async function register(world, ...args) {
  const { code, stdout, stderr } = await world.dockbell("register", ...args, "--output=json");
  return { code, stderr, lines: stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)) };
}

const results = (lines) => lines.map(({ type, result }) => `${type ?? "destination"} ${result}`);

describe("traps of registering", { concurrency: 4 }, () => {
  it("the destination exists, but the list shows it late: 409, then a second look", async (t) => {
    const world = await World.create(t, { seller });
    await register(world);
    await world.sandbox.fault({ op: "getDestinations", kind: "empty", count: 2 });
    const { code, lines } = await register(world);
    assert.equal(code, 0);
    assert.deepEqual(results(lines), ["destination found", "ORDER_CHANGE kept"]);
    assert.equal((await calls(world)).createDestination, 3, "one made it, two were refused");
  });

  it("the subscription exists, but goes to another destination: said, never replaced by itself", async (t) => {
    const world = await World.create(t, { seller });
    await register(world);
    const [{ id: first }] = (await register(world)).lines;
    world.options.queue = { ...world.options.queue, arn: world.sqs.arn.replace(/[^:]+$/, "another-queue") };
    await world.writeConfig();
    const { code, lines } = await register(world);
    assert.equal(code, 1, "only partly done");
    assert.deepEqual(results(lines), ["destination created", "ORDER_CHANGE different"]);
    assert.ok(lines[1].text.includes(`destination ${first} instead of ${lines[0].id}`), lines[1].text);
    const again = await register(world, "--recreate");
    assert.equal(again.code, 0);
    assert.deepEqual(results(again.lines), ["destination found", "ORDER_CHANGE deleted", "ORDER_CHANGE created"]);
  });

  it("a subscription that somebody made meanwhile: 409, then looked at", async (t) => {
    const world = await World.create(t, { seller });
    await register(world);
    // The list does not show it yet.
    await world.sandbox.fault({ op: "getSubscriptions", kind: "empty", count: 1 });
    const { code, lines } = await register(world);
    assert.equal(code, 0, JSON.stringify(lines));
    assert.equal(results(lines).at(-1), "ORDER_CHANGE kept");
    assert.equal((await calls(world)).createSubscription, 2, "one made it, one was refused");
  });

  it("403 because a role is missing: the hint names role and authorisation, and nothing is tried again", async (t) => {
    const world = await World.create(t, { seller });
    await world.sandbox.fault({ op: "createSubscription", kind: "access_denied", rate: 1 });
    const { code, stderr } = await register(world);
    assert.equal(code, 1);
    assert.match(stderr, /acme.*ORDER_CHANGE.*role.*authoris/s);
    assert.equal((await calls(world)).createSubscription, 1);
  });

  it("an expired access token: one fresh one, one more try", async (t) => {
    const world = await World.create(t, { seller });
    await world.sandbox.fault({ op: "getDestinations", kind: "expired_token", count: 1 });
    const { code, lines } = await register(world);
    assert.equal(code, 0, JSON.stringify(lines));
    assert.equal((await calls(world)).getDestinations, 2);
  });

  it("429: waited out", async (t) => {
    const world = await World.create(t, { seller });
    await world.sandbox.fault({ op: "createDestination", kind: "throttle", count: 1 });
    const { code } = await register(world);
    assert.equal(code, 0);
    assert.equal((await calls(world)).createDestination, 2);
  });

  it("a type that Amazon adds tomorrow is asked for, refused by name, and stops nothing", async (t) => {
    const world = await World.create(t, { seller: { ...seller, subscribe: "TYPE_OF_TOMORROW, ORDER_CHANGE" } });
    const { code, lines } = await register(world);
    assert.equal(code, 1);
    assert.deepEqual(results(lines), ["destination created", "TYPE_OF_TOMORROW failed", "ORDER_CHANGE created"]);
  });

  it("the queue's policy is wrong and Amazon says nothing: registration works, the doctor tells", async (t) => {
    const world = await World.create(t, { seller });
    assert.equal((await register(world)).code, 0);
    const { stdout } = await world.dockbell("check", "--online");
    assert.match(stdout, /policy/i);
    assert.match(stdout, /437568002678/);
  });
});
