// SPDX-License-Identifier: MIT
// The receivers of docs/samples as programs.
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { freePort } from "./port.js";
import { installed, Program, root, run } from "./program.js";
import { until } from "./wait.js";

const folder = path.join(root, "docs/samples");

// How each is started: `needs` programs, is built by `build(directory)` and runs as `command`.
export const SAMPLES = [
  {
    name: "receiver.py",
    needs: ["python3"],
    command: () => [installed("python3"), path.join(folder, "receiver.py")],
  },
  {
    name: "receiver.mjs",
    needs: [],
    command: () => [process.execPath, path.join(folder, "receiver.mjs")],
  },
  {
    name: "receiver.php",
    needs: ["php"],
    probe: ["php", "-r", "exit(extension_loaded('pdo_sqlite') ? 0 : 1);"],
    command: (_, port) => [installed("php"), "-S", `127.0.0.1:${port}`, path.join(folder, "receiver.php")],
  },
  {
    name: "Receiver.java",
    needs: ["java", "javac"],
    build: (directory) => [installed("javac"), "-d", directory, path.join(folder, "Receiver.java")],
    command: (directory) => [installed("java"), "-cp", directory, "Receiver"],
  },
  {
    name: "Receiver.cs",
    needs: ["mcs", "mono"],
    build: (directory) => [installed("mcs"), `-out:${directory}/receiver.exe`, path.join(folder, "Receiver.cs")],
    command: (directory) => [installed("mono"), `${directory}/receiver.exe`],
  },
];

// Why a sample cannot be run here, or null.
export async function obstacle({ needs, probe }) {
  const missing = needs.filter((name) => !installed(name));
  if (missing.length) return `${missing.join(" and ")} not installed`;
  if (!probe) return null;
  const { code } = await run(installed(probe[0]), probe.slice(1));
  return code === 0 ? null : `${probe[0]} lacks what the sample needs`;
}

export class Sample {
  // `beside`: another one, whose state it shares.
  static async start(t, { build, command }, secrets, { beside } = {}) {
    const sample = new Sample();
    const directory = await mkdtemp(path.join(os.tmpdir(), "dockbell-sample-"));
    t.after(async () => {
      await sample.program?.stop();
      await rm(directory, { recursive: true, force: true });
    });
    await mkdir(path.join(directory, "state"));
    if (build) {
      const [compiler, ...args] = build(directory);
      const { code, stdout, stderr } = await run(compiler, args, { seconds: 300 });
      if (code !== 0) throw new Error(`${compiler}: ${stdout}${stderr}`);
    }
    sample.port = await freePort();
    sample.command = command(directory, sample.port);
    sample.env = {
      WEBHOOK_SECRET: secrets.join(","),
      PORT: String(sample.port),
      STATE: beside?.env.STATE ?? path.join(directory, "state"),
    };
    sample.cwd = directory;
    await sample.restart();
    return sample;
  }

  async restart() {
    await this.program?.stop();
    const [program, ...args] = this.command;
    this.program = new Program(program, args, { env: this.env, cwd: this.cwd });
    await until("the sample answers", async () => (await this.post("")) === 401, {
      context: () => this.program.tail(),
      seconds: 120,
    });
  }

  get url() {
    return `http://127.0.0.1:${this.port}/hooks/amazon`;
  }

  // Posts a body with these headers; gives the status.
  async post(body, headers = {}) {
    const response = await fetch(this.url, { method: "POST", body, headers });
    await response.arrayBuffer();
    return response.status;
  }

  // The status that OPTIONS gets.
  async options() {
    const response = await fetch(this.url, { method: "OPTIONS" });
    await response.arrayBuffer();
    return response.status;
  }

  // What it said that it did: [word, webhook-id, ...].
  get said() {
    const text = this.program.stdout + this.program.stderr;
    return text
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([word]) => ["applied", "requested", "stale", "ignored", "repeat", "failed"].includes(word));
  }

  saying(word, id) {
    return this.said.filter((line) => line[0] === word && line[1] === id);
  }
}
