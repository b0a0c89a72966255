// SPDX-License-Identifier: MIT
// What is behind must not slow down what is not: orders that always fail, and a large backlog.
import { readFileSync } from "node:fs";
import path from "node:path";
import { drained, fill, progress } from "./scenarios.mjs";
import { usage } from "./world.mjs";

const SEED = 1;

// Every order the webhook saw, in the order of their first request, and how many events each has.
function ordersOf(log) {
  const orders = new Map();
  for (const line of readFileSync(log, "utf8").split("\n").filter(Boolean)) {
    const { order } = JSON.parse(line);
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  return orders;
}

// One run: `failing` orders are answered 500 from the first request on. `healthy`: events that arrive.
async function run(bench, { messages, lanes, latency, failing = [], healthy, log }) {
  await bench.open({ webhookLatency: latency, log });
  for (const order of failing) await bench.answer({ status: 500, order, count: 1e9 });
  await bench.publish({ count: messages, seed: SEED, orders: lanes });
  const daemon = bench.daemon();
  await bench.until(daemon, async () => (await bench.seen()).delivered >= healthy);
  const used = usage(daemon.pid);
  const seen = await bench.seen();
  const failed = seen.requests - seen.delivered;
  await bench.stop(daemon);
  if (seen.overlaps || seen.stale_unmarked || seen.repeats_after_ok)
    throw new Error(`the webhook saw ${JSON.stringify(seen)}`);
  return {
    speed: healthy / ((seen.last_delivered_usec - seen.first_usec) / 1e6),
    cpu: (used.cpu_s / healthy) * 1000,
    failed,
  };
}

// A thousand orders, the oldest of which always fail, against the same load without any that fails.
// Both runs deliver the same events of the other orders; the CPU of failing attempts counts as well.
export async function lanes(bench, table, { messages, rounds, lanes: count = 1000, sick = 20, latency = 10 }) {
  const all = { speed: [], cpu: [] };
  const some = { speed: [], cpu: [] };
  let failed = 0;
  const log = path.join(bench.directory, "seen");
  await run(bench, { messages, lanes: count, latency, healthy: messages, log });
  const orders = ordersOf(log);
  const failing = [...orders.keys()].slice(0, sick);
  const healthy = messages - failing.reduce((sum, order) => sum + orders.get(order), 0);
  for (let round = 1; round <= rounds; round++) {
    const without = await run(bench, { messages, lanes: count, latency, healthy: messages });
    const withSick = await run(bench, { messages, lanes: count, latency, failing, healthy });
    all.speed.push(without.speed);
    all.cpu.push(without.cpu);
    some.speed.push(withSick.speed);
    some.cpu.push(withSick.cpu);
    failed = Math.max(failed, withSick.failed);
    progress(`lanes: round ${round} of ${rounds}: ${Math.round(without.speed)} and ${Math.round(withSick.speed)} messages/s`);
  }
  table.add(`${count} orders, ${sick} always fail (left: none does): messages/s of the others`, all.speed, some.speed, { min: 0.9 });
  table.add("  CPU s per 1000", all.cpu, some.cpu, { max: 1.1 });
  table.add("  requests that failed meanwhile", undefined, failed);
}

// Fills the store while the webhook is down, then lets it drain. What one delivery costs then.
async function fillAndDrain(bench, waiting) {
  const SLICE = 50_000; // at a time, so that the sandbox need not hold all of it
  await bench.open();
  const { webhookPort } = bench;
  await bench.closeWebhook();
  const daemon = bench.daemon();
  for (let sent = 0, seed = 1; sent < waiting; seed++) {
    const count = Math.min(SLICE, waiting - sent);
    await fill(bench, count, seed);
    sent += count;
    await bench.until(daemon, async () => (await bench.amazon()).queues[0].visible < SLICE / 10);
    progress(`backlog: ${sent} of ${waiting} published, ${Math.round(usage(daemon.pid).now_kb / 1024)} MB`);
  }
  // At max_backlog receiving pauses, and the last copies stay in the queue.
  let open;
  await bench.until(daemon, async () => {
    const { deliveries } = await bench.status();
    open = deliveries.ready + deliveries.behind + deliveries.inflight;
    return open >= waiting * 0.999;
  }, { every: 1000 });
  const before = usage(daemon.pid);
  await bench.openWebhook(0, webhookPort);
  await bench.until(daemon, async () => (await bench.seen()).delivered >= waiting, { seconds: 3600 });
  await bench.until(daemon, async () => drained(await bench.amazon()));
  const after = usage(daemon.pid);
  const seen = await bench.seen();
  await bench.stop(daemon);
  if (seen.repeats || seen.overlaps || seen.stale_unmarked)
    throw new Error(`the webhook saw ${JSON.stringify(seen)}`);
  return {
    open,
    filled_mb: before.peak_kb / 1024,
    peak_mb: after.peak_kb / 1024,
    cpu: ((after.cpu_s - before.cpu_s) / waiting) * 1000,
    seconds: ((seen.last_delivered_usec - seen.first_usec) / 1e6 / waiting) * 1000,
  };
}

// A large backlog against a small one: memory, and what a delivery costs while it drains.
export async function memory(bench, table, { waiting }) {
  const small = await fillAndDrain(bench, Math.min(20_000, waiting));
  const large = await fillAndDrain(bench, waiting);
  table.add(`peak memory with ${large.open} waiting, MB`, undefined, large.filled_mb, { max: 32 });
  table.add("  and after delivering them all", undefined, large.peak_mb, { max: 32 });
  table.add(`  CPU s per 1000 while they drain (left: ${small.open} waiting)`, small.cpu, large.cpu, { max: 1.5 });
  table.add("  seconds per 1000", small.seconds, large.seconds, { max: 1.5 });
}
