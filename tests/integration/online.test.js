// SPDX-License-Identifier: MIT
// check --online: whatever is broken between Amazon and the webhook is found, with cause and remedy,
// and hides nothing else.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GetQueueUrlCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { FIXED } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

const seller = {
  seller_id: FIXED.seller_id,
  region: "eu",
  refresh_token: FIXED.refresh_token,
  subscribe: "ORDER_CHANGE",
};
const DAYS_14 = "1209600";

const publisher = (more) => ({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::437568002678:root" }, ...more });

// A world in which everything is as it should be, but for these attributes of the queue.
async function healthy(t, { attributes = {}, ...options } = {}) {
  const world = await World.create(t, { seller, ...options });
  const printed = await world.dockbell("policy", "orders", "--output", "json");
  await setAttributes(world, { Policy: printed.stdout, MessageRetentionPeriod: DAYS_14, ...attributes });
  if (!options.unregistered) await world.dockbell("register");
  return world;
}

async function setAttributes(world, Attributes) {
  const client = new SQSClient({
    region: "eu-west-1",
    endpoint: world.sandbox.endpoint,
    credentials: { accessKeyId: FIXED.access_key_id, secretAccessKey: FIXED.secret_access_key },
  });
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: world.sandbox.queue }));
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  client.destroy();
}

// Exit status and lines; state(subject, check) is the worst of them, "" when there is none.
async function look(world) {
  const { code, stdout, stderr } = await world.dockbell("check", "--online", "--output", "json");
  const { ok, online } = JSON.parse(stdout);
  assert.ok(online, stdout + stderr);
  for (const line of online) {
    assert.ok(line.text, JSON.stringify(line));
    assert.equal(line.state === "ok", line.remedy === null, JSON.stringify(line));
  }
  const fails = online.filter((line) => line.state === "fail");
  assert.equal(code, fails.length ? 1 : 0, stderr);
  assert.equal(ok, fails.length === 0);
  const of = (subject, check) => online.filter((line) => line.subject === subject && line.check === check);
  const state = (...args) => ["fail", "warn", "ok"].find((s) => of(...args).some((line) => line.state === s)) ?? "";
  const text = (...args) => of(...args).map((line) => `${line.text} -> ${line.remedy}`).join("\n");
  return { online, fails, warns: online.filter((line) => line.state === "warn"), state, text };
}

// That this alone is wrong.
async function only(world, state, subject, check, expected, beside) {
  const seen = await look(world);
  const wrong = [...seen.fails, ...seen.warns];
  assert.ok(wrong.length > 0 && wrong.every((line) => line.subject === subject && [check, beside].includes(line.check)),
    JSON.stringify(wrong, null, 1));
  assert.equal(seen.state(subject, check), state);
  assert.match(seen.text(subject, check), expected);
  return seen;
}

