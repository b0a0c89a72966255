// SPDX-License-Identifier: MIT
// backup and restore as docs/operating.md tells it, and check --store.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { change } from "./lib/database.js";
import { orderChange, traffic } from "./lib/messages.js";
import { SELLER_ID, World } from "./lib/world.js";

describe("dockbell backup", { concurrency: 4 }, () => {
  it("copies a store under load, and a machine that is lost goes on from it", async (t) => {
    const world = await World.create(t);
    let open = false;
    world.receiver.answer = () => (open ? undefined : { status: 503, headers: { "retry-after": "1" } });
    await world.start();
    const { ids, bodies } = traffic({ count: 300, orders: 40 });
    await world.sqs.send(bodies.slice(0, 200));
    await world.until("some are stored", async () => (await world.status()).notifications.accepted >= 50);
    const file = path.join(world.directory, "copy.db");
    const backup = await world.json("backup", file);
    assert.equal(backup.file, file);
    assert.equal(backup.bytes, statSync(file).size);
    assert.equal(statSync(file).mode & 0o7777, 0o600);
    await world.sqs.send(bodies.slice(200));
    await world.until("all are stored", async () => (await world.status()).notifications.accepted === ids.length);

    // A second one, of everything; then the machine is lost.
    const last = path.join(world.directory, "last.db");
    assert.equal((await world.dockbell("backup", last)).code, 0);
    await world.daemon.stop("SIGKILL");
    for (const name of readdirSync(world.stateDirectory)) rmSync(path.join(world.stateDirectory, name));

    copyFileSync(last, path.join(world.stateDirectory, "dockbell.db"));
    const check = await world.dockbell("check", "--store");
    assert.equal(check.code, 0, check.stderr);
    open = true;
    await world.start();
    await world.until("everything is delivered", () => world.receiver.delivered.size === ids.length);
    assert.deepEqual([...world.receiver.delivered.keys()].sort(), [...ids].sort());
    assert.deepEqual(world.receiver.faults, []);
  });

  it("overwrites nothing, leaves nothing, and says when there is nothing", async (t) => {
    const world = await World.create(t);
    const file = path.join(world.directory, "copy.db");
    const none = await world.dockbell("backup", file);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /nothing to back up/);
    await world.start();
    writeFileSync(file, "mine");
    const taken = await world.dockbell("backup", file);
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /copy\.db: is there already/);
    assert.equal(readFileSync(file, "utf8"), "mine");
    const nowhere = await world.dockbell("backup", path.join(world.directory, "no/where.db"));
    assert.equal(nowhere.code, 1);
    assert.deepEqual(readdirSync(world.directory).filter((name) => name.startsWith("copy.db.")), []);
    assert.equal((await world.dockbell("backup")).code, 2);
  });
});

describe("dockbell check --store", () => {
  it("reports a store that is whole or not there, also while it is written", async (t) => {
    const world = await World.create(t);
    const absent = await world.dockbell("check", "--store");
    assert.equal(absent.code, 0);
    assert.match(absent.stdout, /state\/dockbell\.db: there is no store yet/);
    assert.equal((await world.json("check", "--store")).store, "absent");
    assert.ok(!existsSync(path.join(world.stateDirectory, "dockbell.db")));
    await world.start();
    await world.sqs.send(traffic({ count: 200 }).bodies);
    const { code, stdout, stderr } = await world.dockbell("check", "--store");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /state\/dockbell\.db: the store is whole/);
    assert.equal((await world.json("check", "--store")).store, "whole");
    assert.doesNotMatch((await world.dockbell("check")).stdout, /store/);
  });

  it("reads a backup, with the directory in the environment", async (t) => {
    const world = await World.create(t, { daemon: { state_directory: undefined } });
    const env = { STATE_DIRECTORY: world.stateDirectory };
    await world.start({ env });
    const elsewhere = path.join(world.directory, "try");
    mkdirSync(elsewhere);
    assert.equal((await world.dockbell("backup", path.join(elsewhere, "dockbell.db"), { env })).code, 0);
    const { code, stdout, stderr } = await world.dockbell("check", "--store", { env: { STATE_DIRECTORY: elsewhere } });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /try\/dockbell\.db: the store is whole/);
  });

  it("names what is damaged, and exits with 1", async (t) => {
    const world = await World.create(t, { seller: { seller_id: SELLER_ID } });
    await world.start();
    await world.sqs.send(traffic({ count: 200 }).bodies);
    await world.settled();
    const file = path.join(world.directory, "copy.db");
    assert.equal((await world.dockbell("backup", file)).code, 0);
    await world.daemon.stop("SIGTERM");
    const bytes = readFileSync(file);
    for (let at = 4096 * Math.floor(bytes.length / 8192); at < bytes.length; at += 4096) bytes.fill(0xa5, at, at + 2048);
    writeFileSync(path.join(world.stateDirectory, "dockbell.db"), bytes);
    for (const name of ["dockbell.db-wal", "dockbell.db-shm"]) rmSync(path.join(world.stateDirectory, name), { force: true });
    const text = await world.dockbell("check", "--store");
    assert.equal(text.code, 1);
    assert.match(text.stderr, /state\/dockbell\.db: the store is damaged/);
    assert.doesNotMatch(text.stderr, /\\n|\*\*\*|dockbell\.conf/);
    assert.doesNotMatch(text.stderr, /dockbell\.db: \S*dockbell\.db/);
    const json = await world.dockbell("check", "--store", "--output=json");
    assert.equal(json.code, 1);
    const { ok, store, findings } = JSON.parse(json.stdout);
    assert.equal(ok, false);
    assert.equal(store, "damaged");
    assert.ok(findings.some((f) => f.level === "error" && f.file.endsWith("/dockbell.db") && f.line === null));
  });

  it("names deliveries whose states contradict each other, and the daemon ends with 78 and names one", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 503 }) });
    await world.start();
    await world.sqs.send([1, 2, 3].map((n) => orderChange({ id: `n-${n}`, time: Date.UTC(2024, 0, n) })));
    await world.until("they are stored", async () => (await world.status()).notifications.accepted === 3);
    await world.daemon.stop();
    await change(path.join(world.stateDirectory, "dockbell.db"), "UPDATE delivery SET state = 2");
    const { code, stderr } = await world.dockbell("check", "--store");
    assert.equal(code, 1);
    assert.match(stderr, /deliveries of one order, from 1 to 3, have 3 that are next, instead of one/);
    await world.start({ ready: false });
    const ended = await world.daemon.ended;
    assert.deepEqual([ended.code, ended.signal], [78, null]);
    assert.match(world.daemon.stderr, /delivery \d is ready and cannot become ready: .*The database is damaged: .*restore a backup/);
  });
});
