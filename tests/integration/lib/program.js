// SPDX-License-Identifier: MIT
// Our programs as child processes.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { within } from "./wait.js";

// Files that tests write are no group's, so that a configuration is accepted.
process.umask(0o022);

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, "../../..");
const build = path.resolve(root, process.env.DOCKBELL_BUILD ?? "build");

const places = {
  wall_clock: "tests/wall_clock/libwall_clock.so",
  "dockbell-notify-listener": "tests/notify/dockbell-notify-listener",
  "dockbell-silent-host": "tests/silent/dockbell-silent-host",
};

// Ours by their names, others by their paths.
export function binary(name) {
  if (path.isAbsolute(name)) return name;
  const file = path.join(build, places[name] ?? name);
  if (!existsSync(file)) throw new Error(`${file} is not built; set DOCKBELL_BUILD`);
  return file;
}

// The path of a program of the system, or null.
export function installed(name) {
  const places = (process.env.PATH ?? "").split(path.delimiter).map((place) => path.join(place, name));
  return places.find((place) => existsSync(place)) ?? null;
}

// What a child gets of our environment: nothing that could change what it does.
function cleanEnvironment(extra) {
  const kept = ["PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"];
  const env = Object.fromEntries(kept.filter((k) => process.env[k]).map((k) => [k, process.env[k]]));
  return { ...env, ...extra };
}

export class Program {
  constructor(name, args, { env = {}, cwd } = {}) {
    this.name = name;
    this.stdout = "";
    this.stderr = "";
    this.child = spawn(binary(name), args, {
      env: cleanEnvironment(env),
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stdin.on("error", () => {});
    this.child.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.stderr += text));
    this.ended = new Promise((done) => {
      this.child.on("error", (error) => done({ code: null, signal: null, error }));
      this.child.on("close", (code, signal) => {
        this.result = { code, signal };
        done(this.result);
      });
    });
  }

  get pid() {
    return this.child.pid;
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(signal) {
    this.told = true;
    if (this.running) this.child.kill(signal);
  }

  // Whether it ended although nobody told it to.
  get crashed() {
    return !this.told && !this.running;
  }

  // Ends it for certain.
  async stop(signal = "SIGKILL") {
    this.kill(signal);
    return within(`${this.name} after ${signal}`, 30, this.ended, () => this.tail());
  }

  tail(bytes = 4000) {
    return `--- ${this.name} (pid ${this.pid}) stderr:\n${this.stderr.slice(-bytes)}`;
  }
}

// Runs a command to its end.
export async function run(name, args, { input, seconds = 60, ...options } = {}) {
  const program = new Program(name, args, options);
  program.child.stdin.end(input ?? "");
  try {
    const { code, signal } = await within(`${name} ${args.join(" ")}`, seconds, program.ended, () =>
      program.tail(),
    );
    return { code, signal, stdout: program.stdout, stderr: program.stderr };
  } finally {
    program.kill("SIGKILL");
  }
}
