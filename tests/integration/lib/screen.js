// SPDX-License-Identifier: MIT
// What a person sees: a program on a pseudo-terminal of a given size, compared with a stored screen.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { installed, Program, root, run } from "./program.js";
import { until } from "./wait.js";

const SCREENS = path.join(root, "tests/screens");
// script(1) makes the terminal. NO_COLOR, as colours take no columns.
const ENV = { TERM: "xterm", NO_COLOR: "1" };

const quote = (word) => `'${word}'`;
const sized = (command, columns, rows) => `stty cols ${columns} rows ${rows}; ${command}`;
const command = (words) => words.map(quote).join(" ");

// What a command writes, to its end. A terminal ends lines by \r\n.
export async function screen(words, { columns, rows = 50, seconds } = {}) {
  const args = ["-qec", sized(command(words), columns, rows), "/dev/null"];
  const { code, stdout, stderr } = await run(installed("script"), args, { env: ENV, seconds });
  return { code, text: stdout.replaceAll("\r\n", "\n"), stderr };
}

// The first whole picture of a command that goes on.
export async function picture(words, { columns, rows }) {
  const program = new Program(installed("script"), ["-qec", sized(command(words), columns, rows), "/dev/null"], { env: ENV });
  const clear = "\u001b[H\u001b[2J";
  try {
    await until("there is a second picture", () => program.stdout.split(clear).length > 2);
    return program.stdout.split(clear)[1].replaceAll("\r\n", "\n");
  } finally {
    await program.stop();
  }
}

// Times, ports, process ids and random ids, which differ from run to run.
const NORMAL = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UUID"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT"],
  [/pid \d+/g, "pid PID"],
  [/\b\d+(\.\d+)?(d|h|m|s|ms)\b( \d+(h|m|s)\b)?/g, "SPAN"],
  [/\b\d+ ms\b/g, "N ms"],
  [/\/\S*dockbell-test-\w+/g, "DIRECTORY"],
  [/(?<=Look further, in )\S+/g, "DIRECTORY"],
  [/(?<=^\S+ +SPAN ago +SPAN ago +\d+ +SPAN +)\d+/gm, "N"], // polls of a queue
  [/\d+ late events/g, "N late events"],
];

const normal = (text) => NORMAL.reduce((all, [pattern, word]) => all.replaceAll(pattern, word), text);
// Where lines break and how wide columns are depends on the length of times; that is checked apart.
const words = (text) => normal(text).trim().split(/\s+/);

// No line is longer than the terminal is wide.
export function fits(text, columns) {
  for (const line of text.split("\n"))
    assert.ok([...line].length <= columns, `${[...line].length} columns of ${columns}: ${line}`);
}

// Below a header in capitals each value begins where its title does.
export function aligned(text) {
  let starts = null;
  for (const line of text.split("\n")) {
    if (/^ *[A-Z]+( {1,}[A-Z]+)* {2,}[A-Z]/.test(line)) starts = [...line.matchAll(/(^|  )(?=[A-Z])/g)].map((m) => m.index + m[0].length);
    else if (!line.trim()) starts = null;
    else if (starts && /^\S.*[^.:]$/.test(line)) // no sentence
      for (const start of starts.filter((at) => at > 0 && at < line.length))
        assert.match(line.slice(start - 1, start + 1), /^ \S$/, `column ${start} of: ${line}`);
  }
}

// DOCKBELL_TEST_WRITE=1 stores the screen of today. `tables`: every line in capitals is a header.
export async function compare(name, columns, text, { tables = true } = {}) {
  const file = path.join(SCREENS, `${name}.${columns}`);
  fits(text, columns);
  if (tables) aligned(text);
  if (process.env.DOCKBELL_TEST_WRITE) await writeFile(file, normal(text));
  assert.deepEqual(words(text), words(await readFile(file, "utf8")), `${file} shows something else:\n${text}`);
}
