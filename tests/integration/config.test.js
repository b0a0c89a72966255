// SPDX-License-Identifier: MIT
// Wrong configurations are refused before anything starts, with all errors at once.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { root, run } from "./lib/program.js";
import { World } from "./lib/world.js";

// Writes a config of our own and runs the command on it.
async function refused(t, text, command = ["check"]) {
  const world = await World.create(t);
  await writeFile(world.configFile, text.replaceAll("STATE", world.stateDirectory));
  const result = await world.dockbell(...command);
  return { world, ...result };
}

const good = `[daemon]
state_directory = STATE
[aws]
access_key_id = AKIAEXAMPLE
secret_access_key = not-a-real-one
[queue orders]
arn = arn:aws:sqs:eu-west-1:444455556666:orders
[seller acme]
queue = orders
[webhook wms]
url = https://wms.example.internal/hooks
secret = whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
`;

// Line number of a text in the config.
const line = (text, needle) => text.slice(0, text.indexOf(needle)).split("\n").length;

const WRONG = {
  "an unknown key": ["[queue orders]", "[queue orders]\nwiat = 20s", "wiat = 20s", /wiat/],
  "an unknown section": ["[webhook wms]", "[wobhook wms]", "[wobhook wms]", /wobhook/],
  "a key twice": ["queue = orders", "queue = orders\nqueue = orders", null, /queue/],
  "a section twice": ["[webhook wms]", "[seller acme]\n[webhook wms]", null, /acme/],
  "a bad duration": ["[queue orders]", "[queue orders]\nwait = soon", "wait = soon", /wait/],
  "a wait that SQS does not know": ["[queue orders]", "[queue orders]\nwait = 21s", "wait = 21s", /wait/],
  "a FIFO queue": ["6666:orders", "6666:orders.fifo", "arn = ", /fifo/i],
  "a queue of another partition": ["arn:aws:sqs", "arn:aws-cn:sqs", "arn = ", /arn:aws:sqs:/],
  "a type of EventBridge": ["queue = orders", `queue = orders\nsubscribe = LISTINGS_ITEM_STATUS_CHANGE`, "subscribe", /EventBridge/],
  "order changes without ORDER_CHANGE": ["queue = orders", "queue = orders\norder_change_types = OrderStatusChange", "order_change", /only ORDER_CHANGE/],
  "no ARN": ["arn = arn:aws:sqs:eu-west-1:444455556666:orders", "arn = orders", "arn = orders", /arn/],
  "http to another machine": ["https://wms", "http://wms", "url = ", /https/],
  "a seller without its queue": ["queue = orders", "queue = ordres", "queue = ordres", /ordres/],
  "a keep_delivered below SQS's retention": ["[aws]", "keep_delivered = 2d\n[aws]", "keep_delivered", /14d|14 d/],
  "a line without =": ["[aws]", "what is this\n[aws]", "what is this", /what is this|=/],
};

