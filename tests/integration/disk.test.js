// SPDX-License-Identifier: MIT
// A disk that is full or read-only, and another process that holds the store's write lock: each is
// reported where people look, and goes away by itself.
import assert from "node:assert/strict";
import { chownSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { holdWrites } from "./lib/database.js";
import { traffic } from "./lib/messages.js";
import { Notify } from "./lib/notify.js";
import { skip, SmallDisk } from "./lib/small_disk.js";
import { binary, installed, Program, run } from "./lib/program.js";
import { within } from "./lib/wait.js";
import { World } from "./lib/world.js";

const HIDDEN_S = 61; // more than the VisibilityTimeout that the daemon asks for
const port = (daemon) => /admin endpoint on [^,]*, port (\d+)/.exec(daemon.stderr)[1];

async function everythingComes(world, ids) {
  await world.until("everything is delivered", async () => {
    await world.sandbox.pass(HIDDEN_S);
    return ids.every((id) => world.receiver.delivered.has(id));
  });
  await world.until("the queue is empty", async () => {
    await world.sandbox.pass(HIDDEN_S);
    return world.sqs.empty();
  });
  assert.deepEqual(world.receiver.wrong, []);
}

async function end(world, status) {
  world.daemon.told = true;
  const { code } = await within("the daemon's end", 60, world.daemon.ended, () => world.daemon.tail());
  assert.equal(code, status, world.daemon.tail());
}

const admin = (sections) => (sections.admin = { listen: "127.0.0.1:0" });

// What SQS has, after everything that was handed out and not deleted is visible again.
async function look(world) {
  await world.sandbox.pass(HIDDEN_S);
  return (await world.sandbox.state()).queues[0];
}

// The queue as it is, if messages wait in it and nobody takes one for so long; else null.
async function resting(world, ms) {
  const first = await look(world);
  for (const end = Date.now() + ms; Date.now() < end; ) {
    const now = (await world.sandbox.state()).queues[0];
    if (now.in_flight || now.visible !== first.visible) return null;
  }
  return first.visible > 0 && first.in_flight === 0 ? first : null;
}

describe("the disk of the store", { concurrency: 3, skip }, () => {
  it("full: said everywhere, ends at once when told to, starts and goes on by itself", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" }, daemon: { min_free_disk: "0" }, config: admin });
    const notify = await Notify.create(t, world.directory);
    const disk = await SmallDisk.create(t, world.stateDirectory, "8m");
    await disk.start(world, { env: notify.env });
    const { ids, bodies } = traffic({ count: 400, orders: 80 });
    await world.sqs.send(bodies.slice(0, 50));
    await world.until("some are delivered", () => world.receiver.delivered.size > 10);
    disk.fill();
    await world.sqs.send(bodies.slice(50, 300));
    await world.says(/error: the disk of the store is full/);
    await world.until("systemd is told", () => notify.told.some(({ STATUS }) => /Stopped: the disk is full/.test(STATUS)));
    const ready = await fetch(`http://127.0.0.1:${port(world.daemon)}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /the disk is full/);
    const status = await disk.dockbell(world, "status");
    assert.match(status.stdout, /Disk:.* is full/);

    const before = Date.now();
    world.daemon.kill("SIGTERM");
    await end(world, 0);
    t.diagnostic(`ended after ${Date.now() - before} ms`);
    assert.doesNotMatch(world.daemon.stderr.split("stopping on SIGTERM")[1], /time to end/);

    disk.fill(); // the last commit and the emptied log may have left some room
    const earlier = notify.told.length;
    await disk.start(world, { ready: false, env: notify.env });
    await world.says(/error: the disk of the store is full/);
    // If a little room was left, the store could be opened, and only the turn finds the disk full.
    await world.until("systemd is asked for time or sees why nothing happens", () =>
      notify.told.slice(earlier).some((m) => m.EXTEND_TIMEOUT_USEC || /Stopped: the disk is full/.test(m.STATUS)));
    disk.clear();
    await world.says(/the store can be written again/);
    await world.sqs.send(bodies.slice(300));
    await everythingComes(world, ids);
  });

  it("nearly full: a small disk is protected in time", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" }, daemon: { min_free_disk: "8M" } });
    // The log of SQLite takes up to 4 MB, and more while the machine is busy.
    const disk = await SmallDisk.create(t, world.stateDirectory, "16m");
    world.receiver.answer = () => ({ status: 503 });
    await disk.start(world);
    const { bodies } = traffic({ count: 6000, orders: 3000 });
    await world.sqs.send(bodies);
    await world.says(/the disk of the store has only/);
    // For longer than a poll takes, nothing is taken out of the queue.
    const { visible } = await world.until("receiving has paused", () => resting(world, 2000), { seconds: 60 });
    t.diagnostic(`${disk.free} bytes are free`);
    assert.ok(disk.free > 1 << 20, `${disk.free} bytes are free`);
    assert.doesNotMatch(world.daemon.stderr, /is full/);
    await disk.mount("-o", "remount,size=64m", world.stateDirectory);
    await world.says(/free again: receiving goes on/);
    await world.until("receiving goes on", async () => (await look(world)).visible < visible);
  });

  it("read-only after an error: it ends with 1, so that systemd tries again, and names the file system", async (t) => {
    const world = await World.create(t, { daemon: { min_free_disk: "0" } });
    const disk = await SmallDisk.create(t, world.stateDirectory, "8m");
    await disk.mount("-o", "remount,ro", world.stateDirectory);
    await disk.start(world, { ready: false });
    await end(world, 1);
    assert.match(world.daemon.stderr, /the file system of .* is read-only\. .*fsck/);
    assert.doesNotMatch(world.daemon.stderr, /ReadWritePaths/);
    const status = await disk.dockbell(world, "status");
    assert.match(status.stdout + status.stderr, /read-only/);
    await disk.mount("-o", "remount,rw", world.stateDirectory);
    await disk.start(world);
  });

  it("read-only for the service alone: it ends with 78 and names ReadWritePaths", async (t) => {
    const world = await World.create(t);
    const disk = await SmallDisk.create(t, world.stateDirectory, "8m");
    await disk.mount("--bind", world.stateDirectory, world.stateDirectory);
    await disk.mount("-o", "remount,ro,bind", world.stateDirectory);
    await disk.start(world, { ready: false });
    await end(world, 78);
    assert.match(world.daemon.stderr, /ReadWritePaths=/);
    assert.doesNotMatch(world.daemon.stderr, /fsck/);
  });
});

describe("a limit of the file's size", { skip: installed("prlimit") ? false : "needs prlimit" }, () => {
  it("RLIMIT_FSIZE: it is a full disk, not a signal that kills", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" } });
    await world.start();
    const limit = async (bytes) => {
      const { code, stderr } = await run(installed("prlimit"), [`--pid=${world.daemon.pid}`, `--fsize=${bytes}:unlimited`]);
      assert.equal(code, 0, stderr);
    };
    await limit(statSync(path.join(world.stateDirectory, "dockbell.db-wal")).size + 65536);
    const { ids, bodies } = traffic({ count: 400, orders: 80 });
    await world.sqs.send(bodies);
    await world.says(/error: the disk of the store is full/);
    await limit("unlimited");
    await world.says(/the store can be written again/);
    await everythingComes(world, ids);
  });
});

describe("another process holds the write lock", { concurrency: 2 }, () => {
  it("while the daemon runs: who it is, an alarm, and an all-clear", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" }, config: admin });
    const notify = await Notify.create(t, world.directory);
    await world.start({ env: notify.env });
    const release = await holdWrites(t, path.join(world.stateDirectory, "dockbell.db"));
    const { ids, bodies } = traffic({ count: 50, orders: 10 });
    await world.sqs.send(bodies);
    await world.says(/error: process \d+ \(python3[^)]*\) holds the write lock of the store for/);
    await world.until("systemd is told", () => notify.told.some(({ STATUS }) => /holds the write lock/.test(STATUS)));
    const ready = await fetch(`http://127.0.0.1:${port(world.daemon)}/readyz`);
    assert.match(await ready.text(), /process \d+ \(python3[^)]*\) holds the write lock/);
    const metrics = await (await fetch(`http://127.0.0.1:${port(world.daemon)}/metrics`)).text();
    assert.match(metrics, /^dockbell_alarm_raised\{[^}]*store-locked[^}]*\} 1$/m);
    const status = await world.dockbell("status");
    assert.match(status.stdout, /process \d+ \(python3[^)]*\) holds the write lock/);
    await release();
    await world.says(/the store is not locked by another process any more/);
    await everythingComes(world, ids);
    const { alarms } = await world.status();
    assert.deepEqual(alarms.filter(({ event }) => event === "store-locked"), []);
  });

  it("while it starts: it waits, and says for whom", async (t) => {
    const world = await World.create(t);
    await world.start();
    await world.daemon.stop("SIGTERM");
    const release = await holdWrites(t, path.join(world.stateDirectory, "dockbell.db"));
    await world.start({ ready: false });
    await world.says(/error: process \d+ \(python3[^)]*\) holds the write lock of the store/);
    await release();
    await world.becomes("receiving", (daemon) => daemon.stderr.includes("ready: listening"));
  });
});

describe("a store that cannot be opened", { concurrency: 2 }, () => {
  it("of another user: whose it is and the command that gives it back", { skip }, async (t) => {
    const world = await World.create(t);
    await world.start();
    await world.daemon.stop("SIGTERM");
    // The daemon as nobody, in directories of nobody; the database stays root's, as after a restore.
    for (const name of ["lock", "wake"]) rmSync(path.join(world.stateDirectory, name), { force: true });
    for (const file of [world.directory, world.stateDirectory, world.configFile]) chownSync(file, 65534, 65534);
    world.daemon = new Program(installed("setpriv"), [
      "--reuid=65534", "--regid=65534", "--clear-groups", binary("dockbell"), "run", "--config", world.configFile,
    ]);
    await end(world, 78);
    assert.match(world.daemon.stderr, /dockbell\.db belongs to root .*chown dockbell:dockbell/);
    assert.doesNotMatch(world.daemon.stderr, /not lost/);
  });
});
