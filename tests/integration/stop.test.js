// SPDX-License-Identifier: MIT
// Stopping and dying: nothing is lost, and a repeat is recognisable.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { orderChange, traffic } from "./lib/messages.js";
import { Random } from "./lib/random.js";
import { Hopeless, within } from "./lib/wait.js";
import { World } from "./lib/world.js";

const SEED = Number(process.env.DOCKBELL_TEST_SEED ?? 20250604);
const KILLS = Number(process.env.DOCKBELL_TEST_KILLS ?? 25);
const HIDDEN_S = 61; // more than the VisibilityTimeout: what a killed daemon held comes back after it

describe("stopping", { concurrency: 4 }, () => {
  it(`kill -9 in a loop under load loses nothing (seed ${SEED})`, async (t) => {
    const random = new Random(SEED);
    const world = await World.create(t, { answer: () => ({ delay_ms: random.between(0, 8) }) });
    const { ids, bodies } = traffic({ count: KILLS * 60, orders: 200, duplicates: 0.05, seed: SEED });
    const { receiver } = world;
    for (let kill = 0; kill < KILLS; kill++) {
      await world.sqs.send(bodies.splice(0, kill === KILLS - 1 ? bodies.length : 60));
      const target = receiver.requests.length + random.between(0, 50);
      await world.start({ ready: false });
      await world.until(`request ${target} came, or none will`, async () =>
        receiver.requests.length >= target || (receiver.delivered.size > 0 && (await world.sqs.empty())));
      await world.daemon.stop("SIGKILL");
      await world.until("its connections are gone", () => receiver.sockets.size === 0);
      await world.sandbox.pass(HIDDEN_S);
    }
    await world.start();
    await world.until("every id is delivered", () => receiver.delivered.size === ids.length);
    await world.settled();
    assert.deepEqual([...receiver.delivered.keys()].sort(), ids.sort());
    assert.deepEqual(receiver.wrong, [], "repeats have the same id and the same bytes");
    // An outcome that died with the daemon is unknown to it: an older event may then come unmarked,
    // but the newer one comes again after it.
    for (const { record, newer } of receiver.unmarked)
      for (const { id } of newer)
        assert.ok(receiver.byId.get(id).some((r) => r.sequence > record.sequence), `${record.id} before ${id}`);
    t.diagnostic(`${KILLS} kills, ${receiver.repeated.length} repeats of ${ids.length}`);
  });

  it("SIGTERM under load: ends in time, loses nothing, repeats nothing", async (t) => {
    const world = await World.create(t, { answer: () => ({ delay_ms: 20 }) });
    const { ids, bodies } = traffic({ count: 1500, orders: 300, duplicates: 0.05, seed: 21 });
    await world.start();
    await world.sqs.send(bodies);
    await world.until("some are delivered", () => world.receiver.delivered.size >= 100);
    world.daemon.kill("SIGTERM");
    const { code, signal } = await within("stopping", 23, world.daemon.ended, () => world.context());
    assert.deepEqual([code, signal], [0, null]);
    assert.ok(world.receiver.delivered.size < ids.length, "it stopped in the middle");
    await world.sandbox.pass(HIDDEN_S);
    await world.start();
    await world.until("every id is delivered", () => world.receiver.delivered.size === ids.length);
    assert.deepEqual(world.receiver.repeated, []);
    assert.deepEqual(world.receiver.faults, []);
  });

  it("a SIGHUP while it reads its configuration waits, and reloads once it can", async (t) => {
    const world = await World.create(t);
    const text = await readFile(world.configFile);
    // As a pipe, the file is read exactly when this test wants it.
    await rm(world.configFile);
    await promisify(execFile)("mkfifo", [world.configFile]);
    await world.start({ ready: false });
    const pipe = await open(world.configFile, "w"); // returns when the daemon has opened its end
    await rm(world.configFile);
    await world.writeConfig();
    world.daemon.kill("SIGHUP");
    await pipe.writeFile(text);
    await pipe.close();
    await world.until("it has reloaded", () => {
      if (!world.daemon.running) throw new Hopeless(`ended by ${world.daemon.child.signalCode}`);
      return /was read again/.test(world.daemon.stderr);
    });
    assert.equal((await world.status()).daemon.running, true);
  });

  it("SIGTERM while idle ends quickly, although a long poll is open", async (t) => {
    const world = await World.create(t);
    await world.start();
    world.daemon.kill("SIGTERM");
    const { code } = await within("stopping", 15, world.daemon.ended, () => world.context());
    assert.equal(code, 0);
  });

  it("a second SIGTERM leaves at once", async (t) => {
    const world = await World.create(t, { answer: () => ({ delay_ms: 600_000 }) });
    await world.start();
    await world.sqs.send([orderChange({ id: "hangs" })]);
    await world.until("a request hangs", () => world.receiver.requests.length === 1);
    world.daemon.kill("SIGTERM");
    await world.says(/stopping/i);
    assert.ok(world.daemon.running, "it waits for the answer");
    world.daemon.kill("SIGTERM");
    await within("leaving at once", 5, world.daemon.ended, () => world.context());
    world.receiver.answer = () => undefined;
    await world.start();
    await world.until("the event is delivered", () => world.receiver.delivered.has("hangs"));
  });

  it("a second daemon on the same state ends and names the first", async (t) => {
    const world = await World.create(t);
    await world.start();
    const { code, stderr } = await world.dockbell("run");
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(String(world.daemon.pid)));
    assert.ok(world.daemon.running);
  });
});
