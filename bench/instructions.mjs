// SPDX-License-Identifier: MIT
// Counts the user-space instructions that `dockbell run` needs for a message, by callgrind. Unlike time,
// they hardly depend on the machine and on what else it does. Two sizes of the same load are run; their
// difference leaves out the start and the end.
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { drained, fill, progress } from "./scenarios.mjs";
import { staying, strangers } from "./strangers.mjs";
import { median } from "./table.mjs";
import { Bench, SEALED } from "./world.mjs";

const HELP = `bench/instructions [--attack] [--sealed] [--messages N] [--rounds N] [BUILD]...

Counts the instructions of the daemon of each BUILD (a build directory; default: build) for each
message, from SQS to the webhook. The first BUILD is what the others are compared with. The sandbox
and the test receiver are those of the build directory 'build', whatever is measured.

With one BUILD the number is compared with the one in bench/instructions.json. The command fails if a
number is more than 3 % higher than what it is compared with.

  --attack      the cost of our notifications while as many come from unknown senders: all, less
                those of the unknown senders alone, against those of ours alone; fails above 10 %
  --sealed      the last BUILD runs with encrypt_bodies; nothing is judged
  --messages N  the larger of the two loads (5000); the smaller one has a fifth of it
  --rounds N    how often each is counted (3); medians count
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    attack: { type: "boolean", default: false },
    sealed: { type: "boolean", default: false },
    messages: { type: "string", default: "5000" },
    rounds: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const large = Number(options.messages);
const small = Math.floor(large / 5);
const builds = positionals.length ? positionals : ["build"];
const committed = JSON.parse(readFileSync(new URL("instructions.json", import.meta.url), "utf8"));
const bench = new Bench("build");
const stop = () => bench.close().finally(() => process.exit(130));
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

// ---- loads: what is published, and whether it is dealt with ----

const ORDERS = {
  publish: (n) => fill(bench, n, 1),
  ours: (n) => n,
  left: () => 0,
};

const STRANGERS = {
  publish: (n) => bench.publish({ bodies: strangers(0, n) }),
  ours: () => 0,
  left: staying,
};

// In turns, as they would come.
const MIXED = {
  async publish(n) {
    const STEP = 50;
    for (let i = 0; i < n; i += STEP) {
      await bench.publish({ count: STEP, seed: 1 + i });
      await bench.publish({ bodies: strangers(i, STEP) });
    }
  },
  ours: (n) => n,
  left: staying,
};

const OURS_IN_TURNS = {
  async publish(n) {
    const STEP = 50;
    for (let i = 0; i < n; i += STEP) await bench.publish({ count: STEP, seed: 1 + i });
  },
  ours: (n) => n,
  left: () => 0,
};

async function isDone(load, n) {
  const [seen, amazon] = [await bench.seen(), await bench.amazon()];
  const { visible, in_flight: inFlight } = amazon.queues[0];
  if (!load.left(n)) return seen.unique >= load.ours(n) && drained(amazon);
  return seen.unique >= load.ours(n) && amazon.pending + visible === 0 && inFlight === load.left(n);
}

// ---- counting ----

// callgrind counts each byte of `rep stosb` as an instruction: glibc is to take vector stores for large blocks.
const HUGE = String(2 ** 31);
const TUNABLES = `glibc.cpu.x86_rep_stosb_threshold=${HUGE}:glibc.cpu.x86_rep_movsb_threshold=${HUGE}`;

// The instructions of one run, from its start to its end.
async function count({ build, load, sealed }, n) {
  await bench.open();
  await load.publish(n);
  const out = path.join(bench.directory, "callgrind.out");
  const wrap = ["valgrind", "-q", "--tool=callgrind", `--callgrind-out-file=${out}`];
  const attacked = { daemon: "max_unknown = 0\n", seller: "subscriptions = 5ub5c21b-ours\n" };
  const settings = { ...(options.attack && attacked), ...(sealed && SEALED) };
  const daemon = bench.daemon({ wrap, build, settings, env: { GLIBC_TUNABLES: TUNABLES } });
  await bench.until(daemon, () => isDone(load, n));
  await bench.stop(daemon);
  const seen = await bench.seen();
  if (seen.unique !== load.ours(n) || seen.repeats || seen.overlaps || seen.stale_unmarked)
    throw new Error(`the webhook saw ${JSON.stringify(seen)}`);
  return Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(out, "utf8"))[1]);
}

async function perMessage(measurement) {
  const [few, many] = [await count(measurement, small), await count(measurement, large)];
  const number = (many - few) / (large - small);
  const { build, what } = measurement;
  progress(`${build}: ${Math.round(number)} instructions for ${what} (${few} for ${small}, ${many} for ${large})`);
  return number;
}

// Medians of all rounds, which are interleaved.
async function measure(measurements) {
  for (let round = 0; round < Number(options.rounds); round++)
    for (const m of measurements) m.numbers.push(await perMessage(m));
  for (const m of measurements) m.number = median(m.numbers);
}

function print(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, number, numbers, ratio } of rows) {
    const range = numbers ? `  range ${(((Math.max(...numbers) - Math.min(...numbers)) / number) * 100).toFixed(2)} %` : "";
    console.log(`${name.padEnd(width)}  ${Math.round(number).toString().padStart(8)}  ${ratio ? `ratio ${ratio.toFixed(3)}` : "           "}${range}`);
  }
}

function judge(ratio, limit) {
  if (ratio <= limit) return;
  console.log(`more than ${Math.round((limit - 1) * 100)} % too many`);
  process.exitCode = 1;
}

async function compare() {
  const rows = builds.map((build) => ({ name: build, build, load: ORDERS, what: "a message", numbers: [] }));
  if (options.sealed) Object.assign(rows.at(-1), { name: `${rows.at(-1).name}, sealed`, sealed: true });
  await measure(rows);
  if (rows.length === 1) rows.unshift({ name: `bench/instructions.json: ${committed.of}`, number: committed.instructions_per_message });
  for (const row of rows) row.ratio = row.number / rows[0].number;
  print(rows);
  if (!options.sealed) judge(Math.max(...rows.map(({ ratio }) => ratio)), 1.03);
}

async function attack() {
  const [build] = builds;
  const row = (name, load, what) => ({ name, build, load, what, numbers: [] });
  const ours = row("ours alone", OURS_IN_TURNS, "one of ours");
  const alone = row("one of an unknown sender, alone", STRANGERS, "one of theirs");
  const both = row("both", MIXED, "one of each");
  await measure([ours, alone, both]);
  const rest = { name: "ours during the attack", number: both.number - alone.number };
  rest.ratio = rest.number / ours.number;
  print([ours, alone, both, rest]);
  judge(rest.ratio, 1.1);
}

try {
  await (options.attack ? attack() : compare());
} finally {
  await bench.close();
}
