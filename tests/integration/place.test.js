// SPDX-License-Identifier: MIT
// The files of the store are deleted, moved, replaced or overwritten under the running daemon:
// nothing that Amazon sent is lost.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { traffic } from "./lib/messages.js";
import { binary, installed, Program, run } from "./lib/program.js";
import { FIXED } from "./lib/sandbox.js";
import { within } from "./lib/wait.js";
import { World } from "./lib/world.js";

const HIDDEN_S = 61; // more than the VisibilityTimeout that the daemon asks for

// A daemon in the middle of its work: a part is delivered, a part waits, a part is still at Amazon.
async function underLoad(t, options = {}) {
  const world = await World.create(t, { queue: { wait: "1s" }, ...options });
  world.receiver.answer = () => ({ status: 204, delay_ms: 20 });
  world.database = path.join(world.stateDirectory, "dockbell.db");
  await (options.start ?? (() => world.start()))(world);
  const { ids, bodies } = traffic({ count: 600, orders: 100, duplicates: 0.02 });
  world.ids = ids;
  await world.sqs.send(bodies.slice(0, 200));
  await world.until("some are delivered", () => world.receiver.delivered.size >= 50);
  world.sending = world.sqs.send(bodies.slice(200, 400)).then(() => world.sqs.send(bodies.slice(400)));
  return world;
}

async function ends(world, status) {
  world.daemon.told = true; // to end is right
  const { code } = await within("the daemon's end", 60, world.daemon.ended, () => world.daemon.tail());
  assert.equal(code, status, world.daemon.tail());
  assert.match(world.daemon.stderr, /error: the store has lost its place while it was in use/);
  await world.sending;
}

