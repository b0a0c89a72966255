// SPDX-License-Identifier: MIT
// Messages that no program should choke on: nothing crashes, nothing is lost, what cannot be
// understood stays as a dead letter with its bytes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

const MIB = 1024 * 1024;
const nested = (levels) => '{"a":'.repeat(levels) + "1" + "}".repeat(levels);

const UNREADABLE = {
  "no JSON": "no JSON at all \\ \u2028",
  "cut off": orderChange({ id: "cut" }).slice(0, -20),
  "nothing but spaces": "   ",
  "a number": "42",
  "a list": "[1,2,3]",
  "null": "null",
  "65 levels": nested(65),
  "100 000 levels": "[".repeat(100_000),
  "100 000 closed levels": nested(100_000),
  "a lone surrogate in a JSON string": JSON.stringify(orderChange({ id: "x" }).replace("MUG", "\ud83d")),
  "two documents": '{"a":1}{"a":2}',
  "a trailing comma": '{"a":1,}',
  "a comment": '{"a":1/**/}',
  "a leading zero": '{"a":01}',
  "a raw line end in a string": '{"a":"b\nc"}',
  "a byte order mark": "\ufeff{}",
};

// Body -> the webhook-id it is sent under.
const absurd = (id) => orderChange({ id: "ID" }).replace('"NotificationId":"ID"', `"NotificationId":${id}`);
const READABLE = {
  "no id": [absurd('"x"').replace('"NotificationId":"x"', '"Other":"x"'), /^sqs-/],
  "an empty id": [absurd('""'), /^sqs-/],
  "a number as id": [absurd("17"), /^17$/],
  "an object as id": [absurd('{"a":"b"}'), /^sqs-/],
  "an id with a NUL": [absurd('"a\\u0000b"'), /^sqs-/],
  "an id of 10 000 letters": [absurd(`"${"x".repeat(10_000)}"`), /^sha256-[0-9a-f]{64}$/],
  "an id with a line end": [absurd('"a\\r\\nx-evil: 1"'), /^sqs-/],
  "an id in Greek": [absurd('"ψ"'), /^sqs-/],
  "an id with a dot": [absurd('"a.b"'), /^sha256-[0-9a-f]{64}$/],
  "an id of 200 letters": [absurd(`"${"x".repeat(200)}"`), /^sha256-[0-9a-f]{64}$/],
  "64 levels": [nested(64), /^sqs-/],
  "an empty object": ["{}", /^sqs-/],
  "a mebibyte": [orderChange({ id: "mib" }).replace("MUG", "M".repeat(MIB - orderChange({ id: "mib" }).length + 3)), /^mib$/],
  "an order with a NUL": [orderChange({ id: "nul", order: "306-\u0000-1" }), /^nul$/],
  "an order with a line end": [orderChange({ id: "crlf", order: "306\r\nx-evil: 1" }), /^crlf$/],
  "the same key twice": [orderChange({ id: "twice" }).replace(/}$/, ',"EventTime":"x"}'), /^twice$/],
};

describe("poison", { concurrency: 6 }, () => {
  it("keeps what it cannot read, with its bytes and a reason", async (t) => {
    const world = await World.create(t);
    await world.start();
    const bodies = Object.values(UNREADABLE);
    await world.sqs.send([...bodies, orderChange({ id: "good" })]);
    await world.until("the good one is delivered", () => world.receiver.delivered.has("good"));
    await world.settled();
    assert.equal(world.receiver.requests.length, 1);
    const { notifications, deliveries } = await world.status();
    assert.equal(notifications.rejected, bodies.length);
    assert.equal(notifications.accepted, 1);
    assert.equal(deliveries.dead, bodies.length);
    const rows = await world.list("--state=dead");
    assert.equal(rows.length, bodies.length);
    for (const row of rows) assert.ok(row.last_error.length > 5, "it says why");
    for (const [name, body] of Object.entries(UNREADABLE).filter(([, b]) => b.length < 1000 && b.trim())) {
      const found = [];
      for (const row of rows) {
        const shown = await world.dockbell("queue", "show", String(row.id), "--output=json");
        if (JSON.stringify(JSON.parse(shown.stdout)).includes(JSON.stringify(body).slice(1, -1))) found.push(row.id);
      }
      assert.ok(found.length >= 1, `the bytes of "${name}" are shown`);
    }
    const { code } = await world.dockbell("queue", "retry", String(rows[0].id));
    assert.equal(code, 1, "it can never be sent");
  });

  for (const [name, [body, id]] of Object.entries(READABLE))
    it(`delivers ${name}`, async (t) => {
      const world = await World.create(t);
      await world.start();
      await world.sqs.send([body]);
      await world.until("it is delivered", () => world.receiver.delivered.size === 1);
      await world.settled();
      const [request] = world.receiver.requests;
      assert.match(request.id, id);
      assert.equal(request.headers["x-evil"], undefined);
      assert.ok(request.body.toString("utf8").endsWith(`"notification":${body}}}`));
      const order = /^an order/.test(name) || !body.includes('"AmazonOrderId"') ? undefined : "306-1000001-0000001";
      assert.equal(request.order, order);
      assert.deepEqual(world.receiver.faults, []);
    });

  it("the same id with another payload is no copy, but a dead letter", async (t) => {
    const world = await World.create(t);
    await world.start();
    await world.sqs.send([orderChange({ id: "same", quantity: 1 })]);
    await world.until("the first is delivered", () => world.receiver.delivered.has("same"));
    await world.sqs.send([orderChange({ id: "same", quantity: 2 }), orderChange({ id: "same", quantity: 1 })]);
    await world.until("all are counted", async () => (await world.status()).notifications.received === 3);
    const { notifications } = await world.status();
    assert.deepEqual([notifications.accepted, notifications.duplicates, notifications.rejected], [1, 1, 1]);
    const [row] = await world.list("--state=dead");
    assert.match(row.last_error, /another payload/);
    assert.equal(world.receiver.requests.length, 1);
  });
});
