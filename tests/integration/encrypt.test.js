// SPDX-License-Identifier: MIT
// [store] encrypt_bodies: bodies and answers are sealed in every file of the state directory and in backups; keys
// that are missing stop the start; store reseal changes the key, also after kill -9.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { change } from "./lib/database.js";
import { orderChange } from "./lib/messages.js";
import { Program } from "./lib/program.js";
import { SELLER_ID, World } from "./lib/world.js";

const MARK = "PC-88-";

const order = (i, seller = SELLER_ID) => {
  const message = JSON.parse(orderChange({ id: `n-${i}`, order: `306-${i}`, seller }));
  message.Payload.OrderChangeNotification.Summary.DestinationPostalCode = `${MARK}${i}`;
  return JSON.stringify(message);
};
const orders = (first, count, seller) => Array.from({ length: count }, (_, i) => order(first + i, seller));

const countIn = (bytes) => bytes.toString("latin1").split(MARK).length - 1;

async function marks(world) {
  let count = 0;
  for (const bytes of (await world.stateFiles()).values()) count += countIn(bytes);
  return count;
}

// A world whose key files are a, b and c; `keys`: which of them encrypt_bodies names.
async function create(t, keys) {
  const world = await World.create(t, {
    seller: { seller_id: SELLER_ID },
    webhook: { retry_first: "1s", refused_delays: "1s" },
    daemon: { keep_bodies: "1d" },
  });
  world.keyTexts = {};
  for (const name of ["a", "b", "c"]) {
    world.keyTexts[name] = randomBytes(32).toString("base64");
    writeFileSync(keyFile(world, name), `${world.keyTexts[name]}\n`, { mode: 0o600 });
  }
  await useKeys(world, keys);
  return world;
}

const keyFile = (world, name) => path.join(world.directory, `key-${name}`);
const reference = (world, keys) => keys.map((name) => `file:${keyFile(world, name)}`).join(", ");

async function useKeys(world, keys) {
  world.keys = keys;
  world.options.config = (sections) => {
    sections.store = keys.length ? { encrypt_bodies: reference(world, keys) } : undefined;
  };
  await world.writeConfig();
}

const closed = (open) => (request) => (open() ? undefined : { status: 503, body: request.body.toString().slice(0, 1900) });

async function refusesToStart(world, pattern) {
  await world.start({ ready: false });
  const { code } = await world.daemon.ended;
  assert.equal(code, 78, world.daemon.stderr);
  assert.match(world.daemon.stderr, pattern);
}

async function show(world, id) {
  return world.json("queue", "show", String(id));
}

// Orders that wait, are dead and are held, and answers that repeat them.
async function fill(world) {
  world.receiver.answer = (request) => {
    const number = Number(request.id.slice(2));
    if (number >= 20 && number < 24) return { status: 422, body: request.body.toString().slice(0, 1900) };
    return closed(() => world.open)(request);
  };
  await world.start();
  await world.sqs.send([...orders(0, 24), ...orders(30, 4, "A2STRANGER00009")]);
  await world.until("all are stored", async () => (await world.status()).notifications.accepted >= 28);
  await world.until("one was tried", () => world.receiver.requests.length > 0);
}

const reseal = (world, ...args) => world.dockbell("store", "reseal", ...args);
const nameOf = (stdout) => /sealed with key ([0-9a-f]{16})/.exec(stdout)?.[1];

