// SPDX-License-Identifier: MIT
// What systemd is told: ready, degraded, alive, stopping. tests/systemd does it with a real one.
import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Notify } from "./lib/notify.js";
import { within } from "./lib/wait.js";
import { SELLER_ID, World } from "./lib/world.js";

const READY_AFTER_USEC = 10_000_000; // without an answer of Amazon
const EARLY_USEC = 200_000; // timers are coarse, and the daemon's clock started after ours
const WATCHDOG_USEC = 2_000_000;
const PERIODS = 10;
const ANSWERS = /^Receiving and delivering/;

const now_usec = () => Number(process.hrtime.bigint() / 1000n);
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const count = (text, pattern) => (text.match(pattern) ?? []).length;

// A port at which connections are refused: it was free a moment ago.
async function closedPort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function prepare(t, options) {
  const world = await World.create(t, options);
  const notify = await Notify.create(t, world.directory);
  return { world, notify };
}

// Starts without an answer of Amazon and waits for READY; how long that took.
async function startDegraded(world, notify) {
  const started = now_usec();
  await world.start({ ready: false, env: notify.env });
  await world.until("systemd is told READY", () => notify.having("READY", "1").length > 0);
  const took = now_usec() - started;
  assert.ok(took >= READY_AFTER_USEC - EARLY_USEC, `READY came after ${took / 1e6} s`);
  assert.match(notify.status, /^Degraded: no queue has answered yet; stored deliveries are being sent/);
  assert.equal(count(world.daemon.stderr, /warning: .*no queue has answered yet/g), 1, world.context());
}

describe("systemd", { concurrency: 4 }, () => {
  it("READY=1 comes with the first signed call that works, not before", async (t) => {
    const { world, notify } = await prepare(t);
    await world.sandbox.fault({ op: "*", kind: "503" });
    await world.start({ ready: false, env: notify.env });
    await world.until("Amazon has refused", async () => {
      const { calls } = await world.sandbox.state();
      return calls.ReceiveMessage >= 2;
    });
    assert.deepEqual(notify.having("READY"), []);
    await world.sandbox.clearFaults();
    await world.until("systemd is told READY", () => notify.having("READY", "1").length > 0);
    assert.match(notify.status, ANSWERS);
    assert.equal(count(world.daemon.stderr, /no queue has answered yet/g), 0);
    await world.sqs.send([orderChange({ id: "first" })]);
    await world.until("it delivers", () => world.receiver.delivered.has("first"));
    assert.equal(notify.having("READY").length, 1);
  });

  it("STATUS is a live line: what waits, what was delivered, which webhook fails", async (t) => {
    const answer = { status: 204 };
    const { world, notify } = await prepare(t, { answer: () => answer });
    await world.start({ env: notify.env });
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("one is told", () => /: 0 waiting, 1 delivered$/.test(notify.status));
    await world.receiver.close();
    await world.sqs.send([orderChange({ id: "two" })]);
    await world.until("the failure is told", () =>
      /: 1 waiting \(oldest .*\), 1 delivered; failing: wms$/.test(notify.status));
  });

  it("READY=1 comes degraded after ten seconds when connections are refused", async (t) => {
    const port = await closedPort();
    const { world, notify } = await prepare(t, { queue: { endpoint: `http://127.0.0.1:${port}` } });
    await startDegraded(world, notify);
  });

  it("READY=1 comes degraded after ten seconds when nobody answers, and STATUS tells when it is over", async (t) => {
    const { world, notify } = await prepare(t, { queue: { wait: "1s" } });
    await world.sandbox.fault({ op: "*", kind: "hang" });
    await startDegraded(world, notify);
    await world.sandbox.clearFaults();
    await world.until("systemd is told that it works", () => ANSWERS.test(notify.status));
    assert.equal(notify.having("READY").length, 1);
  });

  it("Amazon's silence for ten watchdog periods is one alarm and no restart", async (t) => {
    const { world, notify } = await prepare(t, { queue: { wait: "1s" }, seller: { seller_id: SELLER_ID } });
    await world.start({ env: { ...notify.env, WATCHDOG_USEC: String(WATCHDOG_USEC) } });
    await world.sandbox.fault({ op: "*", kind: "hang" });
    const alarms = () => count(world.daemon.stderr, /^(error|warning): .*orders/gm);
    await world.until("it says that Amazon is silent", () => alarms() > 0);
    const from = notify.told.at(-1).at_usec;
    const fed = () => notify.having("WATCHDOG", "1").filter((d) => d.at_usec > from);
    // Fails when the daemon ends, or stops feeding.
    await world.until(`${PERIODS} watchdog periods are over`, () =>
      (fed().at(-1)?.at_usec ?? 0) >= from + PERIODS * WATCHDOG_USEC);
    const times = fed().map((d) => d.at_usec);
    const gap = median(times.slice(1).map((time, i) => time - times[i]));
    assert.ok(gap < WATCHDOG_USEC * 0.75, `fed every ${gap / 1e6} s`);
    assert.equal(alarms(), 1, world.context());
    assert.equal(count(world.daemon.stderr, /^(error|warning):/gm), 1, world.context());
    await world.sandbox.clearFaults();
    await world.sqs.send([orderChange({ id: "after" })]);
    await world.until("it goes on", () => world.receiver.delivered.has("after"));
  });

  it("a watchdog that is meant for another process is not fed", async (t) => {
    const { world, notify } = await prepare(t);
    await world.start({ env: { ...notify.env, WATCHDOG_USEC: "200000", WATCHDOG_PID: "1" } });
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("it delivers", () => world.receiver.delivered.has("one"));
    world.daemon.kill("SIGTERM");
    await within("stopping", 15, world.daemon.ended, () => world.context());
    assert.deepEqual(notify.having("WATCHDOG"), []);
  });

  it("STOPPING=1 comes with SIGTERM, and the watchdog is fed until the end", async (t) => {
    const { world, notify } = await prepare(t, { answer: () => ({ delay_ms: 3000 }) });
    await world.start({ env: { ...notify.env, WATCHDOG_USEC: "1000000" } });
    await world.sqs.send([orderChange({ id: "slow" })]);
    await world.until("a request is under way", () => world.receiver.requests.length === 1);
    assert.deepEqual(notify.having("STOPPING"), []);
    world.daemon.kill("SIGTERM");
    const { code } = await within("stopping", 15, world.daemon.ended, () => world.context());
    assert.equal(code, 0);
    assert.equal(notify.having("STOPPING", "1").length, 1);
    assert.match(notify.status, /^Stopping/);
    const [{ at_usec }] = notify.having("STOPPING");
    assert.ok(notify.having("WATCHDOG", "1").filter((d) => d.at_usec > at_usec).length >= 2);
    assert.ok(world.receiver.delivered.has("slow"));
  });
});
