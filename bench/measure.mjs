// SPDX-License-Identifier: MIT
// Measures `dockbell run` in its default configuration and the bare loop, in turn, with the same
// sandbox and the same webhook. Machines differ: only the ratio in one run counts.
import { parseArgs } from "node:util";
import { Bench } from "./world.mjs";
import { lanes, memory } from "./lanes.mjs";
import { backlog, idle, trickle } from "./scenarios.mjs";
import { Table } from "./table.mjs";

const HELP = `bench/run [--quick] [--only SCENARIO[,...]] [--rounds N] [--messages N] [--backlog N]

Scenarios:
  fast     a backlog of --messages (50 000), no latency: speed, CPU, SQS calls, fsyncs
  latency  SQS answers after 40 ms, the webhook after 10 ms: speed, CPU
  lanes    a thousand orders, twenty of which always fail, against the same load without them
  memory   --backlog (1 000 000) deliveries waiting in the store: peak memory, and what each costs
           when they drain, against a backlog of 20 000
  idle     calls and wakeups a minute with nothing to do
  trickle  SQS calls per 1000 at five messages a second

--quick: fewer rounds, fewer messages; good for a look, not for a judgement.
`;

const { values: options } = parseArgs({
  options: {
    build: { type: "string", default: "build" },
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string" },
    messages: { type: "string" },
    backlog: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const { quick } = options;
const rounds = Number(options.rounds ?? (quick ? 2 : 5));
const messages = Number(options.messages ?? (quick ? 10_000 : 50_000));
const waiting = Number(options.backlog ?? (quick ? 50_000 : 1_000_000));
const scenarios = options.only?.split(",") ?? ["fast", "latency", "lanes", "memory", "idle", "trickle"];

const bench = new Bench(options.build);
const table = new Table();
const stop = () => bench.close().finally(() => process.exit(130));
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

try {
  if (scenarios.includes("fast"))
    await backlog(bench, table, {
      title: `no latency, backlog of ${messages}`,
      messages, rounds, pollers: 8, goal: 0.8,
    });
  if (scenarios.includes("latency"))
    await backlog(bench, table, {
      title: "SQS 40 ms, webhook 10 ms",
      messages: Math.ceil(messages / 2), rounds, pollers: 32, goal: 0.9,
      sqsLatency: 40, webhookLatency: 10,
    });
  if (scenarios.includes("lanes")) await lanes(bench, table, { messages: Math.ceil(messages / 2), rounds });
  if (scenarios.includes("memory")) await memory(bench, table, { waiting });
  if (scenarios.includes("idle")) await idle(bench, table, { seconds: quick ? 30 : 120 });
  if (scenarios.includes("trickle")) await trickle(bench, table, { seconds: quick ? 20 : 60 });
  table.print();
} finally {
  await bench.close();
}
