// SPDX-License-Identifier: MIT
// dockbell-receiver, the webhook of the demo and the bench: its own signature check agrees with the
// npm package, and it counts what it should.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { it } from "node:test";
import { Webhook } from "standardwebhooks";
import { Program } from "./lib/program.js";
import { SECRET } from "./lib/receiver.js";
import { until } from "./lib/wait.js";

async function start(t) {
  const directory = await mkdtemp(path.join(os.tmpdir(), "dockbell-test-"));
  const file = (name) => path.join(directory, name);
  await writeFile(file("secret"), `${SECRET}\n`);
  const program = new Program("dockbell-receiver", [
    "--port-file", file("port"), "--secret-file", file("secret"),
    "--log", file("log"), "--keep-first", file("first"),
  ]);
  t.after(async () => {
    await program.stop();
    await rm(directory, { recursive: true });
  });
  const port = await until("it listens", async () => (await readFile(file("port"), "utf8")).trim());
  const url = `http://127.0.0.1:${port}`;
  const signer = new Webhook(SECRET);
  return {
    file,
    url,
    program,
    state: async () => (await fetch(`${url}/_receiver/state`)).json(),
    answers: (rule) => fetch(`${url}/_receiver/answers`, { method: "POST", body: JSON.stringify(rule) }),
    send: async (id, body, { headers = {}, at = new Date(), signature } = {}) => {
      const response = await fetch(`${url}/hook`, {
        method: "POST",
        body,
        headers: {
          "webhook-id": id,
          "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
          "webhook-signature": signature ?? signer.sign(id, at, body),
          ...headers,
        },
      });
      return response.status;
    },
  };
}

it("accepts good signatures and refuses all others", async (t) => {
  const receiver = await start(t);
  const at = new Date();
  const good = new Webhook(SECRET).sign("b", at, "{}");
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  assert.equal(await receiver.send("a", '{"ü":1}', { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } }), 204);
  assert.equal(await receiver.send("b", "{}", { at, signature: `v1,AAAA ${good}` }), 204, "while rotating");
  assert.equal(await receiver.send("c", "{}", { at, signature: good }), 401, "of another id");
  assert.equal(await receiver.send("b", "{ }", { at, signature: good }), 401, "of other bytes");
  assert.equal(await receiver.send("d", "{}", { signature: "" }), 401);
  const old = new Date(Date.now() - 400_000);
  assert.equal(await receiver.send("e", "{}", { at: old }), 401, "too old");
  assert.equal((await receiver.state()).bad_signatures, 4);
  const first = await readFile(receiver.file("first"), "utf8");
  assert.match(first, /^POST \/hook HTTP\/1.1\n/);
  assert.match(first, /\nwebhook-id: a\n/);
  assert.ok(first.endsWith('\n\n{"ü":1}\n'));
  const lines = (await readFile(receiver.file("log"), "utf8")).trim().split("\n").map(JSON.parse);
  assert.deepEqual(lines.map((l) => l.verified), [true, true, false, false, false, false]);
  assert.deepEqual(lines.map((l) => l.trace), [trace, null, null, null, null, null]);
});

it("counts repeats, changed bytes, overlaps and unmarked old news", async (t) => {
  const receiver = await start(t);
  const lane = { "dockbell-seller": "acme", "dockbell-order": "306-1", "dockbell-type": "ORDER_CHANGE" };
  const at = (time, extra) => ({ headers: { ...lane, "dockbell-event-time": time, ...extra } });
  await receiver.send("a", "1", at("2025-01-02T00:00:00.000Z"));
  await receiver.send("a", "1", at("2025-01-02T00:00:00.000Z"));
  await receiver.send("a", "2", at("2025-01-02T00:00:00.000Z"));
  await receiver.send("b", "1", at("2025-01-01T00:00:00.000Z"));
  await receiver.send("c", "1", at("2025-01-01T00:00:00.000Z", { "dockbell-stale": "true" }));
  await receiver.send("wish", '{"changeType":"BuyerRequestedChange"}', at("2025-01-01T00:00:00.000Z"));
  assert.equal((await receiver.answers({ status: 503, count: 1, order: "306-1", delay_ms: 300 })).status, 200);
  const slow = receiver.send("d", "1", at("2025-01-03T00:00:00.000Z"));
  await until("it is in flight", async () => (await receiver.state()).in_flight === 1);
  await receiver.send("e", "1", at("2025-01-04T00:00:00.000Z"));
  assert.equal(await slow, 503);
  const { first_usec, last_unique_usec, last_delivered_usec, ...counts } = await receiver.state();
  assert.ok(first_usec > 0 && last_unique_usec >= first_usec && last_delivered_usec >= first_usec);
  assert.deepEqual(counts, {
    requests: 8, unique: 6, delivered: 5, repeats: 2, repeats_after_ok: 2, repeats_unexcused: 2, repeats_changed: 1,
    bad_signatures: 0, overlaps: 1, sequence_faults: 0, stale_unmarked: 1, in_flight: 0,
  });
});

it("counts numbers of an order that do not rise, and excuses repeats after a kill, once", async (t) => {
  const receiver = await start(t);
  const send = (id, order, sequence) => receiver.send(id, "1", {
    headers: { "dockbell-seller": "acme", "dockbell-order": order, "dockbell-sequence": String(sequence) },
  });
  await send("a", "306-1", 5);
  await send("b", "306-2", 4);
  await send("c", "306-1", 5);
  await send("d", "306-1", 9);
  await send("e", "306-1", 8);
  assert.equal((await receiver.state()).sequence_faults, 2);
  assert.equal((await fetch(`${receiver.url}/_receiver/killed`, { method: "POST" })).status, 200);
  await send("a", "306-1", 10);
  assert.equal((await receiver.state()).repeats_unexcused, 0);
  await send("a", "306-1", 11);
  assert.equal((await receiver.state()).repeats_unexcused, 1);
  const lines = (await readFile(receiver.file("log"), "utf8")).trim().split("\n").map(JSON.parse);
  assert.deepEqual(lines.map(({ id, faults }) => [id, faults]), [
    ["a", undefined], ["b", undefined], ["c", ["sequence"]], ["d", undefined], ["e", ["sequence"]],
    ["a", undefined], ["a", ["unexcused"]],
  ]);
});
