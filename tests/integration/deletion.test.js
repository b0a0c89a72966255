// SPDX-License-Identifier: MIT
// Removed bodies, and answers that repeat them, are in no file of the state directory and in no backup.
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

const MARK = "PC-77-";

const marked = (count) =>
  Array.from({ length: count }, (_, i) => {
    const message = JSON.parse(orderChange({ id: `n-${i}`, order: `306-${i}` }));
    message.Payload.OrderChangeNotification.Summary.DestinationPostalCode = `${MARK}${i}`;
    return JSON.stringify(message);
  });

const countIn = (bytes) => bytes.toString("latin1").split(MARK).length - 1;

async function countInState(world) {
  let count = 0;
  for (const bytes of (await world.stateFiles()).values()) count += countIn(bytes);
  return count;
}

// One order in eight fails once, with an answer that repeats it.
const echo = ({ id, attempt, body }) =>
  attempt === 1 && Number(id.slice(2)) % 8 === 0 ? { status: 500, body: body.toString().slice(0, 1900) } : undefined;

async function deliverMarked(world, count) {
  await world.start();
  await world.sqs.send(marked(count));
  await world.until("all are delivered", () => world.receiver.delivered.size === count);
  await world.settled();
}

describe("removed data", { concurrency: 3 }, () => {
  it("nothing of it is left in the store or in a backup", async (t) => {
    const options = { answer: echo, webhook: { retry_first: "1s" }, daemon: { keep_bodies: "1d" } };
    const world = await World.create(t, options);
    await deliverMarked(world, 40);
    assert.ok((await countInState(world)) >= 45, "bodies and answers are kept at first");
    world.options.daemon = { keep_bodies: "0s" };
    await world.writeConfig();
    await world.daemon.stop();
    await world.start();
    await world.until("bodies and answers are gone", async () => (await countInState(world)) === 0);
    const copy = path.join(world.directory, "copy.db");
    assert.equal((await world.dockbell("backup", copy)).code, 0);
    assert.equal(countIn(await readFile(copy)), 0);
    const [{ id }] = await world.list("--state=delivered");
    const { stdout } = await world.dockbell("queue", "show", String(id));
    assert.match(stdout, /the body is not kept any more/);
  });

  it("store clean works on a store that nobody uses, and keeps what is not removed", async (t) => {
    const world = await World.create(t, { daemon: { keep_bodies: "1d" } });
    await deliverMarked(world, 5);
    const refused = await world.dockbell("store", "clean");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the daemon runs and uses this store; stop it first/);
    await world.daemon.stop();
    const file = path.join(world.stateDirectory, "dockbell.db");
    const before = await stat(file);
    const result = await world.dockbell("store", "clean");
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /dockbell\.db: cleaned, \d+ MiB before, \d+ MiB now/);
    const after = await stat(file);
    assert.notEqual(after.ino, before.ino);
    assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
    await world.start();
    await world.sqs.send(marked(6));
    await world.until("only the new one is delivered", () => world.receiver.delivered.size === 6);
    await world.settled();
    assert.equal(world.receiver.requests.length, 6);
    assert.equal(await countInState(world) >= 6, true);
  });
});
