// SPDX-License-Identifier: MIT
// Names that scripts of users depend on and that an earlier release had: commands, options, exit statuses, members of
// JSON, events, metrics, headers and members of a webhook's request, keys. tests/fixtures/0.1.0/promises.json has
// those of 0.1.0. To record them again: build 0.1.0, then
//   DOCKBELL_BUILD=/path/to/0.1.0/build DOCKBELL_RECORD=/path/to/0.1.0 node --test promises.test.js
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { Metrics, withAdmin } from "./lib/admin.js";
import { orderChange } from "./lib/messages.js";
import { root, run } from "./lib/program.js";
import { FIXED } from "./lib/sandbox.js";

const FILE = path.join(root, "tests/fixtures/0.1.0/promises.json");
const recording = process.env.DOCKBELL_RECORD;
const source = (...names) => readFileSync(path.join(recording ?? root, names[recording && names.length > 1 ? 1 : 0]), "utf8");
const promised = recording ? {} : JSON.parse(readFileSync(FILE, "utf8"));

// Compares with the record, or records. Every promise must still be there; new ones may be.
function keeps(name, found) {
  if (recording) {
    promised[name] = found;
    writeFileSync(FILE, `${JSON.stringify(promised, null, 1)}\n`);
    return;
  }
  assert.ok(promised[name], `${name} is recorded`);
  const missing = promised[name].filter((line) => !found.includes(line));
  assert.deepEqual(missing, [], `${name}: these have gone`);
}

// The paths of a value's members, with their types: "queues[].name string". null says nothing about a type.
function shape(value, at = "") {
  if (Array.isArray(value)) return [`${at} array`, ...value.flatMap((item) => shape(item, `${at}[]`))];
  if (value === null) return [];
  if (typeof value !== "object") return [`${at} ${typeof value}`];
  return Object.entries(value).flatMap(([name, item]) => shape(item, at ? `${at}.${name}` : name));
}

const shapes = (values) => [...new Set(values.flatMap((value) => shape(value)))].sort();
const lines = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));

const registered = { seller_id: FIXED.seller_id, region: "eu", refresh_token: FIXED.refresh_token, subscribe: "ORDER_CHANGE" };

// A world with deliveries that are delivered and dead.
async function busy(t) {
  const world = await withAdmin(t, { seller: registered });
  await world.start();
  const send = (id, options) => world.sandbox.send([orderChange({ id, seller: FIXED.seller_id, ...options })]);
  await send("delivered");
  await send("again", { order: "306-1000001-0000002" });
  await world.until("two are delivered", async () => (await world.list("--state=delivered")).length === 2);
  // The same id with another payload is a dead letter.
  await send("again", { order: "306-1000001-0000002", status: "Shipped" });
  await world.until("one is dead", async () => (await world.list("--state=dead")).length === 1);
  return world;
}

describe("promises to scripts", () => {
  it("keeps every member of JSON", async (t) => {
    const world = await busy(t);
    const rows = await world.list("--state=all");
    const [row] = rows.filter((r) => r.state === "dead");
    keeps("queue list", shapes(rows));
    for (const args of [["status"], ["check"], ["types"], ["queue", "show", String(row.id)],
      ["queue", "log", row.order_id], ["destinations", "list"], ["subscriptions", "list", "acme"], ["secret", "show"],
      ["queue", "resend", "ALL", "--dry-run"],
      ["queue", "pause", "wms"], ["queue", "shape"], ["queue", "resume", "wms"], ["ping", "wms"], ["register"]]) {
      if (args[1] === "shape") {
        await world.sandbox.send([orderChange({ id: "waits", seller: FIXED.seller_id })]);
        await world.until("one waits", async () => (await world.list()).some((r) => r.state === "ready"));
      }
      const { stdout, stderr } = await world.dockbell(...args, "--output=json");
      assert.ok(stdout, `${args.join(" ")}: ${stderr}`);
      const name = args.map((a) => (a === String(row.id) ? "ID" : a === row.order_id ? "ORDER" : a));
      keeps(name.join(" "), shapes(lines(stdout)));
    }
    for (const url of ["/healthz", "/readyz"]) keeps(url, [(await world.admin(url)).text.split("\n")[0]]);
  });

  it("keeps every metric with its type and labels", async (t) => {
    const world = await busy(t);
    const { text } = await world.admin("/metrics");
    const types = text.match(/^# TYPE .*$/gm);
    const labels = [...new Set(text.match(/^[a-z_]+\{[^}]*\}/gm).map((line) => line.replace(/"[^"]*"/g, '""')))];
    keeps("metrics", [...types, ...labels].sort());
    assert.ok(new Metrics(text).families.size > 20);
  });

  it("keeps the request to a webhook", async (t) => {
    const world = await busy(t);
    const request = world.receiver.byId.get("delivered")[0];
    keeps("headers", Object.keys(request.headers).sort());
    for (const name of ["order_change.body", "order_change.cloudevents"])
      keeps(name, shapes([JSON.parse(source(`tests/golden/${name}.json`))]));
  });

  it("keeps commands, options and exit statuses", async (t) => {
    const world = await busy(t);
    const { stdout } = await run("dockbell", ["--help"]);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map((m) => m[1]);
    const options = [];
    for (const command of commands) {
      const help = await run("dockbell", [...command.split(" "), "--help"]);
      assert.equal(help.code, 0, command);
      for (const option of help.stdout.match(/^ +--[a-z-]+( [A-Z]+)?/gm) ?? []) options.push(`${command} ${option.trim()}`);
    }
    keeps("commands", commands);
    keeps("options", options);
    const codes = [];
    for (const args of [["nonsense"], ["queue", "show", "99999"], ["queue", "retry"], ["check"], ["status"], ["sign"],
      ["verify"],
      ["queue", "pause", "nobody"], ["subscriptions", "list", "nobody"], ["backup", "/nowhere/x"], ["status", "--nonsense"]]) {
      const { code } = await world.dockbell(...args, { input: "" });
      codes.push(`${args.join(" ")}: ${code}`);
    }
    await world.daemon.stop("SIGTERM");
    codes.push(`run: ${(await run("dockbell", ["run", "--config", "/nowhere/dockbell.conf"])).code}`);
    keeps("exit statuses", codes);
  });

  it("keeps every event and every key", () => {
    const ids = source("include/journal/ids.h");
    const id = /X\([A-Z_0-9]+,\s*\\?\s*"([a-z-]+)",\s*\\?\s*[A-Z_]+,\s*\\?\s*"([0-9a-f]{32})"/g;
    keeps("events", [...ids.matchAll(id)].map((m) => `${m[1]} ${m[2]}`));
    const fields = source("include/journal/fields.h");
    keeps("fields", [...fields.matchAll(/X\([A-Z_0-9]+, "(DOCKBELL_[A-Z_]+)"/g)].map((m) => m[1]));
    const keys = source("src/config/keys.c", "src/daemon/config_keys.c");
    keeps("keys", [...keys.matchAll(/\{CONFIG_([A-Z]+), "([a-z_]+)"/g)].map((m) => `${m[1].toLowerCase()} ${m[2]}`));
  });
});
