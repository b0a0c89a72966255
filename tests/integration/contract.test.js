// SPDX-License-Identifier: MIT
// Every request that we make, and every answer that the sandbox gives, is one that Amazon's model of
// the Notifications API allows.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Contract, modelIsThere } from "./lib/contract.js";
import { FIXED } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

const seller = {
  seller_id: FIXED.seller_id,
  region: "eu",
  refresh_token: FIXED.refresh_token,
  subscribe: "ORDER_CHANGE, FULFILLMENT_ORDER_STATUS",
};

// Amazon's real answers have null where its model has an object or nothing.
const NULLS = ["payload.nextToken", "payload.processingDirective", "payload.resource.eventBridge",
  "payload.subscriptions.processingDirective"];

async function createWorld(t) {
  const contract = new Contract();
  const world = await World.create(t, {
    seller,
    config: (sections) => {
      if (contract.server) sections.application.endpoint = contract.endpoint;
    },
  });
  t.after(() => contract.close());
  await contract.start(world.sandbox.endpoint);
  await world.writeConfig();
  return { world, contract };
}

async function rows(world, ...args) {
  const { code, stdout, stderr } = await world.dockbell(...args, "--output=json");
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

const skip = modelIsThere ? false : "Amazon's model is not there";

describe("the model of the Notifications API", { skip }, () => {
  it("allows everything that registering and the commands say and hear", async (t) => {
    const { world, contract } = await createWorld(t);
    const registered = await world.dockbell("register");
    assert.equal(registered.code, 0, registered.stderr);
    const [destination] = await rows(world, "destinations", "list");
    await rows(world, "destinations", "get", destination.id);
    const subscriptions = await rows(world, "subscriptions", "list", "acme");
    assert.deepEqual(subscriptions.map((s) => s.type), ["ORDER_CHANGE", "FULFILLMENT_ORDER_STATUS"]);
    await rows(world, "subscriptions", "create", "acme", "ANY_OFFER_CHANGED", destination.id,
      "--marketplaces=A1PA6795UKMFR9", "--aggregation=TenMinutes");
    await rows(world, "subscriptions", "create", "acme", "FBA_OUTBOUND_SHIPMENT_STATUS", destination.id,
      "--filter-expression=has(a.b)");
    await rows(world, "subscriptions", "get", "acme", "ANY_OFFER_CHANGED");
    await rows(world, "subscriptions", "get", "acme", "ORDER_CHANGE", subscriptions[0].id);
    await rows(world, "subscriptions", "test", "acme", "ORDER_CHANGE", destination.id, "--scenario=any");
    await rows(world, "subscriptions", "delete", "acme", "FULFILLMENT_ORDER_STATUS", subscriptions[1].id);
    assert.ok(contract.calls.length >= 15);
    assert.deepEqual(contract.violations, []);
    for (const name of contract.nulls) assert.ok(NULLS.includes(name), name);
  });

  it("allows the refusals too", async (t) => {
    const { world, contract } = await createWorld(t);
    await world.dockbell("register");
    const [destination] = await rows(world, "destinations", "list");
    const refused = async (pattern, ...args) => {
      const { code, stderr } = await world.dockbell(...args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, pattern);
    };
    await refused(/Conflict/, "destinations", "create", "orders");
    await refused(/Destination has subscriptions/, "destinations", "delete", destination.id);
    await refused(/no destination nothing/, "destinations", "get", "nothing");
    await refused(/StateConflict/, "subscriptions", "create", "acme", "ORDER_CHANGE", destination.id);
    await refused(/No destination with id x/, "subscriptions", "create", "acme", "FEE_PROMOTION", "x");
    await refused(/no subscription/, "subscriptions", "get", "acme", "ORDER_CHANGE", "nothing");
    assert.deepEqual([...new Set(contract.calls.map(({ status }) => status))].sort(), [200, 400, 403, 404, 409]);
    assert.deepEqual(contract.violations, []);
  });

  it("would have told: a page that is too small is a violation", async (t) => {
    const { contract } = await createWorld(t);
    await fetch(`${contract.endpoint}/notifications/v1/subscriptions?notificationTypes=ORDER_CHANGE&pageSize=3`);
    assert.equal(contract.violations.length, 1);
    assert.match(contract.violations[0], /pageSize/i);
  });
});
