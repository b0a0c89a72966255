// SPDX-License-Identifier: MIT
// The soak's Amazon, warehouse, silent host and daemon, and one round of its life.
import { readFileSync } from "node:fs";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import path from "node:path";
import { configText } from "../integration/lib/config.js";
import { Program } from "../integration/lib/program.js";
import { Sandbox } from "../integration/lib/sandbox.js";
import { silentHost } from "../integration/lib/silent.js";
import { until, within } from "../integration/lib/wait.js";
import { Checker } from "./receivers.mjs";

const { SIGHUP, SIGTERM } = constants.signals;
const SECRET = "whsec_" + Buffer.from("the soak signs every order so 32").toString("base64");
const HIDDEN_S = 61; // more than the VisibilityTimeout: what a killed daemon held comes back after it
const STOP_S = 30; // the longest stop by SIGTERM, with its requests in flight
const STALL_S = 60; // without progress for so long at the end, what is missing is lost
const FIRST_S = 5; // a life without any request ends after so long,
const IDLE_S = 1.5; // one with requests when no other came for so long
const LOOK_MS = 10;
const SEND_AT_ONCE = 500;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// A fault of Dockbell, not of the soak.
export class Violation extends Error {}

export class SoakWorld {
  counts = { kills: 0, terms: 0, reloads: 0, silent: 0, amazon: 0, answers: 0, messages: 0 };

  static async create(directory) {
    const world = new SoakWorld();
    world.directory = directory;
    world.ends = [];
    await mkdir(world.stateDirectory, { mode: 0o700 });
    world.queues = { orders: new Sandbox(), returns: new Sandbox({ queue: "amazon-returns" }) };
    world.sandbox = world.queues.orders;
    await world.sandbox.start();
    world.queues.returns.port = world.sandbox.port;
    world.checkers = {};
    for (const name of ["wms", "archive", "portal"])
      world.checkers[name] = await Checker.start(name, directory, SECRET);
    world.silent = await silentHost({ after: (end) => world.ends.push(end) });
    world.settings = { concurrency: 16, wait: "5s", path: "/hooks/1", silent: true, log_level: "info" };
    await world.#writeConfig();
    return world;
  }

  get stateDirectory() {
    return path.join(this.directory, "state");
  }

  get configFile() {
    return path.join(this.directory, "dockbell.conf");
  }

