// SPDX-License-Identifier: MIT
// Compares the speed and the CPU of two builds of `dockbell run`. They run in turn, round by round, over
// the same backlog, and the one that begins changes with each round.
import { parseArgs } from "node:util";
import { drain, fill, progress } from "./scenarios.mjs";
import { Table } from "./table.mjs";
import { Bench, SEALED } from "./world.mjs";

const HELP = `bench/compare [--sealed] [--messages N] [--rounds N] OLD NEW

Runs the daemons of two build directories in turn over a backlog, without latency, and prints their
messages a second and their CPU. The ratio is the median of the ratios of the rounds. The sandbox and
the test receiver are those of the build directory 'build', whatever is measured.

The command fails if NEW delivers less than 0.95 of OLD's messages a second.

  --sealed      NEW runs with encrypt_bodies
  --messages N  the backlog (20000)
  --rounds N    how often each runs (7)
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sealed: { type: "boolean", default: false },
    messages: { type: "string", default: "20000" },
    rounds: { type: "string", default: "7" },
    help: { type: "boolean", default: false },
  },
});
if (options.help || positionals.length !== 2) {
  process.stdout.write(HELP);
  process.exit(options.help ? 0 : 2);
}
const messages = Number(options.messages);
const rounds = Number(options.rounds);
const [old, fresh] = positionals.map((build) => ({ build, settings: {}, speed: [], cpu: [], peak: [] }));
if (options.sealed) fresh.settings = SEALED;

const bench = new Bench("build");
const stop = () => bench.close().finally(() => process.exit(130));
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

async function measure(side, seed) {
  const { build, settings } = side;
  await bench.open();
  await fill(bench, messages, seed);
  const run = await drain(bench, messages, { build, settings });
  side.speed.push(messages / run.seconds);
  side.cpu.push((run.used.cpu_s / messages) * 1000);
  side.peak.push(run.used.peak_kb / 1024);
}

try {
  for (let round = 1; round <= rounds; round++) {
    for (const side of round % 2 ? [old, fresh] : [fresh, old]) await measure(side, round);
    progress(`round ${round} of ${rounds}: ${Math.round(old.speed.at(-1))} and ${Math.round(fresh.speed.at(-1))} messages/s`);
  }
  const table = new Table(old.build, `${fresh.build}${options.sealed ? ", sealed" : ""}`);
  table.add(`backlog of ${messages}: messages/s`, old.speed, fresh.speed, { min: 0.95 });
  table.add("  CPU s per 1000", old.cpu, fresh.cpu);
  table.add("  peak memory, MB", old.peak, fresh.peak);
  table.print();
  if (!table.met) process.exitCode = 1;
} finally {
  await bench.close();
}
