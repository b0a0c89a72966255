// SPDX-License-Identifier: MIT
// `dockbell status --watch` goes on looking.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Program } from "./lib/program.js";
import { within } from "./lib/wait.js";
import { World } from "./lib/world.js";

describe("status --watch", { concurrency: 2 }, () => {
  it("as JSON: one object a line, each a new look", async (t) => {
    const world = await World.create(t);
    await world.start();
    const watch = new Program("dockbell", ["status", "--watch", "--output=json", "--config", world.configFile]);
    t.after(() => watch.stop());
    const looks = () => watch.stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line));
    await world.until("it has looked", () => looks().length > 0);
    assert.equal(looks()[0].notifications.received, 0);
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("it sees the new one", () => looks().at(-1).deliveries.delivered === 1);
    assert.ok(watch.running);
  });

  it("as text without a terminal: the tables again and again, no escapes", async (t) => {
    const world = await World.create(t);
    const watch = new Program("dockbell", ["status", "--watch", "--config", world.configFile]);
    t.after(() => watch.stop());
    await world.until("it has looked twice", () => (watch.stdout.match(/^Daemon: not running/gm) ?? []).length >= 2);
    assert.ok(!watch.stdout.includes("\u001b"));
  });

  it("ends with the reason when it cannot look any more", async (t) => {
    const world = await World.create(t);
    const watch = new Program("dockbell", ["status", "--watch", "--config", world.configFile]);
    t.after(() => watch.stop());
    await world.until("it has looked", () => watch.stdout.includes("Daemon: not running"));
    await rm(world.configFile);
    const { code } = await within("its end", 60, watch.ended);
    assert.equal(code, 78);
    assert.match(watch.stderr, /cannot be read/);
  });

  it("warns once of a config with errors, and goes on", async (t) => {
    const world = await World.create(t, { config: (s) => (s["queue orders"].wait = "soon") });
    const watch = new Program("dockbell", ["status", "--watch", "--config", world.configFile]);
    t.after(() => watch.stop());
    await world.until("it has looked twice", () => (watch.stdout.match(/^Daemon: not running/gm) ?? []).length >= 2);
    assert.equal(watch.stderr.match(/has 1 error/g).length, 1);
  });
});
