// SPDX-License-Identifier: MIT
// A new client secret is proved, kept and used; its message is deleted only when it is on disk.
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { FIXED } from "./lib/sandbox.js";
import { openClientSecret } from "./lib/sealed.js";
import { World } from "./lib/world.js";

const seller = {
  seller_id: FIXED.seller_id,
  region: "eu",
  refresh_token: FIXED.refresh_token,
  subscribe: "ORDER_CHANGE",
};

const DAY = 86400_000;
const ago = (ms) => new Date(Date.now() - ms).toISOString();

function newSecret({ secret, clientId = FIXED.client_id, id = "secret-1", time = ago(0) }) {
  return JSON.stringify({
    notificationVersion: "1.0",
    notificationType: "APPLICATION_OAUTH_CLIENT_NEW_SECRET",
    payloadVersion: "1.0",
    eventTime: time,
    payload: {
      applicationOAuthClientNewSecret: {
        clientId,
        newClientSecret: secret,
        newClientSecretExpiryTime: ago(-180 * DAY),
        oldClientSecretExpiryTime: ago(-7 * DAY),
      },
    },
    notificationMetadata: { applicationId: "a", subscriptionId: "s", publishTime: time, notificationId: id },
  });
}

function expiry(days) {
  return JSON.stringify({
    notificationVersion: "1.0",
    notificationType: "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY",
    payloadVersion: "1.0",
    eventTime: ago(0),
    payload: {
      applicationOAuthClientSecretExpiry: {
        clientId: FIXED.client_id,
        clientSecretExpiryTime: ago(-days * DAY - 3600_000),
        clientSecretExpiryReason: "PERIODIC_ROTATION",
      },
    },
    notificationMetadata: { applicationId: "a", subscriptionId: "s", publishTime: ago(0), notificationId: "e-1" },
  });
}

const enrol = (world, options = {}) => world.sandbox.control("POST", "rotation", options);
const rotation = (world) => world.sandbox.control("GET", "rotation");
const calls = async (world, op) => (await world.sandbox.state()).calls[op] ?? 0;
const secretFile = (world) => path.join(world.stateDirectory, "client_secret");
const application = async (world) => (await world.status()).application;

async function empty(world) {
  const { queues } = await world.sandbox.state();
  return queues.every((q) => q.visible + q.in_flight === 0);
}

const content = async (world) =>
  openClientSecret(await readFile(secretFile(world), "utf8"), world.sections().application.client_secret);

async function become(world, text) {
  await world.until(`the file holds it`, async () => {
    const there = await stat(secretFile(world)).then(() => true, () => false);
    return there && (await content(world)).includes(text);
  });
}

// No file holds any of these: their own one is sealed.
async function onlyItsFile(world, secrets, outputs = []) {
  for (const [file, bytes] of await world.stateFiles())
    for (const secret of secrets)
      assert.ok(!bytes.includes(secret), `${file} contains it`);
  for (const secret of secrets) {
    assert.ok(!world.daemon.stderr.includes(secret), "it is not logged");
    for (const output of outputs) assert.ok(!output.includes(secret), `it is not printed: ${output}`);
    for (const request of world.receiver.requests)
      assert.ok(!JSON.stringify(request).includes(secret), "it is not forwarded");
  }
}

async function everyOutput(world) {
  const outputs = [];
  for (const args of [
    ["status"], ["secret", "show"], ["queue", "list", "--state=all"], ["check"], ["register"],
  ])
    for (const format of ["text", "json"]) {
      const { stdout, stderr } = await world.dockbell(...args, `--output=${format}`);
      outputs.push(stdout, stderr);
    }
  return outputs;
}

