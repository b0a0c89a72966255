// SPDX-License-Identifier: MIT
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pause, usage } from "./world.mjs";

export const progress = (text) => process.stderr.write(`${text}\n`);
const DUPLICATES = 0.02;
const DISORDER = 0.1;
const calls = ({ calls }) =>
  Object.entries(calls).reduce((sum, [op, n]) => sum + (/Message|Queue/.test(op) ? n : 0), 0);

export const fill = (bench, count, seed) =>
  bench.publish({ count, seed, duplicates: DUPLICATES, disorder: DISORDER });

export const drained = ({ queues: [queue], pending }) => pending + queue.visible + queue.in_flight === 0;

// One run of the daemon over a backlog. `options` are those of Bench.daemon.
export async function drain(bench, messages, options) {
  const daemon = bench.daemon(options);
  await bench.until(daemon, async () => (await bench.seen()).unique >= messages);
  await bench.until(daemon, async () => drained(await bench.amazon()));
  const used = options?.wrap ? undefined : usage(daemon.pid);
  const [seen, amazon, status] = [await bench.seen(), await bench.amazon(), await bench.status(options)];
  await bench.stop(daemon);
  if (seen.unique !== messages || seen.repeats || seen.overlaps || seen.stale_unmarked)
    throw new Error(`the webhook saw ${JSON.stringify(seen)}`);
  const seconds = (seen.last_unique_usec - seen.first_usec) / 1e6;
  return { seconds, used, status, calls: calls(amazon) };
}

// A backlog, as fast as it goes.
export async function backlog(bench, table, scenario) {
  const { title, messages, rounds, pollers, goal } = scenario;
  const bare = { speed: [], cpu: [], peak: [], calls: [] };
  const ours = { speed: [], cpu: [], peak: [], calls: [] };
  let status;
  for (let round = 1; round <= rounds; round++) {
    await bench.open(scenario);
    await fill(bench, messages, round);
    const limit = await bench.bare({ messages, pollers });
    bare.speed.push(limit.messages_per_s);
    bare.cpu.push(limit.cpu_s_per_1000);
    bare.peak.push(limit.peak_rss_kb / 1024);
    bare.calls.push(limit.sqs_calls_per_1000);

    await bench.open(scenario);
    await fill(bench, messages, round);
    const run = await drain(bench, messages);
    ours.speed.push(messages / run.seconds);
    ours.cpu.push((run.used.cpu_s / messages) * 1000);
    ours.peak.push(run.used.peak_kb / 1024);
    ours.calls.push((run.calls / messages) * 1000);
    ({ status } = run);
    progress(`${title}: round ${round} of ${rounds}: ${Math.round(bare.speed.at(-1))} and ${Math.round(ours.speed.at(-1))} messages/s`);
  }
  table.add(`${title}: messages/s (bare loop: ${pollers} pollers)`, bare.speed, ours.speed, { min: goal });
  table.add("  CPU s per 1000", bare.cpu, ours.cpu, scenario.sqsLatency ? undefined : { max: 1.5 });
  table.add("  peak memory, MB", bare.peak, ours.peak);
  table.add("  SQS calls per 1000", bare.calls, ours.calls);
  if (scenario.sqsLatency) return;
  table.add("  SQS calls per 1000, dockbell alone", undefined, ours.calls, { max: 210 });
  await syncs(bench, table, messages, status);
}

// How often the disk is asked to write, counted by strace in a run of its own.
async function syncs(bench, table, messages, status) {
  const { commits, settles } = status.store ?? {};
  if (commits) {
    table.add("  commits per 1000", undefined, (commits / messages) * 1000);
    if (settles) table.add("  settles per commit", undefined, settles / commits);
  }
  if (spawnSync("strace", ["-V"]).error) {
    table.note("fsyncs were not counted: there is no strace");
    return;
  }
  const count = Math.min(messages, 10_000);
  const log = path.join(bench.directory, "syncs");
  await bench.open();
  await fill(bench, count, 1);
  const daemon = { wrap: ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o", log] };
  await drainTraced(bench, count, daemon);
  const lines = readFileSync(log, "utf8").split("\n").filter((line) => /f(data)?sync\(/.test(line)).length;
  table.add("  fsyncs per 1000 (a run under strace)", undefined, (lines / count) * 1000);
}

async function drainTraced(bench, messages, options) {
  const tracer = bench.daemon(options);
  await bench.until(tracer, async () => (await bench.seen()).unique >= messages);
  await bench.until(tracer, async () => drained(await bench.amazon()));
  const children = readFileSync(`/proc/${tracer.pid}/task/${tracer.pid}/children`, "utf8").trim();
  process.kill(Number(children), "SIGTERM");
  await tracer.ended;
}

export async function idle(bench, table, { seconds }) {
  await bench.open();
  const daemon = bench.daemon();
  await bench.until(daemon, async () => (await bench.amazon()).calls.ReceiveMessage >= 1);
  await pause(3000); // what a start brings is over
  const [before, callsBefore] = [usage(daemon.pid), calls(await bench.amazon())];
  progress(`idle: ${seconds} s`);
  await pause(seconds * 1000);
  const [after, callsAfter] = [usage(daemon.pid), calls(await bench.amazon())];
  await bench.stop(daemon);
  const perMinute = 60 / seconds;
  // A window of whole polls may hold one more or one less.
  table.add("idle: SQS calls a minute", undefined, (callsAfter - callsBefore) * perMinute, { max: 3 + perMinute });
  table.add("  wakeups a minute", undefined, (after.switches - before.switches) * perMinute, { max: 10 });
}

export async function trickle(bench, table, { seconds }) {
  const RATE = 5;
  const count = RATE * seconds;
  await bench.open();
  const daemon = bench.daemon();
  await bench.until(daemon, async () => (await bench.amazon()).calls.ReceiveMessage >= 1);
  const before = calls(await bench.amazon());
  await bench.publish({ count, rate: RATE, seed: 1 });
  progress(`trickle: ${RATE} messages a second for ${seconds} s`);
  await bench.until(daemon, async () => (await bench.seen()).unique >= count && drained(await bench.amazon()));
  const made = calls(await bench.amazon()) - before;
  await bench.stop(daemon);
  table.add(`SQS calls per 1000 at ${RATE} messages/s`, undefined, (made / count) * 1000, { max: 1200 });
}