describe("check --online", { concurrency: 4 }, () => {
  it("all is well: every line is ok, exit 0, nothing was sent or changed", async (t) => {
    const world = await healthy(t);
    const before = (await world.sandbox.state()).calls;
    const { fails, warns, state } = await look(world);
    assert.deepEqual([...fails, ...warns], []);
    for (const [subject, check] of [
      ["application", "grant"], ["seller acme", "grant"], ["seller acme", "destination"],
      ["seller acme", "ORDER_CHANGE"], ["queue orders", "clock"], ["queue orders", "queue"],
      ["queue orders", "policy"], ["queue orders", "senders"], ["queue orders", "encryption"], ["queue orders", "retention"],
      ["queue orders", "visibility"], ["queue orders", "redrive"], ["webhook wms", "reachable"],
      ["webhook wms", "tls"],
    ]) assert.equal(state(subject, check), "ok", `${subject} ${check}`);
    assert.equal(world.receiver.requests.filter((r) => r.method === "POST").length, 0);
    const after = (await world.sandbox.state()).calls;
    for (const change of ["createDestination", "createSubscription", "deleteSubscriptionById"])
      assert.equal(after[change], before[change], change);
  });

  it("text is a table with remedies", async (t) => {
    const world = await healthy(t, { attributes: { Policy: "" } });
    const { code, stdout } = await world.dockbell("check", "--online");
    assert.equal(code, 1);
    assert.match(stdout, /^fail +queue orders +policy +sqs:SendMessage for SP-API \(437568002678\): the queue has no access policy$/m);
    assert.match(stdout, /-> set the policy that dockbell policy orders prints/);
    assert.match(stdout, /^online: \d+ ok, 0 warn, 2 fail$/m);
  });

  it("without --online nothing is asked, and online is null", async (t) => {
    const world = await healthy(t);
    const before = await world.sandbox.state();
    const { stdout } = await world.dockbell("check", "--output", "json");
    assert.equal(JSON.parse(stdout).online, null);
    assert.deepEqual((await world.sandbox.state()).calls, before.calls);
  });

  const policies = {
    "a service in the account's place": [
      [{ ...publisher({ Action: "sqs:SendMessage", Resource: "*" }), Principal: { Service: "sellingpartnerapi.amazon.com" } }],
      "fail", /one names a service/, "senders"],
    "only SendMessage": [[publisher({ Action: "sqs:SendMessage", Resource: "*" })], "fail", /GetQueueAttributes.*no statement/],
    "another queue": [[publisher({ Action: "sqs:*", Resource: "arn:aws:sqs:eu-west-1:444455556666:other" })], "fail", /no statement/],
    "a Deny": [
      [publisher({ Action: "sqs:*", Resource: "*" }), { Sid: "Nobody", Effect: "Deny", Principal: "*", Action: "sqs:Send*", Resource: "*" }],
      "fail", /statement Nobody denies/],
    "a condition": [
      [publisher({ Action: "sqs:*", Resource: "*", Condition: { StringEquals: { "aws:SourceAccount": "1" } } })],
      "warn", /only under a condition/],
  };
  for (const [name, [Statement, state, expected, beside]] of Object.entries(policies))
    it(`policy: ${name}`, async (t) => {
      const world = await healthy(t, { attributes: { Policy: JSON.stringify({ Version: "2012-10-17", Statement }) } });
      await only(world, state, "queue orders", "policy", expected, beside);
    });

  const right = publisher({ Action: "sqs:*", Resource: "*" });
  const senders = {
    everybody: [{ Principal: "*" }, "fail", /everybody may send, by statement Other/],
    "everybody but one": [{ NotPrincipal: { AWS: "111122223333" } }, "fail", /everybody may send/],
    "another account": [{ Principal: { AWS: "arn:aws:iam::111122223333:root" } }, "warn", /others than Amazon's account may send/],
    "everybody under a condition": [
      { Principal: "*", Condition: { StringEquals: { "aws:SourceVpc": "vpc-1" } } }, "warn", /under a condition/],
  };
  for (const [name, [elements, state, expected]] of Object.entries(senders))
    it(`who may send: ${name}`, async (t) => {
      const other = { Sid: "Other", Effect: "Allow", Action: "sqs:SendMessage", Resource: "*", ...elements };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [right, other] });
      const world = await healthy(t, { attributes: { Policy } });
      await only(world, state, "queue orders", "senders", expected);
      await world.start();
      await world.says(/queue orders: its access policy lets others than Amazon send: .*Other/);
    });

  const attributes = {
    retention: [{ MessageRetentionPeriod: "345600" }, /4d.*1209600/],
    encryption: [{ KmsMasterKeyId: "arn:aws:kms:eu-west-1:444455556666:key/1" }, /key\/1.*dockbell policy orders/],
    redrive: [
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:eu-west-1:444455556666:dlq", maxReceiveCount: 5 }) },
      /after 5 receives.*:dlq/],
  };
  for (const [check, [set, expected]] of Object.entries(attributes))
    it(`queue: ${check} is warned of, and is no failure`, async (t) => {
      await only(await healthy(t, { attributes: set }), "warn", "queue orders", check, expected);
    });

  it("queue: the KMS key of AWS itself cannot work", async (t) => {
    const world = await healthy(t, { attributes: { KmsMasterKeyId: "alias/aws/sqs" } });
    await only(world, "fail", "queue orders", "encryption", /AWS's.*SSE-SQS/);
  });

  it("queue: is not there", async (t) => {
    const arn = "arn:aws:sqs:eu-west-1:444455556666:nowhere";
    const config = (sections) => { sections["queue second"] = { ...sections["queue orders"], arn }; };
    const world = await healthy(t, { daemon: { unknown_seller: "forward" }, config });
    await only(world, "fail", "queue second", "queue", /compare region, account and name/);
  });

  it("queue: does not answer: said within its time, and the rest as ever", async (t) => {
    const world = await healthy(t);
    await world.sandbox.fault({ op: "GetQueueAttributes", kind: "hang" });
    await only(world, "fail", "queue orders", "queue", /no answer .* within .*network/);
  });

  it("clock: Amazon's is an hour ahead", async (t) => {
    const world = await healthy(t);
    await world.sandbox.clock(3600);
    const { state, text } = await look(world);
    assert.equal(state("queue orders", "clock"), "fail");
    assert.match(text("queue orders", "clock"), /behind Amazon's -> .*ntp/);
    assert.equal(state("queue orders", "policy"), "ok");
  });

  it("one seller's bad token hides nothing", async (t) => {
    const config = (sections) => {
      sections["seller broken"] = { ...seller, queue: "orders", seller_id: "ABROKEN", refresh_token: "Atzr|not-one" };
    };
    const world = await healthy(t, { config });
    await only(world, "fail", "seller broken", "grant", /invalid_grant|refresh/);
  });

  it("a secret that cannot be read is an error of the configuration, and hides nothing", async (t) => {
    const config = (sections) => {
      sections["seller broken"] = { ...seller, queue: "orders", seller_id: "ABROKEN", refresh_token: "file:/nonexistent/token" };
    };
    const world = await healthy(t, { unregistered: true, config });
    await world.dockbell("register", "acme");
    const { code, stdout } = await world.dockbell("check", "--online", "--output", "json");
    assert.equal(code, 78);
    const { online } = JSON.parse(stdout);
    const wrong = online.filter((line) => line.state !== "ok");
    assert.deepEqual(wrong.map(({ subject, check, state }) => [subject, check, state]), [["seller broken", "grant", "fail"]]);
    assert.ok(online.some((line) => line.subject === "seller acme" && line.check === "ORDER_CHANGE"));
    const text = await world.dockbell("check", "--online");
    assert.match(text.stdout, /^fail +seller broken +grant/m);
  });

  it("application: its grant is looked at though no seller registers", async (t) => {
    const world = await healthy(t, { unregistered: true, seller: { subscribe: undefined } });
    const { state, fails } = await look(world);
    assert.deepEqual(fails, []);
    assert.equal(state("application", "grant"), "ok");
    assert.equal(state("seller acme", "subscriptions"), "ok");
  });

  it("application: a wrong secret is told once, sellers say what they wait for", async (t) => {
    const world = await healthy(t, { unregistered: true, config: (s) => { s.application.client_secret = "wrong"; } });
    const { state, text } = await look(world);
    assert.equal(state("application", "grant"), "fail");
    assert.match(text("application", "grant"), /invalid_client|client_secret/);
    assert.equal(state("queue orders", "policy"), "ok");
    assert.equal(state("webhook wms", "reachable"), "ok");
  });

  it("registration: missing", async (t) => {
    const world = await healthy(t, { unregistered: true });
    const { state, text } = await look(world);
    assert.equal(state("seller acme", "destination"), "fail");
    assert.equal(state("seller acme", "ORDER_CHANGE"), "fail");
    assert.match(text("seller acme", "ORDER_CHANGE"), /missing.*dockbell register/);
  });

  it("registration: differs from the configuration", async (t) => {
    const world = await healthy(t);
    world.options.seller = { ...seller, order_change_types: "OrderStatusChange" };
    await world.writeConfig();
    await only(world, "fail", "seller acme", "ORDER_CHANGE", /order change types.*--recreate/s);
  });

  it("webhook: nobody listens", async (t) => {
    const world = await healthy(t);
    await world.receiver.close();
    await only(world, "fail", "webhook wms", "reachable", /refused.*is the receiver running/);
  });

  it("webhook: answers with an error of its own", async (t) => {
    const world = await healthy(t, { answer: () => ({ status: 503 }) });
    await only(world, "warn", "webhook wms", "reachable", /503/);
  });

  it("a bad configuration is told first, and nobody is asked", async (t) => {
    const world = await healthy(t, { queue: { wait: "21s" } });
    const { code } = await world.dockbell("check", "--online");
    assert.equal(code, 78);
  });
});
