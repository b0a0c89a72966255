// SPDX-License-Identifier: MIT
// Alarms leave by URL and by command: once, signed, and whatever becomes of them.
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Receiver } from "./lib/receiver.js";
import { World } from "./lib/world.js";

const OTHER = "whsec_" + Buffer.from("alarms are signed with a secret").toString("base64");

// Whoever is told by URL. Its signatures are verified by the npm package standardwebhooks.
async function listener(t, options = {}) {
  const receiver = new Receiver({ secret: OTHER, ...options });
  await receiver.listen();
  t.after(() => receiver.close());
  return receiver;
}

const told = (receiver) => receiver.requests.filter((r) => r.status === 204).map((r) => JSON.parse(r.body).data);
const states = (receiver, event) => told(receiver).filter((d) => d.event === event).map((d) => d.state);

// A script as the command; it finds its directory in its first argument.
async function script(world, name, body) {
  const file = path.join(world.directory, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return `${file} "${world.directory}"`;
}

// The warehouse is down until `up` is called.
function warehouse() {
  const house = { down: true };
  house.answer = () => (house.down ? { status: 503 } : undefined);
  return house;
}

async function withAlarm(t, alarm, options = {}) {
  const house = warehouse();
  const world = await World.create(t, { answer: house.answer, ...options });
  world.alarm = alarm;
  const config = options.config;
  world.options.config = (sections) => {
    config?.(sections);
    sections.alarm = world.alarm;
  };
  await world.writeConfig();
  return { world, house };
}

const breaks = async (world) => {
  // Five faults on three lanes open the breaker.
  const bodies = [1, 2, 3, 4, 5, 6].map((n) => orderChange({ id: `n-${n}`, order: `306-1000001-000000${n}` }));
  await world.sqs.send(bodies);
  await world.says(/does not work/);
};

describe("alarms by URL", { concurrency: 2 }, () => {
  it("are told once, signed, and once again when it is over", async (t) => {
    const chat = await listener(t);
    const { world, house } = await withAlarm(t, { url: chat.url, secret: OTHER });
    await world.start();
    await breaks(world);
    await world.until("it is told", () => states(chat, "breaker-opened").length > 0);
    const status = await world.status();
    assert.deepEqual(status.alarms.map(({ event, webhook }) => ({ event, webhook })), [
      { event: "breaker-opened", webhook: "wms" },
    ]);
    assert.match((await world.dockbell("status")).stdout, /ALARM +ABOUT.*\nbreaker-opened +wms /);
    house.down = false;
    await world.until("the all-clear is told", () => states(chat, "breaker-opened").length > 1);
    await world.settled();
    assert.deepEqual(states(chat, "breaker-opened"), ["raised", "cleared"]);
    assert.deepEqual((await world.status()).alarms, []);
    assert.deepEqual(chat.wrong, []);

    const [request] = chat.requests;
    const { type, text, timestamp, data } = JSON.parse(request.body);
    assert.equal(type, "dockbell.alarm");
    assert.equal(request.type, "dockbell.alarm");
    assert.equal(timestamp, data.time);
    assert.equal(data.id, request.id);
    assert.match(text, /^Dockbell on .*: ALARM: webhook wms does not work/);
    const members =
      "id event messageId state severity time since count reminder lasts summary remedy next queue seller webhook " +
      "order notification type reason host version";
    assert.deepEqual(Object.keys(data), members.split(" "));
    assert.equal(data.severity, "error");
    assert.equal(data.webhook, "wms");
    assert.equal(data.lasts, true);
    assert.match(data.remedy, /\w/);
    assert.match(data.messageId, /^[0-9a-f]{32}$/);
    assert.notEqual(chat.requests[0].id, chat.requests[1].id);
  });

  it("that cannot be sent are an event, wait for nobody, and are told later as things stand then", async (t) => {
    let broken = true;
    const chat = await listener(t, { answer: () => (broken ? { status: 500 } : undefined) });
    const { world, house } = await withAlarm(t, { url: chat.url, secret: OTHER });
    await world.start();
    await breaks(world);
    await world.says(/alarm could not be sent by http:\/\/127.0.0.1:\d+: HTTP 500/);
    assert.doesNotMatch(world.daemon.stderr, /hooks\/amazon.*alarm|alarm.*hooks\/amazon/);
    house.down = false;
    await world.settled();
    broken = false;
    await world.until("it is told", () => told(chat).length > 0, { seconds: 120 });
    await world.says(/alarms can be sent by .* again/);
    assert.deepEqual(states(chat, "breaker-opened"), ["cleared"]);
    assert.equal(told(chat)[0].count, 1);
    assert.equal(world.daemon.stderr.match(/could not be sent/g).length, 1);
    assert.deepEqual(chat.wrong, []);
  });

  it("are neither raised anew nor forgotten by a restart", async (t) => {
    const chat = await listener(t);
    const { world, house } = await withAlarm(t, { url: chat.url, secret: OTHER });
    await world.start();
    await breaks(world);
    await world.until("it is told", () => states(chat, "breaker-opened").length > 0);
    await world.until("the queue is empty", () => world.sqs.empty());
    await world.until("it is saved", async () => (await world.status()).alarms.length === 1);
    await world.daemon.stop("SIGKILL");
    assert.equal((await world.status()).alarms.length, 1);
    await world.start();
    await world.says(/does not work/);
    house.down = false;
    await world.until("the all-clear is told", () => states(chat, "breaker-opened").length > 1);
    await world.settled();
    assert.deepEqual(states(chat, "breaker-opened"), ["raised", "cleared"]);
  });

  it("what is still to be told is told before the end", async (t) => {
    const chat = await listener(t);
    const { world } = await withAlarm(t, { url: chat.url, secret: OTHER });
    await world.start();
    await world.sqs.send(["this is no notification"]);
    await world.says(/could not be understood|not be understood|dead letter/);
    await world.daemon.stop("SIGTERM");
    assert.deepEqual(states(chat, "unreadable"), ["raised"]);
    assert.equal(told(chat)[0].lasts, false);
  });

  it("a burst is a few messages with counts", async (t) => {
    const chat = await listener(t);
    const { world } = await withAlarm(t, { url: chat.url, secret: OTHER }, { answer: () => ({ status: 422 }) });
    await world.start();
    await world.sqs.send(Array.from({ length: 300 }, (_, n) => `no notification ${n}`));
    await world.settled();
    const { deliveries } = await world.status();
    assert.equal(deliveries.dead, 300);
    await world.daemon.stop("SIGTERM");
    const messages = told(chat).filter((d) => d.event === "unreadable");
    assert.ok(messages.length <= 4, `${messages.length} messages`);
    // What is not told yet waits for its pace, and for the next run.
    assert.ok(messages.reduce((sum, d) => sum + d.count, 0) >= 1);
    const lines = world.daemon.stderr.match(/cannot be read|could not be understood/g) ?? [];
    assert.ok(lines.length <= 22, `${lines.length} lines`);
    assert.match(world.daemon.stderr, /280 messages more of the event unreadable/);
  });

  it("level, events and a reload choose", async (t) => {
    const chat = await listener(t);
    const { world } = await withAlarm(t, { url: chat.url, events: "dead, disk-low" });
    chat.verifier = null;
    await world.start();
    await world.sqs.send(["this is no notification"]);
    await world.settled();
    await world.dockbell("check");
    world.alarm = { url: chat.url, secret: OTHER, events: "unreadable" };
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.says(/was read again/);
    await world.sqs.send(["this is no notification either"]);
    await world.until("it is told", () => told(chat).length > 0);
    assert.deepEqual(states(chat, "unreadable"), ["raised"]);
    assert.ok(chat.requests[0].headers["webhook-signature"]);
  });
});

describe("alarms by a command", { concurrency: 2 }, () => {
  it("get the message on stdin and in the environment", async (t) => {
    const { world, house } = await withAlarm(t, {});
    await mkdir(path.join(world.directory, "out"));
    world.alarm.command = await script(
      world,
      "tell",
      'cat >"$1/out/$DOCKBELL_STATE.json"\nenv >"$1/out/$DOCKBELL_STATE.env"\necho told "$DOCKBELL_WEBHOOK"',
    );
    await world.writeConfig();
    await world.start({ env: { CREDENTIALS_DIRECTORY: "/nowhere", SOMETHING: "of ours" } });
    await breaks(world);
    await world.says(/tell said: told wms/);
    house.down = false;
    const out = path.join(world.directory, "out");
    await world.until("both are told", async () => (await readdir(out)).length === 4);
    await world.until("the all-clear is whole", async () => (await readFile(path.join(out, "cleared.env"), "utf8")).includes("VERSION"));
    const { data } = JSON.parse(await readFile(path.join(out, "raised.json"), "utf8"));
    assert.equal(data.event, "breaker-opened");
    const env = await readFile(path.join(out, "raised.env"), "utf8");
    for (const line of ["DOCKBELL_EVENT=breaker-opened", "DOCKBELL_STATE=raised", `DOCKBELL_SUMMARY=${data.summary}`])
      assert.ok(env.split("\n").includes(line), `${line} in ${env}`);
    assert.doesNotMatch(env, /CREDENTIALS_DIRECTORY|SOMETHING/);
    assert.match(await readFile(path.join(out, "cleared.env"), "utf8"), /DOCKBELL_EVENT=breaker-opened/);
  });

  it("one that hangs is killed, told as a failure and tried again; deliveries go on", async (t) => {
    const { world } = await withAlarm(t, { timeout: "1s" }, { answer: () => undefined });
    world.alarm.command = await script(
      world,
      "hang",
      'if [ -e "$1/again" ]; then echo >"$1/done"; exit 0; fi; echo $$ >"$1/again"; sleep 1000',
    );
    await world.writeConfig();
    await world.start();
    await world.sqs.send(["no notification"]);
    await world.says(/could not be sent by .*hang: it did not end within 1 s/);
    const pid = Number(await readFile(path.join(world.directory, "again"), "utf8"));
    assert.throws(() => process.kill(pid, 0));
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.settled();
    await world.until("it is tried again", () => readFile(path.join(world.directory, "done")).catch(() => null));
    await world.says(/alarms can be sent by .*hang again/);
  });

  it("a flood of output is cut, and does not hold up deliveries", async (t) => {
    const { world } = await withAlarm(t, { timeout: "20s" }, { answer: () => undefined });
    world.alarm.command = await script(world, "flood", "cat /dev/zero | tr '\\0' x | head -c 20000000; exit 0");
    await world.writeConfig();
    await world.start();
    await world.sqs.send(["no notification"]);
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.settled();
    await world.says(/flood said: x{100}/);
    const [line] = world.daemon.stderr.match(/^.*flood said: .*$/m);
    assert.ok(line.length < 2300, `${line.length} characters`);
  });

  it("one that never ends does not hold up the end", async (t) => {
    const { world } = await withAlarm(t, { timeout: "5m" });
    world.alarm.command = await script(world, "hang", 'echo $$ >"$1/pid"; sleep 1000');
    await world.writeConfig();
    await world.start();
    await world.sqs.send(["no notification"]);
    const pid = await world.until("it runs", () => readFile(path.join(world.directory, "pid"), "utf8").catch(() => ""));
    const began = Date.now();
    await world.daemon.stop("SIGTERM");
    assert.ok(Date.now() - began < 15_000);
    assert.throws(() => process.kill(Number(pid), 0));
  });
});

describe("dockbell alarm test", { concurrency: 2 }, () => {
  it("sends by both ways and says what came of it", async (t) => {
    const chat = await listener(t, { answer: () => ({ status: 200, body: "ok" }) });
    const { world } = await withAlarm(t, { url: chat.url, secret: OTHER });
    world.alarm.command = await script(world, "tell", "echo told; cat >/dev/null");
    await world.writeConfig();
    const result = await world.dockbell("alarm", "test");
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /alarm by http:\/\/127.0.0.1:\d+: sent, \d+ ms, signed\nit said: ok\n/);
    assert.match(result.stdout, /alarm by .*tell: sent, \d+ ms\nit said: told\\n\n/);
    assert.deepEqual(chat.wrong, []);
    assert.equal(JSON.parse(chat.requests[0].body).data.event, "test");
  });

  it("fails with the reason", async (t) => {
    const { world } = await withAlarm(t, { url: "http://127.0.0.1:9/chat/secret" });
    world.alarm.command = await script(world, "tell", "echo no such user; exit 67");
    await world.writeConfig();
    const text = await world.dockbell("alarm", "test");
    assert.equal(text.code, 1);
    assert.match(text.stderr, /alarm by http:\/\/127.0.0.1:9: /);
    assert.doesNotMatch(text.stderr + text.stdout, /chat\/secret/);
    assert.match(text.stderr, /tell: exit status 67/);
    const json = await world.dockbell("--output=json", "alarm", "test");
    const [url, command] = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(url.ok, false);
    assert.deepEqual(
      { ok: command.ok, status: command.status, output: command.output },
      { ok: false, status: 67, output: "no such user\\n" },
    );
  });

  it("needs something to test", async (t) => {
    const world = await World.create(t);
    const { code, stderr } = await world.dockbell("alarm", "test");
    assert.equal(code, 78);
    assert.match(stderr, /neither url nor command/);
  });

  it("names what is wrong in the configuration", async (t) => {
    const world = await World.create(t, {
      config: (s) => (s.alarm = { url: "ftp://x", command: "mail root", events: "deaf", level: "info" }),
    });
    const { code, stderr } = await world.dockbell("check");
    assert.equal(code, 78);
    for (const pattern of [/url: must begin with https/, /absolute path/, /is dead meant\?/, /neither error nor warning/])
      assert.match(stderr, pattern);
  });
});
