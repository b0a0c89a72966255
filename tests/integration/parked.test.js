// SPDX-License-Identifier: MIT
// A receiver that asked for a long time, and how an operator ends that.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { reload } from "./lib/reload.js";
import { World } from "./lib/world.js";

const DAY_S = 24 * 3600;
const order = (n) => orderChange({ id: `n-${n}`, order: `408-1234567-000000${n}` });

// Its receiver has answered one delivery with 503 and this Retry-After, and would take the next request.
async function park(t, retryAfter, options = {}) {
  let asked = true;
  const answer = () => (asked ? { status: 503, headers: { "retry-after": retryAfter } } : undefined);
  const world = await World.create(t, { answer, ...options });
  await world.start();
  await world.sqs.send([order(1)]);
  const row = await world.until("the outcome is stored", async () =>
    (await world.list()).find(({ state, last_error }) => state === "ready" && last_error));
  asked = false;
  return { world, row };
}

const wait_s = (world, moment) => (Date.parse(moment) - world.receiver.requests[0].at) / 1000;

describe("a receiver that asked for time", { concurrency: 4 }, () => {
  for (const value of ["99999999999", "86400", new Date(Date.UTC(2099, 0, 1)).toUTCString()])
    it(`Retry-After: ${value}: a day, and not longer by chance; status says when`, async (t) => {
      const { world, row } = await park(t, value);
      const asked_s = wait_s(world, row.next_attempt);
      assert.ok(asked_s > DAY_S - 60 && asked_s < DAY_S + 60, `queue list: ${asked_s} s`);
      const webhook = await world.until("status knows it", async () =>
        (await world.status()).webhooks.find(({ breaker }) => breaker === "open"));
      const shown_s = wait_s(world, webhook.next_attempt);
      assert.ok(shown_s > DAY_S - 60 && shown_s < DAY_S + 60, `status: ${shown_s} s`);
      const { stdout } = await world.dockbell("status");
      assert.match(stdout, /in (1d|23h 5\dm)/);
    });

  for (const value of ["-1", "soon", "Thu, 01 Jan 1998 00:00:00 GMT"])
    it(`Retry-After: ${value}: as if it had not been said`, async (t) => {
      const { world } = await park(t, value, { webhook: { retry_first: "1s", probe_first: "1s" } });
      await world.until("it is delivered", () => world.receiver.delivered.size === 1);
    });

  it("pause and resume free it", async (t) => {
    const { world } = await park(t, "86400");
    await world.sqs.send([order(2)]);
    await world.until("both wait", async () => (await world.list()).length === 2);
    assert.equal((await world.dockbell("queue", "pause", "wms")).code, 0);
    await world.says(/paused/);
    assert.equal((await world.dockbell("queue", "resume", "wms")).code, 0);
    await world.until("both are delivered", () => world.receiver.delivered.size === 2);
  });

  it("queue retry frees it", async (t) => {
    const { world, row } = await park(t, "86400");
    await world.sqs.send([order(2)]);
    await world.until("both wait", async () => (await world.list()).length === 2);
    assert.equal((await world.dockbell("queue", "retry", String(row.id))).code, 0);
    await world.until("both are delivered", () => world.receiver.delivered.size === 2);
  });

  for (const [what, change] of [
    ["url", (webhook) => (webhook.url += "/new")],
    ["credentials", (webhook) => (webhook.bearer = "another-token-of-the-warehouse")],
  ])
    it(`a reload with other ${what}: nothing waits any longer`, async (t) => {
      const { world } = await park(t, "86400");
      await world.sqs.send([order(2), order(3)]);
      await world.until("all wait", async () => (await world.list()).length === 3);
      await reload(world, (sections) => change(sections["webhook wms"]));
      await world.until("all are delivered", () => world.receiver.delivered.size === 3);
    });

  it("a reload that changes something else keeps the wait", async (t) => {
    const { world } = await park(t, "86400");
    await reload(world, (sections) => (sections["webhook wms"].timeout = "9s"));
    await world.sqs.send([order(2)]);
    await world.until("both wait", async () => (await world.list()).length === 2);
    assert.equal(world.receiver.requests.length, 1);
  });
});
