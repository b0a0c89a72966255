// SPDX-License-Identifier: MIT
// What a person at a terminal sees, and what a program at a pipe gets.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { binary, installed, run } from "./lib/program.js";
import { World } from "./lib/world.js";

const COLOUR = "\u001b[";

// On a terminal of its own, as script(1) makes one; `typed` is what the person types.
function typeOnTerminal(world, args, { env = {}, typed } = {}) {
  const command = [binary("dockbell"), "--config", world.configFile, ...args].join(" ");
  const options = { env: { TERM: "xterm", ...env }, input: typed };
  return run(installed("script"), ["-qec", command, "/dev/null"], options);
}

async function onTerminal(world, args, env) {
  const { code, stdout, stderr } = await typeOnTerminal(world, args, { env });
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

  it("queue drop ALL and resend ALL ask, and do nothing without a y", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 400 }), webhook: { refused_delays: "1s" } });
    await world.start();
    await world.sqs.send(["a", "b"].map((order) => orderChange({ id: `id-${order}`, order: `306-${order}` })));
    await world.until("both are dead", async () => (await world.status()).deliveries.dead === 2);
    const deliveries = async () => {
      const { dead, dropped, delivered } = (await world.status()).deliveries;
      return { dead, dropped, delivered };
    };

    const drop = ["queue", "drop", "ALL", "--state=dead"];
    for (const typed of ["n\n", "\n", "nothing\n"]) {
      const { code, stdout } = await typeOnTerminal(world, drop, { typed });
      assert.match(stdout, /drop 2 deliveries\? \[y\/N\]/);
      assert.match(stdout, /nothing was changed/);
      assert.equal(code, 1);
      assert.deepEqual(await deliveries(), { dead: 2, dropped: 0, delivered: 0 });
    }
    const dropped = await typeOnTerminal(world, drop, { typed: "y\n" });
    assert.equal(dropped.code, 0, dropped.stdout);
    assert.deepEqual(await deliveries(), { dead: 0, dropped: 2, delivered: 0 });

    world.receiver.answer = () => undefined;
    await world.sqs.send(["c", "d"].map((order) => orderChange({ id: `id-${order}`, order: `306-${order}` })));
    await world.until("two are delivered", async () => (await deliveries()).delivered === 2);
    const resend = ["queue", "resend", "ALL", "--state=delivered"];
    const times = () => world.receiver.byId.get("id-c").length;
    const refused = await typeOnTerminal(world, resend, { typed: "n\n" });
    assert.match(refused.stdout, /resend 2 deliveries\? \[y\/N\]/);
    assert.match(refused.stdout, /nothing was changed/);
    assert.equal(refused.code, 1);
    const sent = await typeOnTerminal(world, resend, { typed: "Y\n" });
    assert.equal(sent.code, 0, sent.stdout);
    await world.until("they come once more, not twice", () => times() === 2);
    await world.until("both are delivered", async () => (await deliveries()).delivered === 2);

    const told = await typeOnTerminal(world, [...resend, "--yes"]);
    assert.equal(told.code, 0, told.stdout);
    assert.doesNotMatch(told.stdout, /\[y\/N\]/);
  });
});
