// SPDX-License-Identifier: MIT
// What bash completes, asked as bash asks: with the words that it has split.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { installed, root, run } from "./lib/program.js";

const SCRIPT = path.join(root, "config/bash-completion/dockbell");
const quote = (word) => `'${word}'`;

// `words` end with the one that is completed.
async function complete(...words) {
  const line = ["dockbell", ...words].map(quote).join(" ");
  const ask =
    `. '${SCRIPT}'; COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); ` +
    `_dockbell dockbell "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { code, stdout, stderr } = await run(installed("bash"), ["-c", ask]);
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter(Boolean);
}

describe("completion", () => {
  let directory, config;
  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), "dockbell-test-"));
    config = path.join(directory, "dockbell.conf");
    await writeFile(config, "[queue orders]\n[seller acme]\n[webhook wms]\nurl = x\n[webhook erp]\n");
  });
  after(() => rm(directory, { recursive: true }));

  it("goes on behind an =", async () => {
    assert.deepEqual(await complete("queue", "list", "--state", "=", "de"), ["delivered", "dead"]);
    assert.deepEqual(await complete("status", "--output", "=", "j"), ["json"]);
    assert.deepEqual(await complete("status", "--output", "="), ["text", "json"]);
    assert.deepEqual(await complete("status", "--config", "=", config.slice(0, -3)), [config]);
  });

  it("knows the names of the configuration", async () => {
    const at = ["--config", "=", config];
    assert.deepEqual(await complete(...at, "ping", "w"), ["wms"]);
    assert.deepEqual(await complete(...at, "queue", "pause", "e"), ["erp"]);
    assert.deepEqual(await complete(...at, "policy", "o"), ["orders"]);
    assert.deepEqual(await complete(...at, "register", "a"), ["acme"]);
    assert.deepEqual(await complete(...at, "queue", "list", "--webhook", "=", "w"), ["wms"]);
    assert.deepEqual(await complete("--config", config, "queue", "list", "--seller", ""), ["acme"]);
  });
});
