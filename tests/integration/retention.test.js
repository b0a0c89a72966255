// SPDX-License-Identifier: MIT
// keep_dead and keep_held: an alarm three days before the end, then dead and held deliveries go.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { withAdmin } from "./lib/admin.js";
import { change, query } from "./lib/database.js";
import { orderChange } from "./lib/messages.js";

const DAY = 24 * 3600;
const CODE = "PC-KEPT-77";

function notification(id) {
  const message = JSON.parse(orderChange({ id, order: `306-${id}` }));
  message.Payload.OrderChangeNotification.Summary.DestinationPostalCode = CODE;
  return JSON.stringify(message);
}

const database = (world) => path.join(world.stateDirectory, "dockbell.db");
const facts = (world, key) => query(database(world), `SELECT value FROM fact WHERE section = 'store' AND key = '${key}'`);

async function countCodes(world) {
  let count = 0;
  for (const bytes of (await world.stateFiles()).values()) count += bytes.toString("latin1").split(CODE).length - 1;
  return count;
}

// A dead letter and a held delivery, and a daemon that has begun to count their time.
async function create(t, daemon = {}) {
  let refuses = true;
  const world = await withAdmin(t, {
    answer: () => (refuses ? { status: 400 } : undefined),
    webhook: { refused_delays: "1s" },
    daemon: { log_level: "info", ...daemon },
  });
  await world.start();
  await world.sqs.send([notification("dead")]);
  await world.until("it is dead", async () => (await world.status()).deliveries.dead === 1);
  assert.equal((await world.dockbell("queue", "pause", "wms")).code, 0);
  await world.sqs.send([notification("held")]);
  const [{ id }] = await world.until("it waits", async () => {
    const rows = await world.list("--state=ready");
    return rows.length === 1 && rows;
  });
  assert.equal((await world.dockbell("queue", "hold", String(id))).code, 0);
  await world.until("its time is counted", async () => (await facts(world, "announced")).length === 1);
  world.accept = () => (refuses = false);
  return world;
}

async function startOn(world, day) {
  await world.daemon.stop("SIGTERM");
  await world.sandbox.clock(day * DAY);
  await world.start();
}

async function letRun(world, days) {
  await world.daemon.stop("SIGTERM");
  await change(database(world), `UPDATE fact SET value = value + ${days * DAY * 1e6} WHERE section = 'store' AND key = 'ran'`);
  await world.start();
}

const alarm = async (world) => (await world.status()).alarms.find(({ event }) => event === "removal-near");
const announcements = async (world) => ((await facts(world, "announced"))[0][0].split(" ").length - 1) / 3;
const removed = async (world) => {
  const metrics = await world.metrics();
  return ["dead", "held"].map((state) => metrics.get("dockbell_deliveries_removed_total", { state }));
};

describe("keep_dead and keep_held", { concurrency: 3 }, () => {
  it("the alarm comes three days before, and then dead and held deliveries go with their bodies", async (t) => {
    const world = await create(t);
    assert.ok((await countCodes(world)) >= 2);
    await startOn(world, 28);
    await world.until("the alarm is raised", () => alarm(world));
    assert.equal((await alarm(world)).webhook, "wms");
    assert.match(world.daemon.stderr, /webhook wms: 1 dead and 1 held deliveries are removed soon, from 20.*Z on\. The oldest is \d+, dead since/);
    assert.match(world.daemon.stderr, /dockbell queue list --state=dead,held --webhook=wms\..*queue retry ID.*queue release ID.*keep_dead and keep_held/);
    assert.equal((await world.metrics()).get("dockbell_alarm_raised", { alarm: "removal-near", subject: "wms" }), 1);
    await startOn(world, 31);
    await world.until("it has looked", async () => (await announcements(world)) >= 3);
    assert.deepEqual(await removed(world), [0, 0], "the daemon did not run for three days");
    await letRun(world, 3);
    await world.until("both are removed", async () => {
      const { deliveries } = await world.status();
      return deliveries.dead + deliveries.held === 0;
    });
    assert.match(world.daemon.stderr, /webhook wms: notification dead, order 306-dead: delivery \d+ was dead and is removed, as keep_dead is over/);
    assert.match(world.daemon.stderr, /webhook wms: notification held, order 306-held: delivery \d+ was held and is removed, as keep_held is over/);
    await world.until("their bodies are in no file", async () => (await countCodes(world)) === 0, { seconds: 90 });
    assert.deepEqual(await removed(world), [1, 1]);
    await world.until("the alarm has ended", async () => !(await alarm(world)), { seconds: 90 });
  });

  it("the alarm ends when they are sent or dropped", async (t) => {
    const world = await create(t);
    await startOn(world, 28);
    await world.until("the alarm is raised", () => alarm(world));
    world.accept();
    assert.equal((await world.dockbell("queue", "retry", "ALL")).code, 0);
    assert.equal((await world.dockbell("queue", "drop", "ALL", "--state=held")).code, 0);
    assert.equal((await world.dockbell("queue", "resume", "wms")).code, 0);
    await world.until("the dead one is delivered", () => world.receiver.delivered.has("dead"));
    await world.until("the alarm has ended", async () => !(await alarm(world)), { seconds: 90 });
    assert.match(world.daemon.stderr, /webhook wms: no dead or held delivery is removed within three days any more/);
    assert.deepEqual(await removed(world), [0, 0]);
  });

  it("a reload with forever ends the alarm, and nothing goes", async (t) => {
    const world = await create(t);
    await startOn(world, 28);
    await world.until("the alarm is raised", () => alarm(world));
    Object.assign(world.options.daemon, { keep_dead: "forever", keep_held: "forever" });
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.until("the alarm has ended", async () => !(await alarm(world)), { seconds: 90 });
    await startOn(world, 300);
    await letRun(world, 10);
    await world.until("it has looked", async () => (await announcements(world)) >= 2);
    const { deliveries } = await world.status();
    assert.deepEqual([deliveries.dead, deliveries.held], [1, 1]);
    assert.ok((await countCodes(world)) >= 2);
  });
});