  get #all() {
    return Object.values(this.checkers);
  }

  #webhook(name, base = this.checkers[name].base) {
    const { concurrency, path: hook } = this.settings;
    return {
      url: base + hook,
      secret: SECRET,
      concurrency,
      connect_timeout: "1s",
      max_attempts: 1000,
      retry_first: "1s",
      retry_longest: "1s",
      probe_first: "1s",
      probe_longest: "1s",
    };
  }

  async #writeConfig() {
    const { wait, silent, log_level } = this.settings;
    const { orders, returns } = this.queues;
    const text = configText({
      daemon: { state_directory: this.stateDirectory, log_level, min_free_disk: "16M" },
      application: this.sandbox.application,
      aws: this.sandbox.aws,
      "queue orders": { arn: orders.arn, endpoint: orders.endpoint, wait },
      "queue returns": { arn: returns.arn, endpoint: orders.endpoint, wait },
      "seller acme": { queue: "orders" },
      "seller acme-returns": { queue: "returns" },
      "webhook wms": this.#webhook("wms"),
      "webhook archive": this.#webhook("archive"),
      "webhook portal": this.#webhook("portal", silent ? new URL(this.silent.url).origin : undefined),
    });
    await writeFile(this.configFile, text, { mode: 0o600 });
  }

  #start() {
    if (this.settings.silent) this.counts.silent++;
    this.daemon = new Program("dockbell", ["run", "--config", this.configFile]);
  }

  #mustRun() {
    if (!this.daemon.crashed) return;
    throw new Violation(`the daemon ended by itself (${JSON.stringify(this.daemon.result)})\n${this.daemon.tail()}`);
  }

  async #reload(settings) {
    if (settings) {
      this.settings = settings;
      await this.#writeConfig();
    }
    if (!this.#handles(SIGHUP)) return;
    this.daemon.child.kill("SIGHUP");
    this.counts.reloads++;
  }

  // Whether the daemon has come so far that it handles a signal; before, the signal just ends it.
  #handles(signal) {
    if (!this.daemon.running) return false;
    const [, blocked] = /^SigBlk:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${this.daemon.pid}/status`, "utf8"));
    return (BigInt(`0x${blocked}`) >> BigInt(signal - 1)) % 2n === 1n;
  }

  async #end(signal) {
    const clean = signal === "SIGTERM" && this.#handles(SIGTERM);
    this.daemon.kill(signal);
    const what = `the daemon after ${signal}`;
    const result = await within(what, STOP_S, this.daemon.ended, () => this.daemon.tail()).catch((error) => {
      throw new Violation(error.message);
    });
    if (clean && result.code !== 0)
      throw new Violation(`SIGTERM ended the daemon with ${JSON.stringify(result)}\n${this.daemon.tail()}`);
    await appendFile(path.join(this.directory, "daemon.log"), this.daemon.stderr);
    for (const checker of this.#all) await checker.quiet();
    if (signal === "SIGKILL") for (const checker of this.#all) await checker.excuse();
    await this.sandbox.pass(HIDDEN_S);
  }

  async #send(traffic) {
    for (const [queue, bodies] of Object.entries(traffic)) {
      for (let i = 0; i < bodies.length; i += SEND_AT_ONCE)
        await this.queues[queue].publish({ bodies: bodies.slice(i, i + SEND_AT_ONCE) });
      this.counts.messages += bodies.length;
    }
  }

  async #break({ amazon, answers }) {
    for (const fault of amazon) await this.sandbox.fault(fault);
    for (const { webhook, rule } of answers) await this.checkers[webhook].answer(rule);
    this.counts.amazon += amazon.length;
    this.counts.answers += answers.length;
  }

  async #heal() {
    await this.sandbox.clearFaults();
    for (const checker of this.#all) await checker.clearAnswers();
  }

  // Lets the daemon work until so many requests came, or none comes any more; reloads it meanwhile.
  async #work(requests, reloads) {
    const due = [...reloads];
    const before = await this.total("requests");
    let came = -1;
    await until("the daemon handles signals", () => this.daemon.crashed || this.#handles(SIGHUP));
    for (let end = Date.now() + FIRST_S * 1000; came < requests && Date.now() < end; await pause(LOOK_MS)) {
      this.#mustRun();
      const now = (await this.total("requests")) - before;
      if (now > Math.max(came, 0)) end = Date.now() + IDLE_S * 1000;
      came = now;
      while (due.length && due[0].after <= came) await this.#reload(due.shift().settings);
    }
    this.#mustRun();
  }

  // One life of the daemon.
  async round({ traffic, amazon, answers, reloads, requests, early_ms, signal }) {
    await this.#heal();
    await this.#send(traffic);
    await this.#break({ amazon, answers });
    this.#start();
    if (early_ms === null) await this.#work(requests, reloads);
    else await pause(early_ms);
    await this.#end(signal);
    this.counts[signal === "SIGKILL" ? "kills" : "terms"]++;
    await this.check();
  }

  async check() {
    const violations = (await Promise.all(this.#all.map((checker) => checker.violations()))).flat();
    if (violations.length) throw new Violation(violations.join("\n"));
  }

  // Everything works now: all that was published must arrive everywhere.
  async finish(ids) {
    await this.#heal();
    this.settings = { ...this.settings, silent: false, concurrency: 32 };
    await this.#writeConfig();
    this.#start();
    await this.#progressUntil(ids.length * this.#all.length);
    await this.#checkQueues();
    await this.#end("SIGTERM");
    await this.check();
    await this.#checkIds(ids);
  }

  // Waits until so many are delivered, or nothing more is.
  async #progressUntil(wanted) {
    let best = -1;
    for (let end = Infinity; best < wanted && Date.now() < end; await pause(LOOK_MS)) {
      this.#mustRun();
      const delivered = await this.total("delivered");
      if (delivered > best) end = Date.now() + STALL_S * 1000;
      best = delivered;
    }
  }

  async #checkQueues() {
    await until("every message is deleted", async () => {
      const { queues } = await this.sandbox.state();
      return queues.every(({ visible, in_flight, delayed }) => visible + in_flight + delayed === 0);
    }, { seconds: STALL_S }).catch((error) => {
      throw new Violation(error.message);
    });
  }

  async #checkIds(ids) {
    for (const checker of this.#all) {
      const delivered = await checker.delivered();
      const lost = ids.filter((id) => !delivered.has(id));
      if (lost.length) throw new Violation(`${checker.name}: ${lost.length} lost: ${lost.slice(0, 10).join(" ")}`);
      if (delivered.size !== ids.length)
        throw new Violation(`${checker.name}: ${delivered.size - ids.length} ids that were never published`);
    }
  }

  async total(name) {
    const states = await Promise.all(this.#all.map((checker) => checker.state()));
    return states.reduce((sum, state) => sum + state[name], 0);
  }

  async close() {
    await this.daemon?.stop().catch(() => {});
    for (const checker of this.#all) await checker.program.stop().catch(() => {});
    for (const end of this.ends) await end();
    await this.sandbox.stop();
  }
}
