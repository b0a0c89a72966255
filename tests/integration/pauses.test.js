// SPDX-License-Identifier: MIT
// A webhook that is paused: noticed at once, told once, whoever did it and whenever. And what was
// decided shortly before the end is not forgotten.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { holdWrites, query } from "./lib/database.js";
import { orderChange } from "./lib/messages.js";
import { Notify } from "./lib/notify.js";
import { stays, within } from "./lib/wait.js";
import { World } from "./lib/world.js";

const PAUSED = /webhook wms is paused since .*, by an operator/;
const GONE = /webhook wms answered 410 Gone/;
const RESUMED = /webhook wms was resumed/;

// How often each was told, by this run of the daemon.
const told = ({ daemon }) => [PAUSED, GONE, RESUMED].map((what) => [...daemon.stderr.matchAll(new RegExp(what, "g"))].length);

async function change(world, verb) {
  const { code, stderr } = await world.dockbell("queue", verb, "wms");
  assert.equal(code, 0, stderr);
}

async function stop(world) {
  world.daemon.kill("SIGTERM");
  assert.equal((await world.daemon.ended).code, 0, world.context());
}

describe("pauses", { concurrency: 4 }, () => {
  it("with the daemon running: told once each, and on systemd's line", async (t) => {
    const world = await World.create(t);
    const notify = await Notify.create(t, world.directory);
    await world.start({ env: notify.env });
    await change(world, "pause");
    await world.says(PAUSED);
    await world.sqs.send([orderChange({ id: "waits" })]);
    await world.until("it is accepted", async () => (await world.status()).notifications.accepted === 1);
    await world.until("systemd is told", () => /: 1 waiting .*; paused: wms$/.test(notify.status));
    assert.ok((await world.status()).webhooks[0].paused);
    assert.equal(world.receiver.requests.length, 0);
    assert.deepEqual(told(world), [1, 0, 0], world.context());
    await change(world, "resume");
    await world.until("it is delivered", () => world.receiver.delivered.has("waits"));
    await world.says(RESUMED);
    await world.until("systemd is told", () => /1 delivered$/.test(notify.status));
    assert.deepEqual(told(world), [1, 0, 1], world.context());
  });

  it("with the daemon down: told at the next start; a pause at every one", async (t) => {
    const world = await World.create(t);
    await world.start();
    await stop(world);
    await change(world, "pause");
    await world.sqs.send([orderChange({ id: "waits" })]);
    for (let start = 0; start < 2; start++) {
      await world.start();
      await world.until("it is accepted", async () => (await world.status()).notifications.accepted === 1);
      await world.says(PAUSED);
      await stop(world);
      assert.deepEqual(told(world), [1, 0, 0], world.context());
    }
    assert.equal(world.receiver.requests.length, 0);
    await change(world, "resume");
    await world.start();
    await world.until("it is delivered", () => world.receiver.delivered.has("waits"));
    await stop(world);
    assert.deepEqual(told(world), [0, 0, 1], world.context());
    await world.start();
    await stop(world);
    assert.deepEqual(told(world), [0, 0, 0], world.context());
  });

  it("a reload changes nothing about it and tells nothing again", async (t) => {
    const world = await World.create(t);
    const notify = await Notify.create(t, world.directory);
    await world.start({ env: notify.env });
    await change(world, "pause");
    await world.says(PAUSED);
    world.daemon.kill("SIGHUP");
    await world.says(/was read again/);
    await world.sqs.send([orderChange({ id: "waits" })]);
    await world.until("systemd is told", () => /: 1 waiting .*; paused: wms$/.test(notify.status));
    assert.equal(world.receiver.requests.length, 0);
    await change(world, "resume");
    await world.until("it is delivered", () => world.receiver.delivered.has("waits"));
    assert.deepEqual(told(world), [1, 0, 1], world.context());
  });

  it("410 that is answered after a reload: told once, nothing more is sent", async (t) => {
    let release;
    const held = new Promise((done) => (release = done));
    const world = await World.create(t, { answer: () => held });
    await world.start();
    await world.sqs.send([orderChange({ id: "held" })]);
    await world.until("a request is under way", () => world.receiver.requests.length === 1);
    world.daemon.kill("SIGHUP");
    await world.says(/was read again/);
    release({ status: 410 });
    await world.says(GONE);
    await world.sqs.send([orderChange({ id: "waits", order: "306-b" })]);
    await world.until("it waits", async () => (await world.list()).length === 2);
    await stays("nothing is sent", 1, () => world.receiver.requests.length === 1);
    assert.deepEqual(told(world), [0, 1, 0], world.context());
  });
});

// The daemon is made to leave at once, between an answer and the commit that would write it: another
// process writes at that moment.
async function leaveAfterAnswer(t, world, answer) {
  const file = path.join(world.stateDirectory, "dockbell.db");
  const release = await holdWrites(t, file);
  answer();
  // It closes the connection as soon as it has read the answer.
  await world.until("the answer is read", () => world.receiver.sockets.size === 0);
  world.daemon.kill("SIGTERM");
  await world.says(/stopping/i);
  world.daemon.kill("SIGTERM");
  await stays("it waits for the other process", 0.3, () => world.daemon.running);
  await release();
  const { code } = await within("leaving", 10, world.daemon.ended, () => world.context());
  assert.equal(code, 0);
  return file;
}

describe("leaving at once", { concurrency: 2 }, () => {
  it("410, then SIGTERM: paused after the restart, not asked again", async (t) => {
    let answer;
    const held = new Promise((done) => (answer = done));
    const world = await World.create(t, { answer: () => held });
    await world.start();
    await world.sqs.send([orderChange({ id: "gone" })]);
    await world.until("a request is under way", () => world.receiver.requests.length === 1);
    await leaveAfterAnswer(t, world, () => answer({ status: 410, headers: { connection: "close" } }));
    assert.ok((await world.status()).webhooks[0].paused);
    await world.start();
    await world.says(GONE);
    await stays("it is not asked", 1, () => world.receiver.requests.length === 1);
    assert.deepEqual(told(world), [0, 1, 0], world.context());
  });

  it("503 that opens the breaker, then SIGTERM: the attempt is given back", async (t) => {
    let answer;
    const held = new Promise((done) => (answer = done));
    const world = await World.create(t, { answer: ({ id }) => (id === "good" ? { headers: { connection: "close" } } : held) });
    await world.start();
    await world.sqs.send([orderChange({ id: "fails", order: "306-a" })]);
    await world.until("a request is under way", () => world.receiver.requests.length === 1);
    await world.sqs.send([orderChange({ id: "good", order: "306-b" })]);
    await world.until("another order is delivered", async () => (await world.status()).deliveries.delivered === 1);
    const busy = { status: 503, headers: { "retry-after": "600", connection: "close" } };
    const file = await leaveAfterAnswer(t, world, () => answer(busy));
    const [row] = await world.list();
    assert.deepEqual([row.state, row.attempts], ["ready", 1]);
    assert.match(row.last_error, /503/);
    assert.deepEqual(await query(file, `SELECT faults FROM delivery WHERE id = ${row.id}`), [[0]]);
  });
});
