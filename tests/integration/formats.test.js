// SPDX-License-Identifier: MIT
// Formats: what arrives is Amazon's bytes, or a CloudEvent as the npm package `cloudevents` reads it;
// signatures are those of the body that is sent (the receiver has every one verified by the npm
// package `standardwebhooks`); and a delivery keeps the format that it was accepted with.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { CloudEvent, HTTP } from "cloudevents";
import { orderChange, samples, withId } from "./lib/messages.js";
import { Receiver, SECRET } from "./lib/receiver.js";
import { reconfigure, reload } from "./lib/reload.js";
import { World } from "./lib/world.js";

// The samples, each with an id of its own; what carries a client secret is not sent to anybody.
const traffic = samples()
  .filter(({ body }) => !body.includes("newClientSecret"))
  .map(({ name, body }, i) => ({ name, id: `sample-${i}`, body: withId(body, `sample-${i}`).trim() }));

// Reads a request as a server with that library would, strictly.
function cloudEvent({ headers, body }) {
  assert.equal(headers["content-type"], "application/cloudevents+json");
  const message = { headers, body: body.toString("utf8") };
  assert.ok(HTTP.isEvent(message));
  const event = HTTP.toEvent(message);
  assert.ok(event instanceof CloudEvent);
  assert.ok(event.validate());
  return event;
}

// What it is: the bytes of a request tell the format they are in.
function formatOf({ body }) {
  const json = JSON.parse(body);
  if (json.specversion) return "cloudevents";
  return json.data && json.type ? "standard" : "raw";
}

const formats = (world) =>
  Object.fromEntries([...world.receiver.byId].map(([id, requests]) => [id, formatOf(requests[0])]));

const hmacOf = (body, key) => createHmac("sha256", key).update(body).digest("hex");

async function shown(world, id) {
  const row = (await world.list("--state=all")).find((r) => r.notification_id === id);
  return world.json("queue", "show", row.id);
}