async function everythingComes(world, ids = world.ids) {
  await world.sandbox.pass(HIDDEN_S);
  await world.start();
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

const saved = (world) =>
  readdirSync(world.stateDirectory)
    .filter((name) => name.startsWith("dockbell.db.saved-"))
    .map((name) => path.join(world.stateDirectory, name));

describe("the store's files under the running daemon", { concurrency: 3 }, () => {
  it("the state directory is deleted: it is made again, with everything in it", async (t) => {
    const secret = `client_id=${FIXED.client_id}\nsecret=${FIXED.client_secret}\nissued=2025-06-01T00:00:00.000Z\n`;
    const place = (world) => path.join(world.stateDirectory, "client_secret");
    const start = (world) => {
      writeFileSync(place(world), secret, { mode: 0o600 });
      return world.start();
    };
    const sealed = (world) => readFileSync(place(world), "utf8").startsWith("sealed_by=");
    const world = await underLoad(t, { start });
    await world.until("the file is sealed", () => sealed(world));
    const kept = readFileSync(place(world), "utf8");
    rmSync(world.stateDirectory, { recursive: true });
    await ends(world, 1);
    assert.match(world.daemon.stderr, /everything that the store held is in .*dockbell\.db/);
    assert.equal(readFileSync(place(world), "utf8"), kept, "the client secret that Amazon sent is there again");
    assert.equal(statSync(place(world)).mode & 0o777, 0o600);
    await everythingComes(world);
  });

  it("the database is deleted with all that belongs to it", async (t) => {
    const world = await underLoad(t);
    for (const end of ["", "-wal", "-shm"]) rmSync(world.database + end);
    await ends(world, 1);
    await everythingComes(world);
  });

  it("only the log is deleted", async (t) => {
    const world = await underLoad(t);
    rmSync(world.database + "-wal");
    await ends(world, 1);
    await everythingComes(world);
  });

  it("the state directory is moved: no start begins with an empty store", async (t) => {
    const world = await underLoad(t);
    renameSync(world.stateDirectory, world.stateDirectory + ".away");
    await ends(world, 78);
    assert.match(world.daemon.stderr, /Move it back to/);
    renameSync(world.stateDirectory + ".away", world.stateDirectory);
    await everythingComes(world);
  });

  it("a backup takes its place: what waited is in a file beside it", async (t) => {
    const world = await underLoad(t);
    const backup = path.join(world.directory, "backup.db");
    assert.equal((await world.dockbell("backup", backup)).code, 0);
    renameSync(backup, world.database);
    await ends(world, 1);
    const [file] = saved(world);
    assert.ok(file, "a copy is there");
    const check = await world.dockbell("check", "--store");
    assert.equal(check.code, 0, "the backup is whole, without the old log: " + check.stderr);
    // As the message says: go on with the saved file.
    renameSync(file, world.database);
    await everythingComes(world);
  });

  it("a backup is copied over it: what comes afterwards is not deleted from SQS", async (t) => {
    const world = await World.create(t, { queue: { wait: "1s" } });
    world.database = path.join(world.stateDirectory, "dockbell.db");
    await world.start();
    const { ids, bodies } = traffic({ count: 300, orders: 60, duplicates: 0 });
    await world.sqs.send(bodies.slice(0, 100));
    await world.settled();
    const backup = path.join(world.directory, "backup.db");
    assert.equal((await world.dockbell("backup", backup)).code, 0);
    copyFileSync(backup, world.database);
    world.sending = world.sqs.send(bodies.slice(100));
    await ends(world, 1);
    await everythingComes(world, ids);
    assert.equal((await world.dockbell("check", "--store")).code, 0);
  });

  const namespaces = process.getuid() === 0 && installed("unshare") && installed("nsenter");
  it("a file system is mounted over it", { skip: namespaces ? false : "needs root and util-linux" }, async (t) => {
    const inside = async (world) => {
      world.daemon = new Program(installed("unshare"), [
        "--mount", "--propagation", "private", binary("dockbell"), "run", "--config", world.configFile,
      ]);
      await world.becomes("receiving", (daemon) => daemon.stderr.includes("eady"));
    };
    const world = await underLoad(t, { start: inside });
    const mount = ["-t", String(world.daemon.pid), "-m", "mount", "-t", "tmpfs", "none", world.stateDirectory];
    const { code, stderr } = await run(installed("nsenter"), mount);
    assert.equal(code, 0, stderr);
    await ends(world, 78);
    assert.match(world.daemon.stderr, /mounted over/);
    await everythingComes(world);
  });

  it("it cannot be saved: the daemon waits until it can", async (t) => {
    const world = await underLoad(t);
    rmSync(world.stateDirectory, { recursive: true });
    writeFileSync(world.stateDirectory, "in the way");
    await world.says(/error: the store cannot be saved: .*do not stop Dockbell/);
    rmSync(world.stateDirectory);
    await ends(world, 1);
    await everythingComes(world);
  });

  it("it cannot be saved at its path: a copy goes to the service's directory in /run", async (t) => {
    const spare = path.join(process.env.TMPDIR ?? "/tmp", `dockbell-spare-${process.pid}`);
    t.after(() => rmSync(spare, { recursive: true, force: true }));
    mkdirSync(spare, { mode: 0o700 });
    const world = await underLoad(t, { start: (w) => w.start({ env: { RUNTIME_DIRECTORY: spare } }) });
    rmSync(world.stateDirectory, { recursive: true });
    writeFileSync(world.stateDirectory, "in the way");
    await ends(world, 78);
    const [copy] = readdirSync(spare);
    assert.match(world.daemon.stderr, /is missing and cannot be made from here\. Make it, move that file/);
    rmSync(world.stateDirectory);
    mkdirSync(world.stateDirectory, { mode: 0o700 });
    copyFileSync(path.join(spare, copy), world.database);
    await everythingComes(world);
  });

  it("the log is lost while it is stopped: it says so, and its numbers never fall", async (t) => {
    const world = await World.create(t);
    await world.start();
    const { bodies, ids } = traffic({ count: 60, orders: 5, duplicates: 0 });
    await world.sqs.send(bodies.slice(0, 30));
    await world.settled();
    await world.daemon.stop("SIGTERM"); // the log is written into the database
    await world.start();
    // The first round of pruning empties the log once; what comes later stays in it.
    await world.until("the log is empty", () => statSync(path.join(world.stateDirectory, "dockbell.db-wal")).size === 0);
    await world.sqs.send(bodies.slice(30, 50));
    await world.settled();
    const highest = Math.max(...world.receiver.requests.map(({ sequence }) => sequence));
    const { deliveries } = await world.status();
    assert.equal(deliveries.delivered, 50);
    await world.daemon.stop("SIGKILL");
    for (const end of ["-wal", "-shm"]) rmSync(path.join(world.stateDirectory, "dockbell.db" + end));
    const seen = world.receiver.requests.length;
    await world.start();
    await world.says(/error: the store is older than it was: .* has held number 50/);
    await world.sqs.send(bodies.slice(50));
    await world.until("the last ones are delivered", () => ids.slice(50).every((id) => world.receiver.delivered.has(id)));
    for (const { sequence } of world.receiver.requests.slice(seen)) assert.ok(sequence > highest);
  });

  it("the lock file is deleted: a second daemon is refused all the same", async (t) => {
    const world = await World.create(t);
    await world.start();
    rmSync(path.join(world.stateDirectory, "lock"));
    const second = await world.dockbell("run");
    assert.equal(second.code, 1);
    assert.match(second.stderr, /another dockbell .*runs on/);
    const { stdout } = await world.dockbell("status");
    assert.match(stdout, new RegExp(`running, pid ${world.daemon.pid}`), "and commands find the first one");
  });
});
