// SPDX-License-Identifier: MIT
// From 0.1.0: its store and its configuration, as that release wrote them, under the program of today.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { change, query } from "./lib/database.js";
import { FIXTURE, Installation, WEBHOOKS } from "./lib/installation.js";
import { notificationId } from "./lib/messages.js";
import { run } from "./lib/program.js";
import { World } from "./lib/world.js";

const json = (name) => JSON.parse(readFileSync(path.join(FIXTURE, name), "utf8"));
const SENT = new Map(json("sent.json").map((body) => [notificationId(body), body]));
const REQUESTS = json("requests.json");

// The state of the old store.
const FAILED = ["failed1", "failed2", "failed3", "failed4", "failed5"];
const WAITED = {
  wms: ["dead", ...FAILED, "failed1-2", "unanswered", "waiting"],
  erp: ["unanswered"],
  pos: ["dead", "dropped", ...FAILED, "failed1-2", "held", "unanswered", "waiting"],
};
const ASIDE = ["erp dead dead", "erp unknown held", "pos unknown held", "wms held held", "wms unknown held"];

async function upgraded(t) {
  const here = await Installation.create(t);
  cpSync(path.join(FIXTURE, "dockbell.db"), path.join(here.world.stateDirectory, "dockbell.db"));
  return here;
}

const names = (rows) => rows.map((d) => `${d.webhook} ${d.notification_id} ${d.state}`).sort();
const aside = async (here) => names(await here.list("held", "dead"));
const ids = (receiver) => [...receiver.delivered.keys()].sort();

// Whether the webhook had these, once each, in the bytes of the old program's requests if it made any.
function hadOnce(here, name, expected) {
  const receiver = here.receivers[name];
  assert.deepEqual(ids(receiver), [...expected].sort(), name);
  assert.deepEqual(receiver.repeated, []);
  assert.equal(receiver.requests.length, expected.length, `${name}: requests`);
  assert.deepEqual(receiver.faults, []);
  for (const { id, sha256, body } of receiver.requests) {
    if (REQUESTS[name][id]) assert.equal(sha256, REQUESTS[name][id], `${name}: bytes of ${id}`);
    assert.ok(body.toString().includes(SENT.get(id)), `${name}: Amazon's bytes of ${id}`);
  }
}

const delivers = (here, name, expected) =>
  here.world.until(`${name} has all that waited`, () => here.receivers[name].delivered.size >= expected.length);

// Sends everything once more, as Amazon may, and waits until all of it is known. Not the dead letter's:
// a copy gives it new life.
async function sendCopies(here) {
  const copies = [...SENT.values()].filter((body) => body !== SENT.get("dead"));
  const before = (await here.status()).notifications;
  await here.world.sandbox.send(copies);
  await here.world.until("every copy is recognised", async () => {
    const { received, accepted } = (await here.status()).notifications;
    assert.equal(accepted, before.accepted);
    return received === before.received + copies.length;
  });
  await here.world.until("Amazon's queue is empty", () => here.world.sandbox.empty());
}