describe("configuration", { concurrency: 4 }, () => {
  it("a good one is accepted", async (t) => {
    const { code, stderr } = await refused(t, good);
    assert.equal(code, 0, stderr);
  });

  for (const [name, [from, to, where, what]] of Object.entries(WRONG))
    it(`${name}: exit 78 with file, line and key`, async (t) => {
      const text = good.replace(from, to);
      assert.notEqual(text, good);
      const { world, code, stderr } = await refused(t, text);
      assert.equal(code, 78, stderr);
      assert.match(stderr, what);
      assert.ok(stderr.includes(world.configFile), stderr);
      if (where) assert.ok(stderr.includes(`${world.configFile}:${line(text, where)}:`), stderr);
    });

  it("a reload of the service says nothing of a good one and its warnings, and all of an error", async (t) => {
    const unit = await readFile(path.join(root, "systemd/dockbell.service.in"), "utf8");
    const command = unit.match(/^ExecReload=\S+\/dockbell (check.*)$/m)[1].split(" ");
    const warned = good.replace("[webhook wms]", "[webhook wms]\nstatuses = unshipped");
    const { code, stdout, stderr, world } = await refused(t, warned, command);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
    assert.match((await world.dockbell("check")).stderr, /unshipped is not a value/);
    const wrong = await refused(t, good.replace("url = https", "url = ftp"), command);
    assert.equal(wrong.code, 78);
    assert.match(wrong.stderr, /url: must begin with https.*\n.*: 1 error$/m);
  });

  it("run ends with 78 as well, and touches nothing", async (t) => {
    const { code, stderr, world } = await refused(t, good.replace("url = https", "url = ftp"), ["run"]);
    assert.equal(code, 78, stderr);
    assert.equal((await world.stateFiles()).size, 0);
  });

  it("tells all errors at once", async (t) => {
    const text = good
      .replace("[queue orders]", "[queue orders]\nwiat = 20s\nmax_pollers = many")
      .replace("[webhook wms]", "[webhook wms]\nconcurrency = 0");
    const { code, stderr, world } = await refused(t, text);
    assert.equal(code, 78);
    for (const needle of ["wiat = 20s", "max_pollers = many", "concurrency = 0"])
      assert.ok(stderr.includes(`${world.configFile}:${line(text, needle)}:`), `${needle}\n${stderr}`);
  });

  it("reads conf.d, and names the file that is wrong", async (t) => {
    const world = await World.create(t);
    const folder = path.join(world.directory, "conf.d");
    await mkdir(folder);
    await writeFile(path.join(folder, "10-more.conf"), "[webhook second]\nurl = https://other.example/\n");
    assert.equal((await world.dockbell("check")).code, 0);
    const file = path.join(folder, "20-wrong.conf");
    await writeFile(file, "\n[webhook second]\ntimeout = 20s\n[webhook second]\ntimeout = 21s\n");
    const { code, stderr } = await world.dockbell("check");
    assert.equal(code, 78);
    assert.ok(stderr.includes(`${file}:4: [webhook second]: this section is at ${file}:2 already`), stderr);
  });

  it("a drop-in changes sections of earlier files; check and the start list it, --print shows the result", async (t) => {
    const world = await World.create(t, { webhook: { timeout: "20s", types: "ORDER_CHANGE", bearer: "hush-hush" } });
    const folder = path.join(world.directory, "conf.d");
    await mkdir(folder);
    const file = path.join(folder, "local.conf");
    await writeFile(file, "[webhook wms]\ntimeout = 5s\ntypes = ANY_OFFER_CHANGED\n[daemon]\nkeep_delivered = 20d\n");
    const { code, stdout, stderr } = await world.dockbell("check", "--print");
    assert.equal(code, 0, stderr);
    const main = await readFile(world.configFile, "utf8");
    const earlier = `${world.configFile}:${line(main, "timeout = 20s")}`;
    assert.ok(stderr.includes(`${file}:2: [webhook wms] timeout replaces ${earlier}\n`), stderr);
    assert.match(stderr, /local\.conf:3: \[webhook wms\] types adds to /);
    assert.ok(stdout.includes(`# ${file}:2\ntimeout = 5s\n`), stdout);
    assert.match(stdout, /^types = ORDER_CHANGE, ANY_OFFER_CHANGED$/m);
    assert.match(stdout, /^# default\nconcurrency = 64$/m);
    assert.match(stdout, /^bearer = \(hidden\)$/m);
    assert.doesNotMatch(stdout + stderr, /hush-hush/);

    const json = JSON.parse((await world.dockbell("check", "--print", "--output=json")).stdout);
    const values = json.sections.find((s) => s.section === "[webhook wms]").values;
    assert.deepEqual(values.find((v) => v.key === "timeout"), { key: "timeout", value: "5s", file, line: 2 });
    assert.deepEqual(values.find((v) => v.key === "concurrency"), { key: "concurrency", value: "64", file: null, line: null });
    assert.equal(json.overrides.length, 2);

    // Each value is as it was read from one file with the same contents.
    const copy = path.join(world.directory, "copy", "dockbell.conf");
    await mkdir(path.dirname(copy));
    await writeFile(copy, stdout);
    const again = await run("dockbell", ["check", "--print", "--config", copy]);
    const values_of = (text) => text.split("\n").filter((row) => row && !row.startsWith("#"));
    assert.deepEqual(values_of(again.stdout), values_of(stdout));

    const daemon = await world.start();
    const told = daemon.stderr.split("\n").find((row) => row.includes("files of conf.d change 2 values"));
    assert.ok(told?.includes(`[webhook wms] timeout replaces ${earlier}`), daemon.stderr);
  });

  it("http to another host needs allow_http, which is a warning and an event at each start", async (t) => {
    const world = await World.create(t, { webhook: { url: "http://wms.invalid/hook" } });
    const refused = await world.dockbell("check");
    assert.equal(refused.code, 78);
    assert.match(refused.stderr, /\[webhook wms\] url: must begin with https:.*allow_http = yes in \[daemon\].*read and change/);
    world.options.daemon = { allow_http: "yes" };
    await world.writeConfig();
    const { code, stderr } = await world.dockbell("check");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: \[webhook wms\] url: is not encrypted/);
    const daemon = await world.start();
    assert.match(daemon.stderr, /^warning: .*\[webhook wms\] url: is not encrypted \(allow_http\)/m);
  });

  it("a missing file is a bad configuration", async () => {
    const { code, stderr } = await run("dockbell", ["check", "--config", "/nonexistent/dockbell.conf"]);
    assert.equal(code, 78);
    assert.match(stderr, /nonexistent/);
  });

  it("a secret that cannot be read is told without the secret", async (t) => {
    const world = await World.create(t, { webhook: { secret: "file:/nonexistent/secret" } });
    const { code, stderr } = await world.dockbell("run");
    assert.notEqual(code, 0);
    assert.match(stderr, /\/nonexistent\/secret/);
  });

  it("one event names every secret that is missing, with section, key and the file to create", async (t) => {
    const world = await World.create(t, {
      webhook: { secret: "credential:wms-secret" },
      config: (s) => {
        s.aws = { access_key_id: "AKIAEXAMPLE", secret_access_key: "credential:aws-key" };
        s["seller acme"] = { ...s["seller acme"], seller_id: "A1", region: "eu", refresh_token: "credential:acme-token" };
      },
    });
    const credentials = path.join(world.directory, "credentials");
    await mkdir(credentials);
    await writeFile(path.join(credentials, "dockbell_aws-key"), "here\n");
    const daemon = await world.start({ ready: false, env: { CREDENTIALS_DIRECTORY: credentials } });
    assert.equal((await daemon.ended).code, 78);
    const told = daemon.stderr.split("\n").filter((row) => row.includes("credential:"));
    assert.equal(told.length, 1, daemon.stderr);
    assert.match(told[0], /^error: Dockbell does not start, 2 secrets cannot be read: /);
    for (const [label, name] of [["[seller acme] refresh_token", "acme-token"], ["[webhook wms] secret", "wms-secret"]]) {
      assert.ok(told[0].includes(`${label} (${world.configFile}:`), told[0]);
      assert.ok(told[0].includes(`Create /etc/dockbell/credentials/${name}, then: systemctl restart dockbell`), told[0]);
    }
    assert.equal((await world.stateFiles()).size, 0, "the store is not touched");
  });

  it("credentials of the directories that the unit loads are found under their names", async (t) => {
    const world = await World.create(t, { webhook: { secret: "credential:a, credential:b, credential:c" } });
    const credentials = path.join(world.directory, "credentials");
    await mkdir(credentials);
    for (const name of ["dockbell_a", "sealed_b", "c"])
      await writeFile(path.join(credentials, name), `whsec_${Buffer.from(name.padEnd(24, ".")).toString("base64")}\n`);
    const env = { CREDENTIALS_DIRECTORY: credentials };
    const { stderr } = await run("dockbell", ["check", "--config", world.configFile], { env });
    assert.match(stderr, /\[webhook wms\] secret: there are 3 secrets|more than/, "all three were read");
  });

  it("check reports a state directory and an alarm's command that are not there", async (t) => {
    const world = await World.create(t, {
      daemon: { state_directory: "/nonexistent/state" },
      config: (s) => (s.alarm = { command: "/nonexistent/tell all" }),
    });
    const { code, stderr } = await world.dockbell("check");
    assert.equal(code, 78, stderr);
    assert.match(stderr, /dockbell\.conf:\d+: \[daemon\] state_directory: \/nonexistent\/state does not exist/);
    assert.match(stderr, /dockbell\.conf:\d+: warning: \[alarm\] command: \/nonexistent\/tell does not exist/);
  });

  it("a secret with an invisible fault is an error with its place, and never shown", async (t) => {
    const world = await World.create(t, { webhook: { bearer: "hush # of the shop" } });
    const literal = await world.dockbell("check");
    assert.equal(literal.code, 78);
    assert.match(literal.stderr, /dockbell\.conf:\d+: \[webhook wms\] bearer: has a blank in it \(a comment needs a line of its own\)/);
    const file = path.join(world.directory, "secret");
    for (const bytes of ["\ufeffhush", "hush ", "hu\u00a0sh"]) {
      await writeFile(file, bytes);
      world.options.webhook = { bearer: `file:${file}` };
      await world.writeConfig();
      const { code, stderr } = await world.dockbell("check");
      assert.equal(code, 78, JSON.stringify(bytes));
      assert.match(stderr, /\[webhook wms\] bearer: file:.*: visible ASCII without blanks is required/);
      assert.doesNotMatch(stderr + literal.stderr, /hush|hu.sh/);
    }
    world.options.webhook = { user: "dockbell", password: "two words" };
    await world.writeConfig();
    assert.equal((await world.dockbell("check")).code, 0, "a password may have blanks");
  });

  it("warns about a webhook without a secret", async (t) => {
    const world = await World.create(t, { webhook: { secret: undefined } });
    const { code, stdout, stderr } = await world.dockbell("check");
    assert.equal(code, 0);
    assert.match(stdout + stderr, /unsigned|sign/);
  });

  it("allows a type it does not know, with a notice", async (t) => {
    const seller = { seller_id: "A1", region: "eu", refresh_token: "Atzr|x", subscribe: "TYPE_OF_TOMORROW" };
    const world = await World.create(t, { seller });
    const { code, stderr } = await world.dockbell("check");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: \[seller .*\] subscribe: TYPE_OF_TOMORROW is not a type known here/);
  });

  it("types lists what is known, as a table and as JSON", async (t) => {
    const world = await World.create(t);
    const { stdout } = await world.dockbell("types");
    assert.match(stdout, /^ORDER_CHANGE\t1\.0\tsqs\tpascal\torderChangeTypes,filterExpression$/m);
    const json = await world.dockbell("types", "--output", "json");
    const rows = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(rows.length, stdout.trim().split("\n").length);
    assert.deepEqual(rows.find((row) => row.type === "LISTINGS_ITEM_ISSUES_CHANGE"), {
      type: "LISTINGS_ITEM_ISSUES_CHANGE", versions: ["2023-12-13", "1.0"], workflow: "eventbridge", envelope: "pascal", filters: [],
    });
  });

  it("a token key that is too short is an error", async (t) => {
    const world = await World.create(t, { config: (s) => { s.admin = { token_key: "brief" }; } });
    const { code, stderr } = await world.dockbell("check");
    assert.equal(code, 78);
    assert.match(stderr, /\[admin\] token_key: .*32 at least/);
    assert.doesNotMatch(stderr, /brief/);
  });

  it("wrong usage exits with 2", async (t) => {
    const world = await World.create(t);
    for (const args of [["chekc"], ["status", "--colour"], ["queue", "list", "--state=odd"], ["queue", "drop"]])
      assert.equal((await world.dockbell(...args)).code, 2, args.join(" "));
  });

  it("--help explains every command, and exits with 0", async (t) => {
    const world = await World.create(t);
    const { code, stdout } = await world.dockbell("--help");
    assert.equal(code, 0);
    for (const name of ["run", "check", "register", "status", "queue"]) {
      assert.match(stdout, new RegExp(`\\b${name}\\b`));
      const help = await world.dockbell(name, "--help");
      assert.equal(help.code, 0, name);
      assert.ok(help.stdout.length > 50, name);
    }
  });

  it("a state directory that cannot be used: exit 78, and says which", async (t) => {
    const world = await World.create(t, { daemon: { state_directory: "/proc/nowhere" } });
    const { code, stderr } = await world.dockbell("run");
    assert.equal(code, 78, stderr);
    assert.match(stderr, /\/proc\/nowhere.*: No such file or directory.*state_directory must be/);
  });
});
