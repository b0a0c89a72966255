// SPDX-License-Identifier: MIT
// A burst through nginx with TLS, then silence until nginx has closed every connection, then one order.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Nginx } from "./lib/nginx.js";
import { installed } from "./lib/program.js";
import { World } from "./lib/world.js";

const skip = installed("nginx") ? false : "there is no nginx";

const orders = (prefix, count) =>
  Array.from({ length: count }, (_, i) => orderChange({ id: `${prefix}-${i}`, order: `306-${prefix}-${i}` }));

describe("nginx closes idle TLS connections", { skip, concurrency: 1 }, () => {
  for (const burst of [10, 40, 600]) {
    it(`after a burst of ${burst} the next order is delivered at the first try`, async (t) => {
      // A slow receiver, so that many connections are open at once.
      const world = await World.create(t, { answer: () => ({ status: 204, delay_ms: 50 }) });
      const nginx = await Nginx.create(t, world, { idle: "2s" });
      world.options.webhook = { url: nginx.url, ca_file: nginx.ca };
      await world.writeConfig();
      await world.start();
      await world.sqs.send(orders("burst", burst));
      await world.until("the burst is delivered", async () => (await nginx.requests()).length >= burst);
      await world.settled();
      const connections = new Set((await nginx.requests()).map(({ connection }) => connection)).size;
      assert.ok(connections > 4, "several connections were open");
      await world.until("nginx has closed them all", async () => (await nginx.connections()) === 1);
      const began = performance.now();
      await world.sqs.send(orders("next", 1));
      await world.until("the next order is delivered", async () => (await nginx.requests()).length > burst);
      t.diagnostic(`burst of ${burst}, ${connections} connections: the next order after ${Math.round(performance.now() - began)} ms`);
      await world.settled();
      assert.deepEqual(world.receiver.faults, []);
      const requests = await nginx.requests();
      assert.equal(requests.length, burst + 1, "each order took one request");
      assert.deepEqual(requests.filter(({ attempt }) => attempt !== 1), []);
      assert.doesNotMatch(world.daemon.stderr, /has failed|does not work/);
    });
  }
});