describe("a new client secret", { concurrency: 4 }, () => {
  it("rotate: asked for, proved, kept, used, and then deleted", async (t) => {
    const world = await World.create(t, { seller });
    await enrol(world);
    await world.start();
    await world.until("it is registered", async () => (await calls(world, "createSubscription")) === 1);
    assert.equal((await application(world)).secret, "config");
    const rotated = await world.dockbell("secret", "rotate");
    assert.equal(rotated.code, 0, rotated.stderr);
    const { secret, old_secret } = await rotation(world);
    await world.says(/has sent a new client secret. It works/);
    await become(world, secret);
    await world.until("the message is deleted", () => empty(world));
    assert.equal((await stat(secretFile(world))).mode & 0o777, 0o600);
    const now = await application(world);
    assert.equal(now.secret, "file");
    assert.ok([179, 180].includes(now.secret_expires_days), `${now.secret_expires_days} days`);

    // The old one has ended: everybody uses the new one.
    await world.sandbox.control("POST", "clock", { offset_s: 8 * 86400 });
    const again = await world.dockbell("register");
    assert.equal(again.code, 0, again.stderr);
    const shown = await world.json("secret", "show");
    assert.equal(shown.first, "file");
    assert.ok(shown.rotation_asked && shown.old_expires);
    await world.sqs.send([orderChange({ id: "after", seller: FIXED.seller_id })]);
    await world.until("the next one is delivered", () => world.receiver.delivered.has("after"));
    const { notifications } = await world.status();
    assert.equal(notifications.received, 1, "it is not counted");
    await onlyItsFile(world, [secret, old_secret], await everyOutput(world));
  });

  it("after a restart it is used, and the old one is dropped when it has ended", async (t) => {
    const world = await World.create(t, { seller });
    await enrol(world, { old_valid_s: 3600, rotate: true });
    await world.start();
    const { secret, old_secret } = await rotation(world);
    await become(world, secret);
    assert.ok((await content(world)).includes(old_secret), "the old one is kept");
    await world.until("the message is deleted", () => empty(world));
    await world.daemon.stop("SIGTERM");
    await world.sandbox.control("POST", "clock", { offset_s: 2 * 3600 });
    await world.start();
    await world.until("the old one is gone", async () => !(await content(world)).includes(old_secret));
    await world.until("LWA took the new one", async () => (await application(world)).secret === "file");
  });

  it("that LWA does not take yet stays in the queue, and is taken when it comes back", async (t) => {
    const world = await World.create(t);
    await enrol(world);
    await world.sandbox.fault({ op: "token", kind: "invalid_client", count: 1 });
    await enrol(world, { rotate: true });
    await world.start();
    await world.says(/left in the queue: it could not be proved that it works/);
    assert.ok(!(await empty(world)), "it is in the queue");
    await assert.rejects(readFile(secretFile(world)), "nothing is kept");
    await world.sandbox.control("POST", "clock", { offset_s: 700 });
    const { secret } = await rotation(world);
    await become(world, secret);
    await world.until("the message is deleted", () => empty(world));
    await onlyItsFile(world, [secret]);
  });

  it("ends what the old one was refused: sellers are registered", async (t) => {
    const config = (s) => (s.application.client_secret = "amzn1.oa2-cs.v1.ended");
    const world = await World.create(t, { seller, config });
    await world.start();
    await world.says(/refuses the application: invalid_client/);
    await enrol(world, { rotate: true });
    await world.until("it is registered", async () => (await calls(world, "createSubscription")) === 1);
    await world.until("status shows no trouble", async () => {
      const { secret, lwa_error } = await application(world);
      return secret === "file" && lwa_error === null;
    });
  });

  it("is used by a reload, too", async (t) => {
    const world = await World.create(t, { seller });
    await enrol(world, { rotate: true, old_valid_s: 60 });
    await world.start();
    const { secret } = await rotation(world);
    await become(world, secret);
    await world.sandbox.control("POST", "clock", { offset_s: 120 });
    const before = await calls(world, "token");
    world.daemon.child.kill("SIGHUP");
    await world.until("LWA is asked again", async () => (await calls(world, "token")) > before);
    await world.until("it takes the new one", async () => (await application(world)).secret === "file");
    assert.ok(!/refuses the application/.test(world.daemon.stderr));
  });

  it("of another application is left alone", async (t) => {
    const world = await World.create(t);
    await world.start();
    const secret = "amzn1.oa2-cs.v1.0fs0me0neelse";
    await world.sqs.send([newSecret({ secret, clientId: "amzn1.application-oa2-client.other" })]);
    await world.says(/left in the queue: it is of another application, amzn1.application-oa2-client.other/);
    await assert.rejects(readFile(secretFile(world)));
    assert.equal(await calls(world, "token"), 0, "LWA is not asked");
    assert.ok(!(await empty(world)));
    await onlyItsFile(world, [secret]);
  });

  it("an old message does not undo a newer one", async (t) => {
    const world = await World.create(t);
    await enrol(world, { rotate: true });
    await world.start();
    const { secret } = await rotation(world);
    await become(world, secret);
    await world.until("the message is deleted", () => empty(world));
    await world.sqs.send([newSecret({ secret: FIXED.client_secret, time: ago(3600_000) })]);
    await world.until("it is received and deleted", async () => {
      const { queues } = await world.sandbox.state();
      return queues[0].deleted === 2;
    });
    const kept = await content(world);
    assert.match(kept, new RegExp(`^secret=${secret}$`, "m"));
  });

  it("kill -9 while it is proved: it comes back and is kept", async (t) => {
    const world = await World.create(t);
    await world.sandbox.fault({ op: "token", kind: "hang", count: 1 });
    await enrol(world, { rotate: true });
    await world.start();
    await world.until("LWA is asked", async () => (await calls(world, "token")) === 1);
    await world.daemon.stop("SIGKILL");
    await assert.rejects(readFile(secretFile(world)));
    // As if it had been killed while writing.
    await writeFile(`${secretFile(world)}.new`, "client_id=half", { mode: 0o600 });
    await world.sandbox.control("POST", "clock", { offset_s: 61 });
    await world.start();
    const { secret } = await rotation(world);
    await become(world, secret);
    await world.until("the message is deleted", () => empty(world));
    await onlyItsFile(world, [secret]);
  });

  it("kill -9 between file and delete: deleted after the restart, nothing is asked twice", async (t) => {
    const world = await World.create(t);
    await world.sandbox.fault({ op: "DeleteMessageBatch", kind: "hang", rate: 1 });
    await enrol(world, { rotate: true });
    await world.start();
    const { secret } = await rotation(world);
    await become(world, secret);
    await world.until("it is being deleted", async () => (await calls(world, "DeleteMessageBatch")) > 0);
    await world.daemon.stop("SIGKILL");
    assert.ok(!(await empty(world)));
    const asked = await calls(world, "token");
    await world.sandbox.control("DELETE", "faults");
    await world.sandbox.control("POST", "clock", { offset_s: 61 });
    await world.start();
    await world.until("the message is deleted", () => empty(world));
    assert.equal(await calls(world, "token"), asked);
    await onlyItsFile(world, [secret]);
  });
});

