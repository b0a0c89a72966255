// SPDX-License-Identifier: MIT
// The programs of a measurement: sandbox, webhook, and one of the two that are compared.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

// The sandbox's identities: dockbell-sandbox(1).
const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIADOCKBELLSANDBOX0",
  AWS_SECRET_ACCESS_KEY: "DockbellSandbox/Secret+Access+Key/000001",
};
const ARN = "arn:aws:sqs:eu-west-1:444455556666:amazon-orders";
const SELLER = "A297A7DJHEYXBY";
const TICKS_PER_S = 100; // USER_HZ, the unit of /proc/PID/stat on every Linux architecture of today

// The settings of a daemon that seals what it stores.
export const SEALED = { store: `encrypt_bodies = ${randomBytes(32).toString("base64")}\n` };

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function getJson(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

// What the kernel knows about a process.
export function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const number = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)[1]);
  return {
    cpu_s: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
    peak_kb: number("VmHWM"),
    now_kb: number("VmRSS"),
    switches: number("voluntary_ctxt_switches"),
  };
}

export class Bench {
  constructor(build) {
    this.build = path.resolve(build);
    this.directory = path.join(this.build, "bench-run");
    this.children = [];
  }

  #spawn(program, args, { env = {}, wrap = [], build = this.build } = {}) {
    const command = [...wrap, path.resolve(build, program), ...args];
    const child = spawn(command[0], command.slice(1), {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.output = "";
    child.complaints = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (child.output += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (child.complaints = (child.complaints + text).slice(-8000)));
    child.ended = new Promise((done) => child.on("close", (code, signal) => done({ code, signal })));
    this.children.push(child);
    return child;
  }

  async #port(name) {
    for (let i = 0; i < 500; i++) {
      try {
        const port = Number(readFileSync(path.join(this.directory, name), "utf8"));
        if (port) return port;
      } catch {
        // Not yet.
      }
      await pause(20);
    }
    throw new Error(`no port in ${name}`);
  }

  // A fresh Amazon, and a fresh webhook.
  async open({ sqsLatency = 0, webhookLatency = 0, log } = {}) {
    await this.close();
    rmSync(this.directory, { recursive: true, force: true });
    mkdirSync(path.join(this.directory, "state"), { recursive: true });
    const file = (name) => path.join(this.directory, name);
    this.#spawn("dockbell-sandbox", ["--port-file", file("sandbox"), "--latency-ms", String(sqsLatency)]);
    this.sqs = `http://127.0.0.1:${await this.#port("sandbox")}`;
    await this.openWebhook(webhookLatency, 0, log);
  }

  // `log`: a file for a line of every request.
  async openWebhook(latency = 0, port = 0, log = undefined) {
    const file = path.join(this.directory, "webhook");
    rmSync(file, { force: true });
    this.receiver = this.#spawn("dockbell-receiver", [
      "--listen", `127.0.0.1:${port}`, "--port-file", file, "--latency-ms", String(latency),
      ...(log ? ["--log", log] : []),
    ]);
    this.webhookPort = await this.#port("webhook");
    this.webhook = `http://127.0.0.1:${this.webhookPort}`;
  }

  async closeWebhook() {
    this.receiver.kill("SIGTERM");
    await this.receiver.ended;
  }

  publish(order) {
    return getJson(`${this.sqs}/_sandbox/publish`, { method: "POST", body: JSON.stringify(order) });
  }

  // A rule for what the webhook answers; see dockbell-receiver --help.
  async answer(rule) {
    const response = await fetch(`${this.webhook}/_receiver/answers`, { method: "POST", body: JSON.stringify(rule) });
    if (!response.ok) throw new Error(await response.text());
  }

  amazon() {
    return getJson(`${this.sqs}/_sandbox/state?limit=0`);
  }

  seen() {
    return getJson(`${this.webhook}/_receiver/state`);
  }

  // Runs the bare loop to its end; its own report.
  async bare({ messages, pollers }) {
    const child = this.#spawn("bench/bench-bare", [
      "--endpoint", `${this.sqs}/`, "--queue-url", `${this.sqs}/444455556666/amazon-orders`,
      "--webhook", `${this.webhook}/hooks/amazon`, "--region", "eu-west-1",
      "--pollers", String(pollers), "--messages", String(messages),
      "--database", path.join(this.directory, "bare.db"),
    ], { env: KEYS });
    const { code } = await child.ended;
    if (code !== 0) throw new Error(`the bare loop failed: ${child.complaints}`);
    return JSON.parse(child.output);
  }

  get config() {
    return path.join(this.directory, "dockbell.conf");
  }

  // Starts the daemon, of another build if need be: everything at its default but where things are, and
  // `settings`: lines of sections.
  daemon({ wrap, build, env, settings = {} } = {}) {
    writeFileSync(this.config, `[daemon]
state_directory = ${this.directory}/state
${settings.daemon ?? ""}${settings.store ? `[store]\n${settings.store}` : ""}[aws]
access_key_id = ${KEYS.AWS_ACCESS_KEY_ID}
secret_access_key = ${KEYS.AWS_SECRET_ACCESS_KEY}
[queue orders]
arn = ${ARN}
endpoint = ${this.sqs}
[seller acme]
seller_id = ${SELLER}
queue = orders
${settings.seller ?? ""}[webhook wms]
url = ${this.webhook}/hooks/amazon
secret = whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
`, { mode: 0o600 });
    return this.#spawn("dockbell", ["run", "--config", this.config], { wrap, build, env });
  }

  async status({ build } = {}) {
    const child = this.#spawn("dockbell", ["status", "--output=json", "--config", this.config], { build });
    const { code } = await child.ended;
    if (code !== 0) throw new Error(`dockbell status: ${child.complaints}`);
    return JSON.parse(child.output);
  }

  // Polls until the condition holds; fails when the daemon ends meanwhile.
  async until(daemon, condition, { every = 100, seconds = 900 } = {}) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(every)) {
      if (daemon.exitCode !== null) throw new Error(`the daemon ended: ${daemon.complaints}`);
      if (await condition()) return;
    }
    throw new Error(`took too long; the daemon said: ${daemon.complaints}`);
  }

  async stop(daemon) {
    daemon.kill("SIGTERM");
    const { code } = await daemon.ended;
    if (code !== 0) throw new Error(`the daemon ended with ${code}: ${daemon.complaints}`);
  }

  async close() {
    const running = this.children.filter((child) => child.exitCode === null && child.signalCode === null);
    for (const child of running) child.kill("SIGKILL");
    await Promise.all(running.map((child) => child.ended));
    this.children = [];
  }
}
