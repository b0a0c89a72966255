// SPDX-License-Identifier: MIT
// The daemon's database seen by another process, through Python's sqlite3: Debian 12's node has none.
import { Program, installed, run } from "./program.js";
import { until } from "./wait.js";

const python = installed("python3") ?? "/usr/bin/python3";

const HOLD = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
db.execute("ROLLBACK")
`;

const CHANGE = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
for sql in sys.argv[2:]:
    db.execute(sql)
`;

const ASK = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30)
print(json.dumps(db.execute(sys.argv[2]).fetchall()))
`;

// Keeps everybody else from writing; the result ends that.
export async function holdWrites(t, file) {
  const holder = new Program(python, ["-c", HOLD, file]);
  t.after(() => holder.stop());
  await until("writes are held", () => holder.stdout.includes("held"), { context: () => holder.tail() });
  return async () => {
    holder.told = true;
    holder.child.stdin.end("\n");
    await holder.ended;
  };
}

// Runs statements that change something.
export async function change(file, ...statements) {
  const { code, stderr } = await run(python, ["-c", CHANGE, file, ...statements]);
  if (code !== 0) throw new Error(stderr);
}

// The rows of a query, as arrays.
export async function query(file, sql) {
  const { code, stdout, stderr } = await run(python, ["-c", ASK, file, sql]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