describe("the end of a client secret", { concurrency: 4 }, () => {
  it("is told, shown and forwarded", async (t) => {
    const world = await World.create(t);
    await world.start();
    await world.sqs.send([expiry(85)]);
    await world.says(/client secret expires in 85 days \(Amazon's reason: PERIODIC_ROTATION\)/);
    await world.until("status shows it", async () => (await application(world)).secret_expires_days === 85);
    const { stdout } = await world.dockbell("status");
    assert.match(stdout, /it expires in 85d/);
    await world.until("it is delivered", () => world.receiver.delivered.has("e-1"));
    assert.equal(await calls(world, "rotateApplicationClientSecret"), 0, "nothing is asked for by itself");
  });

  it("rotate_secret asks in time, once, also over a restart", async (t) => {
    const world = await World.create(t, { config: (s) => (s.application.rotate_secret = "30d") });
    await world.start();
    await world.sqs.send([expiry(85)]);
    await world.says(/expires in 85 days/);
    await world.sqs.send([expiry(20).replace("e-1", "e-2")]);
    await world.says(/could not be replaced: .*Notification Preferences/);
    assert.equal(await calls(world, "rotateApplicationClientSecret"), 1);
    await world.daemon.stop("SIGTERM");
    await enrol(world);
    await world.start();
    await world.sqs.send([orderChange({ id: "order" })]);
    await world.until("it runs", () => world.receiver.delivered.has("order"));
    assert.equal(await calls(world, "rotateApplicationClientSecret"), 1);
    await world.sandbox.control("POST", "clock", { offset_s: 86400 + 60 });
    await world.daemon.stop("SIGTERM");
    await world.start();
    const before = FIXED.client_secret;
    await world.until("it is asked for after a day", async () => (await rotation(world)).secret !== before);
    await become(world, (await rotation(world)).secret);
  });

  it("secret rotate explains why Amazon does not", async (t) => {
    const world = await World.create(t);
    const { code, stderr } = await world.dockbell("secret", "rotate");
    assert.equal(code, 1);
    assert.match(stderr, /developer console, under Notification Preferences/);
    const unknown = await world.dockbell("secret", "show");
    assert.equal(unknown.code, 0, unknown.stderr);
    assert.match(unknown.stdout, /the configured one/);
  });
});

describe("the file of the new client secret", { concurrency: 3 }, () => {
  const plain = `client_id=${FIXED.client_id}\nsecret=${FIXED.client_secret}\nissued=${ago(DAY)}\nexpires=${ago(-DAY)}\n`;

  it("of an earlier version is plain: it is read, and sealed at the start", async (t) => {
    const world = await World.create(t, { seller });
    await writeFile(secretFile(world), plain, { mode: 0o600 });
    assert.equal((await world.json("secret", "show")).first, "file");
    await world.start();
    await become(world, `secret=${FIXED.client_secret}\n`);
    await world.until("it is registered", async () => (await calls(world, "createSubscription")) === 1);
    await onlyItsFile(world, [FIXED.client_secret]);
    assert.equal((await world.json("secret", "show")).first, "file");
  });

  it("that another configured secret has sealed is not used, and that is said", async (t) => {
    const world = await World.create(t, { seller });
    await enrol(world, { rotate: true });
    await world.start();
    const { secret } = await rotation(world);
    await become(world, secret);
    await world.until("the message is deleted", () => empty(world));
    await world.daemon.stop("SIGTERM");
    const sealed = await readFile(secretFile(world), "utf8");
    // The administrator has put the new one into the config.
    world.options.config = (s) => (s.application.client_secret = secret);
    await world.writeConfig();
    const shown = await world.json("secret", "show");
    assert.equal(shown.first, "config");
    assert.match(shown.locked, /is sealed with another client_secret than the configured one/);
    await world.start();
    await world.says(/is sealed with another client_secret than the configured one, so the configured one is used/);
    await world.until("it is registered", async () => (await calls(world, "createSubscription")) >= 1);
    assert.equal((await application(world)).secret, "config");
    assert.equal(await readFile(secretFile(world), "utf8"), sealed, "it stays, should the former value come back");
    await world.daemon.stop("SIGTERM");
    world.options.config = undefined;
    await world.writeConfig();
    await world.start();
    await world.until("it is used again", async () => (await application(world)).secret === "file");
  });

  it("that is damaged is named", async (t) => {
    const world = await World.create(t, { seller });
    await enrol(world, { rotate: true });
    await world.start();
    await become(world, (await rotation(world)).secret);
    await world.daemon.stop("SIGTERM");
    const sealed = await readFile(secretFile(world), "utf8");
    const at = sealed.length - 12;
    const other = sealed[at] === "A" ? "B" : "A";
    await writeFile(secretFile(world), sealed.slice(0, at) + other + sealed.slice(at + 1));
    const { code, stderr } = await world.dockbell("secret", "show");
    assert.equal(code, 1);
    assert.match(stderr, /client_secret, the client secret that Amazon sent, is damaged/);
  });
});

describe("Login with Amazon refuses", { concurrency: 4 }, () => {
  it("the newest secret: the configured one is used, and that is said", async (t) => {
    const world = await World.create(t, { seller });
    await writeFile(
      secretFile(world),
      `client_id=${FIXED.client_id}\nsecret=wrong\nissued=${ago(DAY)}\nexpires=${ago(-DAY)}\n`,
      { mode: 0o600 },
    );
    await world.start();
    await world.says(/refuses the newest client secret but accepts another one: the one in the configuration/);
    await world.until("it is registered", async () => (await calls(world, "createSubscription")) === 1);
    assert.equal((await application(world)).secret, "config");
    assert.match((await world.dockbell("secret", "show")).stdout, /Amazon refused that one; it took the configured/);
  });

  it("the client: said once, shown, receiving goes on, and it is not asked again", async (t) => {
    const other = { ...seller, seller_id: "A3TH9S8BH6GOGM", queue: "orders" };
    const world = await World.create(t, {
      seller,
      config: (s) => {
        s.application.client_secret = "amzn1.oa2-cs.v1.expired";
        s["seller other"] = other;
      },
    });
    await world.start();
    await world.says(/refuses the application: invalid_client/);
    await world.sqs.send([orderChange({ id: "one", seller: FIXED.seller_id })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("one"));
    await world.until("status shows it", async () => /invalid_client/.test((await application(world)).lwa_error));
    await world.until("both sellers have failed", () =>
      (world.daemon.stderr.match(/registration failed/g) ?? []).length >= 2);
    assert.equal(await calls(world, "token"), 1);
    assert.equal(world.daemon.stderr.match(/Amazon is not asked again for an hour/g).length, 1);
    assert.ok(!world.daemon.stderr.includes("amzn1.oa2-cs.v1.expired"));
  });

  it("a seller: said with cause and remedy, others are not held up", async (t) => {
    const other = {
      ...seller,
      seller_id: "A3TH9S8BH6GOGM",
      queue: "orders",
      refresh_token: "Atzr|dockbell-sandbox-refresh-token-of-seller-A3TH9S8BH6GOGM",
    };
    const world = await World.create(t, {
      seller: { ...seller, refresh_token: "Atzr|revoked" },
      config: (s) => (s["seller other"] = other),
    });
    await world.start();
    await world.says(/refuses seller acme: invalid_grant: .*authorise the application again/);
    await world.until("the other one is registered", async () => (await calls(world, "createSubscription")) === 1);
    await world.until("status shows it", async () => {
      const { sellers } = await world.status();
      return /invalid_grant/.test(sellers.find((s) => s.name === "acme").lwa_error);
    });
    assert.ok(!world.daemon.stderr.includes("Atzr|revoked"));
  });

  it("an access token or a secret that has ended: one new token, one new try", async (t) => {
    for (const kind of ["expired_token", "expired_secret"]) {
      const world = await World.create(t, { seller });
      await world.sandbox.fault({ op: "getDestinations", kind, count: 1 });
      const once = await world.dockbell("register");
      assert.equal(once.code, 0, once.stderr);
      assert.equal(await calls(world, "getDestinations"), 2);
      await world.sandbox.fault({ op: "getDestinations", kind, count: 10 });
      const never = await world.dockbell("register");
      assert.equal(never.code, 1);
      assert.equal(await calls(world, "getDestinations"), 4);
    }
  });
});
