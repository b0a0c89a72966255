// SPDX-License-Identifier: MIT
// The sandbox as somebody uses it who writes a warehouse's software.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIXED, Sandbox } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

async function published(t, args) {
  const sandbox = new Sandbox({ args });
  t.after(() => sandbox.stop());
  await sandbox.start();
  const { seed } = await sandbox.publish({ count: 3 });
  return { seed, ids: (await sandbox.control("GET", "state?limit=3")).ids, said: sandbox.program.stdout };
}

describe("the sandbox", { concurrency: 3 }, () => {
  it("publishes other notifications at each start; its seed makes them the same", async (t) => {
    const [one, other, ...same] = [
      await published(t), await published(t), await published(t, ["--seed=7"]), await published(t, ["--seed=7"]),
    ];
    assert.notEqual(one.seed, other.seed);
    assert.deepEqual(same[0].ids, same[1].ids);
    assert.equal(same[0].seed, 8);
    assert.match(same[0].said, /seed 7$/m);
    const again = await published(t, [`--seed=${one.seed - 1}`]);
    assert.deepEqual(again.ids, one.ids);
  });

  it("names the time of the answer, not that of the request, after a long poll", async (t) => {
    const world = await World.create(t, { queue: { wait: "6s" }, seller: { seller_id: FIXED.seller_id } });
    await world.start();
    const polls = async () => (await world.sandbox.state()).calls.ReceiveMessage;
    await world.until("a long poll has ended", async () => (await polls()) >= 4);
    await world.until("the offset is known", async () => (await world.status()).daemon.clock_offset_ms !== null, { seconds: 120 });
    const { clock_offset_ms } = (await world.status()).daemon;
    assert.ok(Math.abs(clock_offset_ms) < 3000, `${clock_offset_ms} ms`);
  });
});
