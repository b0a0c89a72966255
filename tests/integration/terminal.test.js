// SPDX-License-Identifier: MIT
// What a person at a terminal sees, and what a program at a pipe gets.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { binary, installed, run } from "./lib/program.js";
import { World } from "./lib/world.js";

const COLOUR = "\u001b[";

// On a terminal of its own, as script(1) makes one.
async function onTerminal(world, args, env = {}) {
  const command = [binary("dockbell"), "--config", world.configFile, ...args].join(" ");
  const options = { env: { TERM: "xterm", ...env } };
  const { code, stdout, stderr } = await run(installed("script"), ["-qec", command, "/dev/null"], options);
  assert.equal(code, 0, stderr);
  return stdout;
}

describe("on a terminal", () => {
  it("lists have a header and colours; NO_COLOR, dumb terminals and pipes have none", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 400 }), webhook: { refused_delays: "1s" } });
    await world.start();
    await world.sqs.send([orderChange({ id: "id-1", order: "306-a" })]);
    await world.until("it is dead", async () => (await world.status()).deliveries.dead === 1);

    const list = await onTerminal(world, ["queue", "list"]);
    assert.match(list, /ID.*STATE.*LAST ERROR/);
    assert.ok(list.includes(`${COLOUR}1;31m- dead${COLOUR}0m`), list);
    const status = await onTerminal(world, ["status"]);
    assert.ok(status.includes(`${COLOUR}32mworks${COLOUR}0m`), status);
    assert.ok(status.includes(`${COLOUR}1;31m1${COLOUR}0m`), status);

    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const plain = await onTerminal(world, ["queue", "list"], env);
      assert.match(plain, /- dead/);
      assert.ok(!plain.includes(COLOUR), plain);
    }
    const { stdout } = await world.dockbell("queue", "list", { env: { TERM: "xterm" } });
    assert.match(stdout, /^1\tdead\twms\t/);
    assert.ok(!stdout.includes(COLOUR), stdout);
  });
});
