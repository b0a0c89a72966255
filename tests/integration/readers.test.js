// SPDX-License-Identifier: MIT
// Programs that should read what Dockbell writes, and do not: neither the daemon nor the store waits
// for them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { query } from "./lib/database.js";
import { traffic } from "./lib/messages.js";
import { binary } from "./lib/program.js";
import { until } from "./lib/wait.js";
import { World } from "./lib/world.js";

// Its output is not read before somebody asks for it.
function startUnread(t, args, stdio) {
  const child = spawn(binary("dockbell"), args, { stdio });
  const ended = new Promise((done) => child.on("exit", done));
  child.end = async () => {
    child.kill("SIGKILL");
    child.stdout?.resume();
    child.stderr?.resume();
    await ended;
  };
  t.after(child.end);
  return child;
}

describe("nobody reads", { concurrency: 2 }, () => {
  it("standard error: everything is delivered, and the lost lines are counted", async (t) => {
    const world = await World.create(t);
    const daemon = startUnread(t, ["run", "--config", world.configFile], ["ignore", "ignore", "pipe"]);
    const { ids, bodies } = traffic({ count: 3000, orders: 1000, duplicates: 0 });
    await world.sqs.send(bodies);
    await until("everything is delivered", () => world.receiver.delivered.size === ids.length, { seconds: 120 });
    let said = "";
    daemon.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    await until("the loss is reported", async () => {
      await world.sqs.send(traffic({ count: 1, orders: 1, seed: Date.now() }).bodies);
      return /warning: the log has lost \d+ messages?, because nobody read them/.test(said);
    });
    await daemon.end(); // before its directory is removed
  });

  it("a list: the store's log can be emptied meanwhile", async (t) => {
    const world = await World.create(t);
    await world.start();
    const { bodies } = traffic({ count: 1500, orders: 500, duplicates: 0 });
    await world.sqs.send(bodies);
    await world.settled({ seconds: 120 });
    const args = ["queue", "list", "--state=all", "--output=json", "--config", world.configFile];
    const list = startUnread(t, args, ["ignore", "pipe", "ignore"]);
    // It has printed as much as its pipe takes, and sleeps.
    await until("it waits for its reader", () => /^State:\s+S/m.test(readFileSync(`/proc/${list.pid}/status`, "utf8")));
    const file = path.join(world.stateDirectory, "dockbell.db");
    await until("the log can be emptied", async () => {
      const [[busy]] = await query(file, "PRAGMA wal_checkpoint(RESTART)");
      return busy === 0;
    }, { seconds: 20 });
    assert.equal(list.exitCode, null, "and the list still waits");
  });
});