describe("formats", { concurrency: 4 }, () => {
  it("cloudevents: every sample is a valid event with Amazon's bytes in its data", async (t) => {
    const world = await World.create(t, { webhook: { format: "cloudevents" } });
    await world.start();
    await world.sqs.send(traffic.map(({ body }) => body));
    await world.until("every sample is delivered", () => world.receiver.delivered.size === traffic.length);
    for (const { name, id, body } of traffic) {
      const [request] = world.receiver.byId.get(id);
      const { headers } = request;
      const event = cloudEvent(request);
      assert.ok(request.body.toString("utf8").endsWith(`"notification":${body}}}`), name);
      assert.equal(event.id, headers["webhook-id"], name);
      assert.equal(event.specversion, "1.0", name);
      assert.equal(event.type, `amazon.${request.type.toLowerCase().replace(/[^a-z0-9_]/g, "_")}`, name);
      assert.equal(event.time, headers["dockbell-event-time"], name);
      assert.equal(event.subject, request.order, name);
      assert.equal(event.datacontenttype, "application/json", name);
      const { sellerId } = event.data;
      assert.equal(event.source, `urn:amazon:sp-api${sellerId ? `:seller:${sellerId}` : ""}`, name);
      const known = ["id", "source", "specversion", "type", "time", "subject", "datacontenttype", "data"];
      assert.deepEqual(Object.keys(JSON.parse(request.body)).filter((key) => !known.includes(key)), [], name);
    }
    assert.ok(world.receiver.requests.some(({ order }) => !order), "some have no order");
    assert.deepEqual(world.receiver.faults, []);
  });

  it("cloudevents: the data is that of the standard body", async (t) => {
    const bus = new Receiver();
    await bus.listen();
    t.after(() => bus.close());
    const world = await World.create(t, {
      config: (s) => (s["webhook bus"] = { url: bus.url, secret: SECRET, format: "cloudevents" }),
    });
    await world.start();
    await world.sqs.send(traffic.map(({ body }) => body));
    const both = [world.receiver, bus];
    await world.until("both have all", () => both.every(({ delivered }) => delivered.size === traffic.length));
    const dataOf = ({ body }) => body.subarray(body.indexOf('"data":{"id":')).toString("utf8");
    for (const [id, [request]] of world.receiver.byId) {
      const [other] = bus.byId.get(id);
      assert.deepEqual([formatOf(request), formatOf(other)], ["standard", "cloudevents"]);
      assert.equal(dataOf(other), dataOf(request));
      assert.equal(cloudEvent(other).type, JSON.parse(request.body).type);
    }
    assert.deepEqual([...world.receiver.faults, ...bus.faults], []);
  });

  it("raw: Amazon's bytes and nothing else, signed as they are", async (t) => {
    const world = await World.create(t, {
      webhook: { format: "raw", hmac_header: "X-Signature", hmac_secret: "a key of ours" },
    });
    await world.start();
    await world.sqs.send(traffic.map(({ body }) => body));
    await world.until("every sample is delivered", () => world.receiver.delivered.size === traffic.length);
    for (const { name, id, body } of traffic) {
      const [request] = world.receiver.byId.get(id);
      assert.equal(request.headers["content-type"], "application/json", name);
      assert.equal(request.body.toString("utf8"), body, name);
      assert.equal(request.headers["x-signature"], hmacOf(body, "a key of ours"), name);
    }
    assert.deepEqual(world.receiver.faults, []);
  });

  it("raw: the wrapping of SNS is gone", async (t) => {
    const world = await World.create(t, { webhook: { format: "raw" } });
    await world.start();
    const body = orderChange({ id: "wrapped" });
    await world.sqs.send([JSON.stringify({ Type: "Notification", Message: body })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("wrapped"));
    assert.equal(world.receiver.requests[0].body.toString("utf8"), body);
  });

  it("a reload holds from the next accept: what waits keeps its format, also over kill -9", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 503 }) });
    await world.start();
    const send = async (id) => {
      await world.sqs.send([orderChange({ id, order: `306-${id}` })]);
      await world.until(`${id} is there`, async () => (await world.list()).some((r) => r.notification_id === id));
    };
    await send("standard");
    await world.until("it was tried", () => world.receiver.byId.has("standard"));
    for (const format of ["cloudevents", "raw"]) {
      assert.match(await reload(world, (s) => (s["webhook wms"].format = format)), /\[webhook wms\]: format$/m);
      await send(format);
    }
    await reload(world, () => {});
    await send("standard-2");
    await world.until("nothing is left at Amazon", () => world.sqs.empty());
    await world.daemon.stop("SIGKILL");
    await reconfigure(world, (s) => (s["webhook wms"].format = "cloudevents"));
    world.receiver.answer = () => undefined;
    await world.start();
    await world.until("all are delivered", () => world.receiver.delivered.size === 4);
    await world.settled();
    assert.deepEqual(formats(world), {
      standard: "standard",
      cloudevents: "cloudevents",
      raw: "raw",
      "standard-2": "standard",
    });
    // Resent and shown they are the same as well.
    await world.dockbell("queue", "resend", "ALL", "--state=delivered");
    await world.until("all have come once more", () => [...world.receiver.delivered.values()].every((n) => n === 2));
    for (const [id, [{ body }]] of world.receiver.byId) {
      const { format, body: text } = await shown(world, id);
      assert.equal(text, body.toString("utf8"));
      assert.equal(format, id.split("-")[0]);
    }
    assert.deepEqual(world.receiver.wrong, []);
  });

  it("kill -9 again and again while the format changes: every repetition has the same bytes", async (t) => {
    const COUNT = 200;
    const kinds = ["cloudevents", "raw", "standard"];
    const world = await World.create(t, { answer: () => ({ delay_ms: 20 }) });
    await world.sandbox.publish({ count: COUNT, seed: 11, orders: 100, duplicates: 0.1 });
    for (let i = 0; i < 6; i++) {
      await reconfigure(world, (s) => (s["webhook wms"].format = kinds[i % 3]));
      await world.start();
      const wanted = world.receiver.requests.length + 15;
      await world.until("some are sent", () => world.receiver.requests.length >= wanted);
      await world.daemon.stop("SIGKILL");
      await world.sandbox.pass(61); // what was received and not stored is visible again
    }
    world.receiver.answer = () => undefined;
    await world.start();
    await world.until("all are delivered", () => world.receiver.delivered.size === COUNT, { seconds: 90 });
    assert.deepEqual(world.receiver.wrong.filter((text) => !/in flight already/.test(text)), []);
    assert.ok(world.receiver.requests.length > COUNT);
  });

  it("a webhook that takes over gets what waits in its own format", async (t) => {
    const world = await World.create(t, { answer: () => ({ status: 503 }) });
    await world.start();
    await world.sqs.send([orderChange({ id: "waits" })]);
    await world.until("it waits", async () => (await world.list()).length === 1);
    await world.daemon.stop("SIGTERM");
    world.receiver.reset();
    await reconfigure(world, (s) => {
      s["webhook bus"] = { ...s["webhook wms"], format: "cloudevents" };
      delete s["webhook wms"];
    });
    world.receiver.answer = () => undefined;
    await world.start();
    const told = await world.dockbell("queue", "resend", "ALL", "--from=wms", "--webhook=bus");
    assert.equal(told.code, 0, told.stderr);
    await world.until("it arrives", () => world.receiver.delivered.has("waits"));
    assert.equal(cloudEvent(world.receiver.requests[0]).data.orderId, "306-1000001-0000001");
    assert.deepEqual(world.receiver.faults, []);
  });

  it("no library writes the bytes of a generated event, so a receiver that parses first fails", async (t) => {
    const kinds = ["standard", "raw", "cloudevents"];
    const receivers = Object.fromEntries(kinds.map((kind) => [kind, new Receiver()]));
    for (const receiver of Object.values(receivers)) {
      await receiver.listen();
      t.after(() => receiver.close());
    }
    const world = await World.create(t, {
      config: (s) => {
        for (const kind of kinds) s[`webhook ${kind}`] = { url: receivers[kind].url, secret: SECRET, format: kind };
      },
    });
    await world.sandbox.publish({ count: 24, seed: 5, type: "ALL" });
    await world.start();
    await world.until("all have all", () => Object.values(receivers).every(({ delivered }) => delivered.size === 24));
    for (const [kind, { requests, faults }] of Object.entries(receivers)) {
      for (const request of requests) {
        const text = request.body.toString("utf8");
        assert.equal(formatOf(request), kind);
        assert.notEqual(JSON.stringify(JSON.parse(text)), text, `${kind}: ${text}`);
      }
      assert.deepEqual(faults, [], kind);
    }
  });

  it("a ping has the webhook's format", async (t) => {
    const world = await World.create(t);
    for (const format of ["standard", "raw", "cloudevents"]) {
      await reconfigure(world, (s) => (s["webhook wms"].format = format));
      const { code, stderr } = await world.dockbell("ping", "wms");
      assert.equal(code, 0, stderr);
    }
    const [standard, raw, event] = world.receiver.requests;
    assert.equal(JSON.parse(standard.body).type, "dockbell.ping");
    assert.equal(JSON.parse(raw.body).NotificationType, "dockbell.ping");
    assert.equal(JSON.parse(raw.body).NotificationMetadata.NotificationId, raw.id);
    const { id, type, source, subject, data } = cloudEvent(event);
    assert.deepEqual([id, type, source, subject, data.webhook], [event.id, "dockbell.ping", "urn:dockbell:ping", undefined, "wms"]);
    assert.deepEqual(world.receiver.wrong, []);
  });

  it("dockbell verify takes a CloudEvent as it came", async (t) => {
    const world = await World.create(t, { webhook: { format: "cloudevents" } });
    await world.start();
    await world.sqs.send([orderChange({ id: "one" })]);
    await world.until("it is delivered", () => world.receiver.delivered.has("one"));
    const [{ headers, body }] = world.receiver.requests;
    const file = path.join(world.directory, "headers");
    await writeFile(file, Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`).join(""));
    const { code, stderr } = await world.dockbell("verify", "--webhook=wms", `--headers=${file}`, { input: body });
    assert.equal(code, 0, stderr);
  });
});
