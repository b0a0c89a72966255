// SPDX-License-Identifier: MIT
// Destinations and subscriptions at Amazon, one operation at a time.
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

async function ok(world, ...args) {
  const { code, stdout, stderr } = await world.dockbell(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function refused(world, code, pattern, ...args) {
  const result = await world.dockbell(...args);
  assert.equal(result.code, code, result.stderr);
  assert.match(result.stderr, pattern);
}

const json = async (world, ...args) => JSON.parse(await ok(world, ...args, "--output=json"));

async function calls(world) {
  return (await world.sandbox.state()).calls;
}

describe("destinations", { concurrency: 4 }, () => {
  it("are made, listed, shown and deleted", async (t) => {
    const world = await World.create(t, { seller });
    const made = await json(world, "destinations", "create", "orders", "--name=mine");
    assert.deepEqual([made.name, made.arn], ["mine", world.sandbox.arn]);
    assert.equal(await ok(world, "destinations", "list"), `${made.id}\tmine\t${made.arn}\n`);
    assert.deepEqual(await json(world, "destinations", "get", made.id, "--seller=acme"), made);
    assert.match(await ok(world, "destinations", "delete", made.id, "--region=eu"), /deleted/);
    assert.equal(await ok(world, "destinations", "list"), "");
  });

  it("are refused by name, ARN, region and Amazon", async (t) => {
    const world = await World.create(t, { seller });
    await refused(world, 2, /no queue is called nothing/, "destinations", "create", "nothing");
    await refused(world, 2, /fifo/i, "destinations", "create", "arn:aws:sqs:eu-west-1:444455556666:a.fifo");
    await refused(world, 2, /na, eu or fe, not mars/, "destinations", "list", "--region=mars");
    await refused(world, 2, /no seller is called x/, "destinations", "list", "--seller=x");
    await refused(world, 1, /there is no destination nothing/, "destinations", "get", "nothing");
    await refused(world, 2, /destinations needs a command: list, get, create/, "destinations");
    await ok(world, "register");
    const { id } = await json(world, "destinations", "list");
    await refused(world, 1, /Destination has subscriptions.*request/, "destinations", "delete", id);
  });
});

describe("subscriptions", { concurrency: 4 }, () => {
  it("are made with a filter, listed by pages, shown and deleted", async (t) => {
    const world = await World.create(t, { seller });
    const { id: destination } = await json(world, "destinations", "create", "orders");
    const made = await json(world, "subscriptions", "create", "acme", "ORDER_CHANGE", destination,
      "--order-change-types=OrderStatusChange");
    assert.deepEqual(made.order_change_types, ["OrderStatusChange"]);
    assert.deepEqual(await json(world, "subscriptions", "list", "acme"), made);
    assert.deepEqual(await json(world, "subscriptions", "get", "acme", "ORDER_CHANGE"), made);
    assert.deepEqual(await json(world, "subscriptions", "get", "acme", "ORDER_CHANGE", made.id), made);
    await ok(world, "subscriptions", "delete", "acme", "ORDER_CHANGE", made.id);
    assert.equal(await ok(world, "subscriptions", "list", "acme"), "");
    await refused(world, 1, /no subscription to ORDER_CHANGE/, "subscriptions", "get", "acme", "ORDER_CHANGE");
  });

  it("fall back to getSubscription where getSubscriptions is refused", async (t) => {
    const world = await World.create(t, { seller });
    await ok(world, "register");
    await world.sandbox.fault({ op: "getSubscriptions", kind: "access_denied", rate: 1 });
    const { type } = await json(world, "subscriptions", "list", "acme");
    assert.equal(type, "ORDER_CHANGE");
    assert.ok((await calls(world)).getSubscription >= 1);
  });

  it("are deleted as the seller where the application may not", async (t) => {
    const world = await World.create(t, { seller });
    const { id: destination } = await json(world, "destinations", "create", "orders");
    const type = "FULFILLMENT_ORDER_STATUS";
    const { id } = await json(world, "subscriptions", "create", "acme", type, destination);
    await ok(world, "subscriptions", "delete", "acme", type, id);
    assert.equal((await calls(world)).deleteSubscriptionById, 2);
  });

  it("that Amazon would refuse are refused before any call", async (t) => {
    const world = await World.create(t, { seller });
    const create = ["subscriptions", "create", "acme"];
    await refused(world, 2, /takes no --marketplaces/, ...create, "ORDER_CHANGE", "d", "--marketplaces=A");
    await refused(world, 2, /do not go together/, ...create, "ORDER_CHANGE", "d", "--order-change-types=A",
      "--filter-expression=a");
    await refused(world, 2, /256/, ...create, "ORDER_CHANGE", "d", `--filter-expression=${"a".repeat(257)}`);
    await refused(world, 2, /EventBridge/, ...create, "LISTINGS_ITEM_STATUS_CHANGE", "d");
    assert.deepEqual(await calls(world), {});
  });

  it("test: the notification is on the queue; not outside a sandbox", async (t) => {
    const world = await World.create(t, { seller });
    const { id } = await json(world, "destinations", "create", "orders");
    await ok(world, "subscriptions", "test", "acme", "ORDER_CHANGE", id, "--scenario=any");
    assert.equal(await world.sandbox.empty(), false);
    world.options.config = (sections) => delete sections.application.endpoint;
    await world.writeConfig();
    await refused(world, 1, /sandbox hosts only/, "subscriptions", "test", "acme", "ORDER_CHANGE", id);
  });
});