describe("an upgrade from 0.1.0", { concurrency: 4 }, () => {
  it("before the first start, commands say that the daemon migrates the store", async (t) => {
    const here = await upgraded(t);
    assert.match(await here.run("check", "--store"), /the store is of an earlier version; the daemon migrates it at its next start/);
    const { code, stderr } = await here.world.dockbell("queue", "list", { env: here.env });
    assert.equal(code, 1);
    assert.match(stderr, /was written by an earlier version of Dockbell. Start the daemon once; it migrates the store/);
  });

  it("shows what 0.1.0 stored: status, queue list and show", async (t) => {
    const here = await upgraded(t);
    for (const receiver of Object.values(here.receivers)) await receiver.close();
    await here.start();
    const { notifications, webhooks } = await here.status();
    assert.equal(notifications.accepted, SENT.size);
    assert.deepEqual(webhooks.map(({ name, paused }) => [name, Boolean(paused)]), [["wms", false], ["erp", false], ["pos", true]]);
    assert.deepEqual(await aside(here), ASIDE);
    const waiting = (await here.list("ready", "inflight", "behind")).map((d) => `${d.webhook} ${d.notification_id}`);
    const expected = WEBHOOKS.flatMap((name) => WAITED[name].map((id) => `${name} ${id}`));
    assert.deepEqual(waiting.sort(), expected.sort());
    const failed = (await here.list("ready", "inflight")).filter((d) => d.webhook === "wms" && d.attempts > 0);
    const ids = failed.map((d) => d.notification_id);
    for (const id of FAILED) assert.ok(ids.includes(id), `${id} keeps its attempts`);
    const show = await here.run("queue", "show", String(failed.find((d) => FAILED.includes(d.notification_id)).id));
    assert.match(show, /503/);
    assert.match(await here.run("queue", "list"), /wms/);
    assert.match(await here.run("status"), /pos/);
  });

  it("delivers all that waited once, with the same ids and bytes, and nothing else", async (t) => {
    const here = await upgraded(t);
    await here.start();
    for (const name of ["wms", "erp"]) await delivers(here, name, WAITED[name]);
    await sendCopies(here);
    assert.equal(here.receivers.erp.requests[0].attempt, 2, "the old program's request is counted");
    for (const name of ["wms", "erp"]) hadOnce(here, name, WAITED[name]);
    const paused = await here.list("ready", "behind");
    assert.deepEqual(paused.map((d) => `${d.webhook} ${d.notification_id}`).sort(), WAITED.pos.map((id) => `pos ${id}`).sort());
    assert.deepEqual(await aside(here), ASIDE);
    assert.equal(here.receivers.pos.requests.length, 0, "pos is paused");
  });

  it("encrypt_bodies: store reseal seals what 0.1.0 stored, and it is delivered with the same bytes", async (t) => {
    const here = await upgraded(t);
    await here.start();
    await delivers(here, "wms", WAITED.wms);
    await here.world.daemon.stop();
    const key = path.join(here.world.directory, "key");
    await writeFile(key, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
    await writeFile(here.world.configFile, `${readFileSync(here.world.configFile)}\n[store]\nencrypt_bodies = file:${key}\n`);
    assert.match(await here.run("store", "reseal"), /all are sealed with key [0-9a-f]{16} now/);
    const database = readFileSync(path.join(here.world.stateDirectory, "dockbell.db"));
    for (const body of SENT.values()) assert.ok(!database.includes(body.slice(0, 200)), "it is sealed");
    await here.start();
    await delivers(here, "erp", WAITED.erp);
    await here.run("queue", "resume", "pos");
    await delivers(here, "pos", WAITED.pos.filter((id) => id !== "dead" && id !== "dropped" && id !== "held"));
    for (const { id, body } of here.receivers.pos.requests) assert.ok(body.toString().includes(SENT.get(id)), id);
  });

  it("ends the alarm of a webhook that works again", async (t) => {
    const here = await upgraded(t);
    await here.start();
    const { alarms } = here.receivers;
    const cleared = await here.world.until("the all-clear is told", () =>
      alarms.requests.map(({ body }) => JSON.parse(body).data).find(({ state }) => state === "cleared"));
    assert.equal(cleared.event, "breaker-opened");
    assert.equal(cleared.webhook, "wms");
    await here.world.until("status has no alarm", async () => (await here.status()).alarms.length === 0);
    assert.deepEqual(alarms.faults, []);
  });

  it("resume, release, retry and resend go on with it", async (t) => {
    const here = await upgraded(t);
    await here.start();
    await here.run("queue", "resume", "pos");
    await delivers(here, "pos", WAITED.pos);
    hadOnce(here, "pos", WAITED.pos);
    const rows = await here.list("held", "dead");
    const idOf = (webhook, id) => String(rows.find((d) => d.webhook === webhook && d.notification_id === id).id);
    await here.run("queue", "release", idOf("wms", "held"));
    await here.run("queue", "retry", idOf("erp", "dead"));
    await delivers(here, "wms", [...WAITED.wms, "held"]);
    await delivers(here, "erp", [...WAITED.erp, "dead"]);
    const old = (await here.list("delivered")).find((d) => d.webhook === "wms" && d.notification_id === "delivered1");
    await here.run("queue", "resend", String(old.id));
    await delivers(here, "wms", [...WAITED.wms, "held", "delivered1"]);
    hadOnce(here, "wms", [...WAITED.wms, "held", "delivered1"]);
    hadOnce(here, "erp", [...WAITED.erp, "dead"]);
  });
});

const DAY = 24 * 3600;

// What is dead or held, without what unknown senders sent, which has a time of its own.
const kept = async (here) => (await aside(here)).filter((name) => !name.includes(" unknown "));

// Starts it again so many days after the upgrade, and waits until it has announced what is near.
async function startOn(here, day, announcements) {
  await here.world.daemon.stop("SIGTERM");
  await here.world.sandbox.clock(day * DAY);
  await here.start();
  await announced(here, announcements);
}

const database = (here) => path.join(here.world.stateDirectory, "dockbell.db");

function announced(here, count) {
  const sql = "SELECT value FROM fact WHERE section = 'store' AND key = 'announced'";
  return here.world.until(`there are ${count} announcements`, async () => {
    const [[text] = [""]] = await query(database(here), sql);
    return text.split(" ").length === 1 + 3 * count;
  });
}

describe("dead and held deliveries of 0.1.0", () => {
  it("older than 30 days: all stay, then comes the alarm, then they are removed", async (t) => {
    const here = await upgraded(t);
    await change(database(here), `UPDATE notification SET received = received - ${40 * DAY * 1e6}`);
    await change(database(here), `UPDATE delivery SET done = done - ${40 * DAY * 1e6} WHERE done IS NOT NULL`);
    await here.start();
    for (const name of ["wms", "erp"]) await delivers(here, name, WAITED[name]);
    await announced(here, 1);
    const before = await kept(here);
    assert.ok(before.includes("erp dead dead") && before.includes("wms held held"));

    await here.world.daemon.stop("SIGTERM");
    await change(database(here), "DELETE FROM fact WHERE section = 'store' AND key = 'announced'");
    await startOn(here, 26, 1);
    assert.deepEqual(await kept(here), before);
    assert.ok(!(await here.status()).alarms.some(({ event }) => event === "removal-near"));

    await startOn(here, 28, 2);
    await here.world.until("the alarm is raised", async () =>
      (await here.status()).alarms.filter(({ event }) => event === "removal-near").length === 2);
    assert.match(here.world.daemon.stderr, /webhook erp: .*\bdead.* removed soon, from 20.*Z on\. The oldest is \d+, dead since/);
    assert.match(here.world.daemon.stderr, /webhook wms: .*\bheld.* removed soon, .*dockbell queue release ID/);
    assert.deepEqual(await kept(here), before);

    // Later than due, but the daemon did not run for three days with the alarm.
    await startOn(here, 40, 3);
    assert.deepEqual(await kept(here), before);

    await here.world.daemon.stop("SIGTERM");
    await change(database(here), `UPDATE fact SET value = value + ${3 * DAY * 1e6} WHERE section = 'store' AND key = 'ran'`);
    await here.start();
    await here.world.until("they are removed", async () => (await kept(here)).length === 0);
    await here.world.until("the alarms have ended", async () =>
      !(await here.status()).alarms.some(({ event }) => event === "removal-near"), { seconds: 90 });
    assert.match(here.world.daemon.stderr, /webhook erp: notification dead.* was dead and is removed, as keep_dead is over/);
    assert.match(here.world.daemon.stderr, /webhook wms: notification held.* was held and is removed, as keep_held is over/);
  });
});

describe("the sample configuration of 0.1.0", { concurrency: 4 }, () => {
  const sample = readFileSync(path.join(FIXTURE, "sample.conf"), "utf8");
  // Ways of authentication that exclude each other, and files that are not here.
  const OTHERS = /^#\s?(oauth_\w+|bearer|ca_file|client_certificate|client_key|state_directory) = .*$/gm;

  async function checks(t, text) {
    const { directory } = await World.create(t);
    const credentials = path.join(directory, "credentials");
    await mkdir(credentials);
    for (const [, name] of text.matchAll(/credential:([a-z-]+)/g)) await writeFile(path.join(credentials, name), secretFor(name));
    const file = path.join(directory, "dockbell.conf");
    await writeFile(file, text);
    return run("dockbell", ["check", "--config", file], { env: { CREDENTIALS_DIRECTORY: credentials } });
  }

  const whsec = `whsec_${Buffer.from("a sample has a secret such as this").toString("base64")}`;
  function secretFor(name) {
    if (name === "chat-url") return "https://chat.example.internal/hooks/1";
    return name.endsWith("wms-secret") || name.startsWith("alarm") ? whsec : "a-secret-of-32-bytes-or-more-0123456";
  }

  it("passes check with its secrets filled in", async (t) => {
    const { code, stderr } = await checks(t, sample);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /error/);
  });

  it("passes check with every key in use", async (t) => {
    const text = sample.replace(OTHERS, "").replace(/^#\s?([a-z_]+ = )/gm, "$1");
    assert.match(text, /^retry_first = 5s$/m);
    const { code, stderr } = await checks(t, text);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /error/);
  });
});
