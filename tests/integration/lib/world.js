// SPDX-License-Identifier: MIT
// A test's own Amazon, warehouse and daemon, in a directory of its own. Everything that was started
// is stopped and removed, whatever happened.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { configText } from "./config.js";
import { Program, run } from "./program.js";
import { Receiver, SECRET } from "./receiver.js";
import { Sandbox } from "./sandbox.js";
import { Hopeless, until } from "./wait.js";

export const SELLER_ID = "A2WAREHOUSE0001";

export class World {
  // Options: `queue` (section overrides), `seller`, `webhook`, `daemon` likewise; `sellers`: false for
  // a queue that takes every seller; `config(sections)` may change everything; `answer` for the
  // receiver; `receiver`: false for none; `sqs`: another SQS (start(), endpoint, arn, aws, close()).
  static async create(t, options = {}) {
    const world = new World();
    t.after(() => world.close());
    world.options = options;
    world.directory = await mkdtemp(path.join(os.tmpdir(), "dockbell-test-"));
    world.sandbox = new Sandbox();
    world.sqs = options.sqs ?? world.sandbox;
    await world.sandbox.start();
    if (options.sqs) await options.sqs.start();
    world.receiver = new Receiver({ answer: options.answer });
    await world.receiver.listen();
    await mkdir(world.stateDirectory, { mode: 0o700 });
    await world.writeConfig();
    return world;
  }

  get configFile() {
    return path.join(this.directory, "dockbell.conf");
  }

  get stateDirectory() {
    return path.join(this.directory, "state");
  }

  sections() {
    const { queue, seller, webhook, daemon } = this.options;
    const sections = {
      daemon: { state_directory: this.stateDirectory, log_level: "debug", min_free_disk: "16M", ...daemon },
      application: this.sandbox.application,
      aws: this.sqs.aws,
      "queue orders": { arn: this.sqs.arn, endpoint: this.sqs.endpoint, ...queue },
      "seller acme": { queue: "orders", ...seller },
      "webhook wms": { url: this.receiver.url, secret: SECRET, ...webhook },
    };
    this.options.config?.(sections);
    return sections;
  }

  async writeConfig() {
    await writeFile(this.configFile, configText(this.sections()), { mode: 0o600 });
  }

  // Starts `dockbell run`; it is ready when the first signed call worked.
  async start({ ready = true, env } = {}) {
    this.daemon = new Program("dockbell", ["run", "--config", this.configFile], { env });
    if (ready) await this.becomes("receiving", (daemon) => daemon.stderr.includes("eady"));
    return this.daemon;
  }

  async becomes(what, condition, options) {
    return until(
      `the daemon is ${what}`,
      () => {
        this.#mustRun();
        return condition(this.daemon);
      },
      { context: () => this.context(), ...options },
    );
  }

  #mustRun() {
    if (this.daemon?.crashed) throw new Hopeless("the daemon has ended");
  }

  // Waits until what the daemon said matches.
  says(pattern) {
    return this.until(`the daemon says ${pattern}`, () => pattern.test(this.daemon.stderr));
  }

  until(what, condition, options) {
    const alive = () => {
      this.#mustRun();
      return condition();
    };
    return until(what, alive, { context: () => this.context(), ...options });
  }

  context() {
    return `${this.daemon?.tail() ?? ""}\nfaults: ${this.receiver.faults.slice(0, 5).join("\n")}`;
  }

  // Runs a command of dockbell with this config.
  dockbell(...args) {
    const options = typeof args.at(-1) === "object" ? args.pop() : {};
    return run("dockbell", [...args, "--config", this.configFile], options);
  }

  async json(...args) {
    const result = await this.dockbell("--output=json", ...args);
    if (result.code !== 0) throw new Error(`dockbell ${args.join(" ")}: ${result.stderr}`);
    return JSON.parse(result.stdout);
  }

  status() {
    return this.json("status");
  }

  async list(...args) {
    const result = await this.dockbell("queue", "list", ...args, "--output=json");
    if (result.code !== 0) throw new Error(`dockbell queue list: ${result.stderr}`);
    return result.stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }

  // Waits until every sent message is deleted from the queue and every delivery is final.
  async settled(options) {
    await this.until("the queue is empty", () => this.sqs.empty(), options);
    await this.until(
      "nothing waits",
      async () => {
        const { deliveries } = await this.status();
        return deliveries.ready + deliveries.inflight + deliveries.behind === 0;
      },
      options,
    );
  }

  // Every file below the state directory, as bytes.
  async stateFiles() {
    const names = await readdir(this.stateDirectory, { recursive: true, withFileTypes: true });
    const files = new Map();
    for (const entry of names)
      if (entry.isFile()) {
        const file = path.join(entry.path ?? entry.parentPath, entry.name);
        files.set(file, await readFile(file));
      }
    return files;
  }

  async close() {
    await this.daemon?.stop().catch(() => {});
    await this.receiver?.close();
    await this.sandbox?.stop();
    if (this.options?.sqs) await this.options.sqs.close();
    if (this.directory && !process.env.DOCKBELL_TEST_KEEP)
      await rm(this.directory, { recursive: true, force: true });
  }
}
