// SPDX-License-Identifier: MIT
// What goes wrong while registering and passes by itself: registration goes on until it is done.
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

async function calls(world) {
  return (await world.sandbox.state()).calls;
}

const one = (world) => world.status().then(({ sellers }) => sellers[0]);

async function registered(world, options) {
  await world.until("it is registered", async () => {
    const { registration } = await one(world);
    return registration === "created" || registration === "kept";
  }, options);
}

const failures = (world) => world.daemon.stderr.split("\n").filter((line) => /registration failed/.test(line));

// Longer than all tries of one round and the pause behind it.
const ROUND = { seconds: 240 };

describe("registration after a fault that passes", { concurrency: 6 }, () => {
  const rounds = [
    { op: "getDestinations", kind: "503", count: 5 },
    { op: "getSubscriptions", kind: "throttle", count: 5 },
    { op: "token", kind: "500", count: 5 },
    { op: "createSubscription", kind: "no_destination", count: 5 },
  ];
  for (const fault of rounds)
    it(`${fault.op}: ${fault.kind} for a whole round: done by the next`, async (t) => {
      const world = await World.create(t, { seller });
      await world.sandbox.fault(fault);
      await world.start();
      await world.until("the first round has failed", () => failures(world).length, ROUND);
      assert.match(failures(world)[0], /next try is in (1m|\d+s)/);
      const { registration, registration_next: next, last_error } = await one(world);
      assert.equal(registration, "failed");
      assert.ok(last_error);
      assert.ok(Date.parse(next) > Date.now() - 60_000, `next try at ${next}`);
      assert.ok(Date.parse(next) < Date.now() + 70_000, `next try at ${next}`);
      assert.match((await world.dockbell("status")).stdout, /NEXT TRY[^]*acme +orders +failed .* (in \d+s|in 1m|now) /);
      await registered(world, ROUND);
      await world.says(/as configured again/);
      assert.equal((await calls(world)).createSubscription, fault.op === "createSubscription" ? 6 : 1);
      assert.equal(failures(world).length, 1);
      await world.until("status shows no trouble", async () => {
        const { registration_next, last_error } = await one(world);
        return registration_next === null && last_error === null;
      });
    });

  it("no way to Amazon at the start: done soon after the queue answers, not a minute later", async (t) => {
    const world = await World.create(t, { seller });
    for (const op of ["token", "ReceiveMessage", "GetQueueAttributes"]) await world.sandbox.fault({ op, kind: "close" });
    await world.start({ ready: false });
    await world.until("the first round has failed", () => failures(world).length, ROUND);
    const next = Date.parse((await one(world)).registration_next);
    await world.sandbox.clearFaults();
    await registered(world, ROUND);
    assert.ok(Date.now() < next, "it was done before the time of the next try");
  });

  for (const op of ["createDestination", "createSubscription"])
    for (const kind of ["garbage", "blank", "half"])
      it(`${op} carried out, its answer lost (${kind}): not failed, not made twice`, async (t) => {
        const world = await World.create(t, { seller });
        await world.sandbox.fault({ op, kind, count: 1, after: kind !== "half" });
        const { code, stdout } = await world.dockbell("register");
        assert.equal(code, 0, stdout);
        assert.match(stdout, op === "createDestination" ? /created +destination/ : /created +ORDER_CHANGE/);
        assert.equal((await calls(world))[op], 1);
      });

  for (const kind of ["garbage", "blank"])
    it(`answers that nobody can read (${kind}) are asked for again`, async (t) => {
      const world = await World.create(t, { seller });
      for (const op of ["getDestinations", "getSubscriptions", "token"])
        await world.sandbox.fault({ op, kind, count: 2 });
      const { code, stdout } = await world.dockbell("register");
      assert.equal(code, 0, stdout);
    });

  it("getSubscriptions answered 404 is none; getSubscription has the last word", async (t) => {
    const world = await World.create(t, { seller });
    assert.equal((await world.dockbell("register")).code, 0);
    await world.sandbox.fault({ op: "getSubscriptions", kind: "not_found" });
    const { code, stdout } = await world.dockbell("register");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /kept +ORDER_CHANGE/);
    assert.equal((await calls(world)).createSubscription, 1);
  });

  it("a final refusal is said once, with the time of the next try", async (t) => {
    const world = await World.create(t, { seller: { ...seller, refresh_token: "Atzr|revoked" } });
    await world.start();
    await world.until("it has failed", () => failures(world).length);
    assert.match(failures(world)[0], /next try is in (1h|59m)/);
    const next = Date.parse((await one(world)).registration_next);
    assert.ok(next > Date.now() + 50 * 60_000 && next < Date.now() + 70 * 60_000, `${next}`);
  });

  it("SP-API's words are shown where they are not in `errors`", async (t) => {
    const world = await World.create(t, { seller });
    await world.sandbox.fault({ op: "getDestinations", kind: "forbidden" });
    const { code, stdout, stderr } = await world.dockbell("register");
    assert.equal(code, 1);
    assert.match(stdout + stderr, /403: Forbidden/);
  });

  it("unregister leaves the destination alone while one of its subscriptions stays", async (t) => {
    const world = await World.create(t, { seller });
    await world.dockbell("register");
    await world.sandbox.fault({ op: "deleteSubscriptionById", kind: "access_denied" });
    const { code, stdout } = await world.dockbell("unregister", "acme");
    assert.equal(code, 1);
    assert.match(stdout, /kept.*not every subscription could be/);
    assert.equal((await calls(world)).deleteDestination, undefined);
  });

  it("only a change of what Amazon has is a notice", async (t) => {
    const world = await World.create(t, { seller, daemon: { log_level: "notice" } });
    await world.start({ ready: false });
    await registered(world);
    await world.says(/created subscription/);
    await world.daemon.stop();
    await world.start({ ready: false });
    await world.until("it is kept", async () => (await one(world)).registration === "kept");
    assert.doesNotMatch(world.daemon.stderr, /found destination|kept subscription/);
  });
});

describe("SQS answers without content", { concurrency: 2 }, () => {
  it("a blank 200 is an empty answer", async (t) => {
    const world = await World.create(t, { seller: { seller_id: FIXED.seller_id } });
    for (const op of ["ReceiveMessage", "GetQueueAttributes"]) await world.sandbox.fault({ op, kind: "blank", count: 3 });
    await world.start({ ready: false });
    await world.until("it goes on polling", async () => (await calls(world)).ReceiveMessage > 4);
    assert.doesNotMatch(world.daemon.stderr, /not one of SQS|not answered any call/);
  });

  it("an error in XML keeps code and words", async (t) => {
    const world = await World.create(t, { seller: { seller_id: FIXED.seller_id } });
    await world.sandbox.fault({ op: "ReceiveMessage", kind: "xml" });
    await world.start({ ready: false });
    await world.says(/AccessDenied: Access to the resource is denied/);
  });
});
