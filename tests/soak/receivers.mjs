// SPDX-License-Identifier: MIT
// The warehouse of the soak: a dockbell-receiver for each webhook, whose ledger judges every request.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Program } from "../integration/lib/program.js";
import { until } from "../integration/lib/wait.js";

const QUIET_LOOKS = 3; // what the kernel still had for the receiver has been read by then

// What no receiver may ever count, and its name in the summary.
export const NEVER = {
  overlaps: "two requests of an order at a time",
  sequence_faults: "dockbell-sequence does not rise",
  repeats_changed: "a repeat with other bytes",
  repeats_unexcused: "a repeat of what was answered, without a kill",
  bad_signatures: "a bad signature",
};

export class Checker {
  static async start(name, directory, secret) {
    const checker = new Checker();
    checker.name = name;
    checker.log = path.join(directory, `${name}.jsonl`);
    const port = path.join(directory, `${name}.port`);
    const secretFile = path.join(directory, `${name}.secret`);
    await writeFile(secretFile, `${secret}\n`, { mode: 0o600 });
    checker.program = new Program("dockbell-receiver", [
      "--port-file", port, "--secret-file", secretFile, "--log", checker.log,
    ]);
    const number = await until(`receiver ${name} listens`, async () => (await readFile(port, "utf8")).trim(), {
      context: () => checker.program.tail(),
    });
    checker.base = `http://127.0.0.1:${number}`;
    return checker;
  }

  async state() {
    return (await fetch(`${this.base}/_receiver/state`)).json();
  }

  async #post(name, body) {
    const response = await fetch(`${this.base}/_receiver/${name}`, { method: "POST", body });
    if (!response.ok) throw new Error(`receiver ${this.name}: ${await response.text()}`);
  }

  // Answers the next requests by this rule: dockbell-receiver --help.
  answer(rule) {
    return this.#post("answers", JSON.stringify(rule));
  }

  clearAnswers() {
    return fetch(`${this.base}/_receiver/answers`, { method: "DELETE" });
  }

  // The daemon is gone: waits until all that it had sent is answered or noticed as gone.
  async quiet() {
    let looks = 0;
    await until(`receiver ${this.name} has nothing in flight`, async () => {
      looks = (await this.state()).in_flight === 0 ? looks + 1 : 0;
      return looks === QUIET_LOOKS;
    });
  }

  // The daemon was killed: it may repeat what it was answered.
  excuse() {
    return this.#post("killed");
  }

  // The violations so far, a line each.
  async violations() {
    const state = await this.state();
    return Object.entries(NEVER)
      .filter(([count]) => state[count] !== 0)
      .map(([count, text]) => `${this.name}: ${text}: ${state[count]} times`);
  }

  // The ids that were answered 2xx, from the log.
  async delivered() {
    const lines = (await readFile(this.log, "utf8")).split("\n").filter(Boolean).map((line) => JSON.parse(line));
    return new Set(lines.filter(({ status }) => status >= 200 && status < 300).map(({ id }) => id));
  }
}
