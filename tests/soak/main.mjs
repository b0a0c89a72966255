// SPDX-License-Identifier: MIT
// Kills, stops and reloads the daemon again and again, under load and with faults on both sides, and
// checks the guarantees with receivers that keep a ledger. scripts/soak --help.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "../integration/lib/program.js";
import { Plan } from "./plan.mjs";
import { SoakWorld, Violation } from "./world.mjs";

const LINE_S = 10; // between two lines of progress where there is no terminal

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
      kills: { type: "string", default: "40" },
      minutes: { type: "string", default: "60" },
      keep: { type: "boolean", default: false },
    },
  });
  const options = { keep: values.keep };
  for (const name of ["seed", "kills", "minutes"]) {
    options[name] = Number(values[name]);
    if (!(options[name] >= 0)) throw new Error(`--${name}: a number is needed`);
  }
  return options;
}

class Progress {
  last = 0;

  show(text) {
    if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`);
    else if (Date.now() - this.last > LINE_S * 1000) {
      this.last = Date.now();
      process.stderr.write(`${text}\n`);
    }
  }

  end() {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}

async function run(world, plan, { kills, minutes }, progress) {
  const began = Date.now();
  while (world.counts.kills < kills && Date.now() - began < minutes * 60_000) {
    await world.round(plan.round());
    const { counts } = world;
    progress.show(
      `${counts.kills} of ${kills} kills, ${counts.terms} stops, ${counts.reloads} reloads, ` +
        `${plan.ids.length} orders changed, ${Math.round((Date.now() - began) / 1000)} s`,
    );
  }
  progress.show("all faults are over; waiting until everything is delivered");
  await world.finish(plan.ids);
}

async function summary(world, plan, options) {
  const { kills, terms, reloads, silent, amazon, answers, messages } = world.counts;
  return `seed ${options.seed}
  ended        ${kills} times by kill -9, ${terms} times by SIGTERM; ${reloads} reloads
  faults       ${amazon} of SQS, ${answers} of webhooks, ${silent} lives with a silent host
  Amazon sent  ${messages} messages: ${plan.ids.length} notifications and their copies, through 2 queues
  webhooks got ${await world.total("requests")} requests, ${await world.total("repeats_after_ok")} of them repeats after a kill, ` +
    `to 3 webhooks`;
}

async function main() {
  const options = readOptions();
  await mkdir(path.join(root, "build"), { recursive: true });
  const directory = await mkdtemp(path.join(root, "build", "soak-"));
  const plan = new Plan(options.seed);
  const progress = new Progress();
  let keep = true;
  let world;
  const interrupted = () => world?.close().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  console.log(`seed ${options.seed}`);
  try {
    world = await SoakWorld.create(directory);
    await run(world, plan, options, progress);
    progress.end();
    console.log(await summary(world, plan, options));
    console.log("nothing lost, no overlap, every sequence rises, same bytes, repeats only after kills");
    keep = options.keep;
  } catch (error) {
    progress.end();
    if (world?.checkers) console.log(await summary(world, plan, options).catch(() => ""));
    console.log(error instanceof Violation ? `VIOLATION\n${error.message}` : error.stack);
    process.exitCode = 1;
  } finally {
    await world?.close();
    if (keep) console.log(`kept: ${directory} (daemon.log; a ledger of each webhook in *.jsonl)`);
    else await rm(directory, { recursive: true, force: true });
  }
}

await main();