describe("encrypted bodies", { concurrency: 3 }, () => {
  it("no file of the state and no backup has them, while they wait, are dead or held", async (t) => {
    const world = await create(t, ["a"]);
    await fill(world);
    assert.equal(await marks(world), 0);
    world.open = true;
    await world.until("the refused ones are dead", async () => (await world.status()).deliveries.dead === 4);
    await world.until("the others are delivered", async () => (await world.status()).deliveries.delivered === 20);
    assert.equal(await marks(world), 0);
    const copy = path.join(world.directory, "copy.db");
    assert.equal((await world.dockbell("backup", copy)).code, 0);
    assert.equal(countIn(readFileSync(copy)), 0);
    const [dead] = await world.list("--state=dead");
    const details = await show(world, dead.id);
    assert.match(details.body, new RegExp(MARK));
    assert.match(details.history.at(-1).answer, new RegExp(MARK));
    assert.equal(details.locked, null);
    const [held] = await world.list("--state=held");
    assert.match((await show(world, held.id)).raw, new RegExp(MARK));
    for (const name of ["a", "b", "c"])
      for (const text of [world.daemon.stderr, world.daemon.stdout]) assert.ok(!text.includes(world.keyTexts[name]));
    assert.equal(await marks(world), 0);
  });

  it("what waits is delivered after kill -9 and a restart, and resend sends the same bytes", async (t) => {
    const world = await create(t, ["a"]);
    await fill(world);
    await world.daemon.stop("SIGKILL");
    assert.equal(await marks(world), 0);
    world.open = true;
    await world.start();
    await world.until("they are delivered", async () => (await world.status()).deliveries.delivered === 20);
    for (let i = 0; i < 20; i++) assert.ok(world.receiver.delivered.has(`n-${i}`));
    const [row] = (await world.list("--state=delivered")).filter((d) => d.notification_id === "n-3");
    const before = world.receiver.requests.filter(({ id }) => id === "n-3");
    assert.equal((await world.dockbell("queue", "resend", String(row.id))).code, 0);
    await world.until("it is sent again", () => world.receiver.requests.filter(({ id }) => id === "n-3").length > before.length);
    const sent = world.receiver.requests.filter(({ id }) => id === "n-3");
    assert.ok(sent.every(({ body }) => body.equals(sent[0].body)));
    assert.ok(sent[0].body.toString().includes(order(3)));
  });

  it("without its key, or with another one, the daemon ends with 78 and names the key", async (t) => {
    const world = await create(t, ["a"]);
    await fill(world);
    await world.daemon.stop();
    const unsealed = /sealed with key [0-9a-f]{16}, and that key is not at hand\. Put the key that fits into \[store\] encrypt_bodies/;
    await useKeys(world, ["b"]);
    await refusesToStart(world, unsealed);
    await useKeys(world, []);
    await refusesToStart(world, unsealed);
    rmSync(keyFile(world, "a"));
    await useKeys(world, ["a"]);
    await refusesToStart(world, /\[store\] encrypt_bodies .*key-a: cannot be read: No such file/);
    writeFileSync(keyFile(world, "a"), "dG9vIHNob3J0\n", { mode: 0o600 });
    await refusesToStart(world, /\[store\] encrypt_bodies: a key must be 32 random bytes in Base64/);
    // Commands go on without the key, and say what they cannot show.
    const [row] = await world.list("--state=dead,ready");
    const details = await show(world, row.id);
    assert.equal(details.body, null);
    assert.match(details.locked, /a key must be 32 random bytes in Base64/);
    assert.match((await world.dockbell("queue", "show", String(row.id))).stdout, /the body cannot be shown: .*openssl rand -base64 32/);
    assert.equal((await world.dockbell("status")).code, 0);
    const check = await world.dockbell("check");
    assert.equal(check.code, 78);
    assert.match(check.stderr, /\[store\] encrypt_bodies: a key must be/);
    writeFileSync(keyFile(world, "a"), `${world.keyTexts.a}\n`, { mode: 0o600 });
    world.open = true;
    await world.start();
    await world.until("nothing is lost", async () => (await world.status()).deliveries.delivered === 20);
  });

  it("two keys: the first seals, both open", async (t) => {
    const world = await create(t, ["a"]);
    await fill(world);
    await world.daemon.stop();
    await useKeys(world, ["b", "a"]);
    await world.start();
    await world.sqs.send(orders(40, 2));
    await world.until("they are stored", async () => (await world.status()).notifications.accepted >= 30);
    world.open = true;
    await world.until("all are delivered", async () => (await world.status()).deliveries.delivered === 22);
    assert.equal(await marks(world), 0);
    await useKeys(world, ["c"]);
    world.daemon.kill("SIGHUP");
    await world.says(/\[store\] encrypt_bodies has changed: that needs a restart/);
  });

  it("store reseal: from plain, to another key, to plain; a backup needs the key that it was made with", async (t) => {
    const world = await create(t, []);
    await fill(world);
    await world.until("they are in the files", async () => (await marks(world)) >= 24); // a checkpoint moves them
    const running = await reseal(world);
    assert.equal(running.code, 1);
    assert.match(running.stderr, /the daemon runs and uses this store; stop it first/);
    await world.daemon.stop();

    await useKeys(world, ["a"]);
    const sealed = await reseal(world);
    assert.equal(sealed.code, 0, sealed.stderr);
    const a = nameOf(sealed.stdout);
    assert.ok(a, sealed.stdout);
    assert.equal(await marks(world), 0);
    const check = await world.dockbell("check", "--store");
    assert.equal(check.code, 0, check.stderr);
    assert.match(check.stdout, new RegExp(`the store is whole; bodies are sealed with key ${a}`));
    await useKeys(world, []);
    const keyless = await world.dockbell("check", "--store", "--output=json");
    assert.equal(keyless.code, 0, keyless.stderr);
    const { store_keys, findings } = JSON.parse(keyless.stdout);
    assert.equal(store_keys, a);
    assert.ok(findings.some(({ level, text }) => level === "warning" && text.includes(`sealed with key ${a}, which is not at hand`)));
    await useKeys(world, ["a"]);
    const copy = path.join(world.directory, "copy.db");
    assert.equal((await world.dockbell("backup", copy)).code, 0);

    await useKeys(world, ["b"]);
    const without = await reseal(world);
    assert.equal(without.code, 78);
    assert.match(without.stderr, new RegExp(`sealed with key ${a}.*--old-key=credential:NAME`));
    const literal = await reseal(world, `--old-key=${world.keyTexts.a}`);
    assert.equal(literal.code, 2);
    assert.ok(!literal.stderr.includes(world.keyTexts.a));
    const other = await world.dockbell("--output=json", "store", "reseal", `--old-key=file:${keyFile(world, "a")}`);
    assert.equal(other.code, 0, other.stderr);
    const { key, values, damaged } = JSON.parse(other.stdout);
    assert.notEqual(key, a);
    assert.ok(values >= 56);
    assert.equal(damaged, 0);
    await world.start();
    await world.daemon.stop();

    await useKeys(world, []);
    const plain = await reseal(world, `--old-key=file:${keyFile(world, "b")}`);
    assert.equal(plain.code, 0, plain.stderr);
    assert.match(plain.stdout, /all are plain now/);
    await world.until("they are in the files", async () => (await marks(world)) >= 24); // a checkpoint moves them
    world.open = true;
    await world.start();
    await world.until("all are delivered", async () => (await world.status()).deliveries.delivered === 20);
    await world.daemon.stop();

    for (const name of readdirSync(world.stateDirectory)) rmSync(path.join(world.stateDirectory, name), { recursive: true });
    copyFileSync(copy, path.join(world.stateDirectory, "dockbell.db"));
    await refusesToStart(world, new RegExp(`sealed with key ${a}`));
    await useKeys(world, ["a"]);
    world.receiver.delivered.clear();
    await world.start();
    await world.until("the backup is delivered", () => world.receiver.delivered.size >= 20);
    assert.equal(await marks(world), 0);
  });

  it("store reseal goes on after kill -9, at whatever moment", async (t) => {
    const world = await create(t, []);
    world.receiver.answer = closed(() => world.open);
    await world.start();
    await world.sqs.send(orders(1000, 1500));
    await world.until("all are stored", async () => (await world.status()).notifications.accepted === 1500);
    await world.daemon.stop();
    await useKeys(world, ["a"]);
    let killed = 0;
    let done = false;
    for (let pause = 5; !done; pause = Math.ceil(pause * 1.4)) {
      const command = new Program("dockbell", ["store", "reseal", "--config", world.configFile]);
      const timer = setTimeout(() => command.kill("SIGKILL"), pause);
      const { code } = await command.ended;
      clearTimeout(timer);
      done = code === 0;
      killed += code === null;
      if (done) break;
      assert.equal(code, null, command.stderr);
      assert.equal((await world.dockbell("check", "--store")).code, 0);
    }
    assert.ok(killed >= 2, `${killed} kills`);
    assert.equal(await marks(world), 0);
    assert.deepEqual(readdirSync(world.stateDirectory).filter((name) => name.includes(".clean")), []);
    world.open = true;
    await world.start();
    await world.until("all are delivered", () => world.receiver.delivered.size === 1500, { timeout: 60_000 });
    assert.deepEqual(world.receiver.faults, []);
  });

  it("a damaged value is a dead letter with its reason, and costs the others nothing", async (t) => {
    const world = await create(t, ["a"]);
    await fill(world);
    await world.daemon.stop();
    const update = (sql, id) => `UPDATE ${sql} WHERE id = (SELECT id FROM notification WHERE nid = '${id}')`;
    await change(
      path.join(world.stateDirectory, "dockbell.db"),
      update("body SET bytes = zeroblob(length(bytes))", "n-1"),
      update("body SET bytes = (SELECT bytes FROM body ORDER BY id LIMIT 1 OFFSET 9)", "n-2"),
      update("prefix SET bytes = x'00'", "n-3"),
      update("body SET seal = 99", "n-4"),
    );
    const damaged = ["n-1", "n-2", "n-3", "n-4"];
    const check = await world.dockbell("check", "--store");
    assert.equal(check.code, 1);
    assert.match(check.stderr, /body \d+ is sealed and does not open: it is damaged/);
    world.open = true;
    await world.start();
    await world.until("the others are delivered", async () => (await world.status()).deliveries.delivered === 16);
    await world.until("these are dead", async () => (await world.list("--state=dead")).filter((d) => damaged.includes(d.notification_id)).length === 4);
    const rows = (await world.list("--state=dead")).filter((d) => damaged.includes(d.notification_id));
    for (const row of rows) {
      assert.equal(row.cause, "damaged");
      assert.match(row.last_error, /the sealed body in the store is damaged and does not open/);
      assert.match((await show(world, row.id)).locked, /it is sealed/);
      assert.equal((await world.dockbell("queue", "retry", String(row.id))).code, 1);
    }
    await world.says(/is a dead letter after attempt \d+ \(there is nothing to send\)/);
    await world.sqs.send(orders(50, 1));
    await world.until("the next one is delivered", () => world.receiver.delivered.has("n-50"));
  });
});
