// SPDX-License-Identifier: MIT
// The sandbox as somebody uses it who writes a warehouse's software.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sandbox } from "./lib/sandbox.js";

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

  it("names the time of the answer, not that of the request", async (t) => {
    const sandbox = new Sandbox();
    t.after(() => sandbox.stop());
    await sandbox.start();
    await sandbox.fault({ op: "token", kind: "delay", delay_ms: 5000 });
    const asked = Date.now();
    const { headers } = await fetch(`${sandbox.endpoint}/auth/o2/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    assert.ok(Date.parse(headers.get("date")) >= asked + 3000, `${headers.get("date")}`);
  });
});
