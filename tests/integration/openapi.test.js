// SPDX-License-Identifier: MIT
// docs/openapi.yaml is valid, and what the daemon sends is what it describes.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import yaml from "js-yaml";
import { checkSamples } from "./lib/scenarios.js";
import { orderChange, samples } from "./lib/messages.js";
import { root } from "./lib/program.js";
import { World } from "./lib/world.js";

const description = yaml.load(readFileSync(path.join(root, "docs/openapi.yaml"), "utf8"));
const { post } = description.webhooks.event;

const ajv = new Ajv.default({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(description, "openapi");

const at = (pointer) => ajv.getSchema(`openapi#${pointer}`);
const isEvent = at("/components/schemas/Event");
const isCloudEvent = at("/components/schemas/CloudEvent");
const { content } = post.requestBody;

function expectEvent(text, what) {
  assert.ok(isEvent(JSON.parse(text)), `${what}: ${JSON.stringify(isEvent.errors, null, 1)}`);
}

// Our headers of a request against the parameters.
function expectHeaders(headers) {
  const known = new Map(post.parameters.map(({ $ref }) => [description.components.parameters[$ref.split("/").at(-1)], $ref]));
  const names = [...known.keys()].map(({ name }) => name);
  for (const name of Object.keys(headers).filter((n) => /^(webhook|dockbell)-/.test(n)))
    assert.ok(names.includes(name), `${name} is not described`);
  for (const [{ name, required, schema }, $ref] of known) {
    if (headers[name] === undefined) {
      assert.ok(!required, `${name} is missing`);
      continue;
    }
    const value = schema.type === "integer" ? Number(headers[name]) : headers[name];
    const isRight = at(`${$ref.slice(1)}/schema`);
    assert.ok(isRight(value), `${name}: ${headers[name]}: ${JSON.stringify(isRight.errors)}`);
  }
}

describe("docs/openapi.yaml", () => {
  it("is a valid OpenAPI 3.1 description", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(description);
    assert.ok(valid, JSON.stringify(errors, null, 1));
    assert.equal(validator.version, "3.1");
  });

  it("describes the frozen bodies", () => {
    const folder = path.join(root, "tests/golden");
    const names = readdirSync(folder).filter((name) => name.endsWith(".body.json"));
    assert.ok(names.length > 10);
    for (const name of names) {
      const text = readFileSync(path.join(folder, name), "utf8");
      if (text.trim()) expectEvent(text, name);
    }
  });

  it("describes the other formats too", () => {
    const folder = path.join(root, "tests/golden");
    const names = readdirSync(folder).filter((name) => name.endsWith(".cloudevents.json"));
    assert.ok(names.length > 10);
    for (const name of names) {
      const event = JSON.parse(readFileSync(path.join(folder, name), "utf8"));
      assert.ok(isCloudEvent(event), `${name}: ${JSON.stringify(isCloudEvent.errors, null, 1)}`);
      assert.ok(!isEvent(event), name);
    }
    assert.ok(!isCloudEvent({ specversion: "1.0" }));
    assert.deepEqual(Object.keys(content), ["application/json", "application/cloudevents+json"]);
  });

  for (const format of ["raw", "cloudevents"])
    it(`describes what is sent as ${format}`, async (t) => {
      const world = await World.create(t, { webhook: { format } });
      await world.start();
      await world.sqs.send([orderChange({ id: "one" })]);
      await world.until("it is delivered", () => world.receiver.delivered.has("one"));
      assert.equal((await world.dockbell("ping", "wms")).code, 0);
      for (const { id, headers, body } of world.receiver.requests) {
        const type = headers["content-type"].replaceAll("/", "~1");
        const isRight = at(`/webhooks/event/post/requestBody/content/${type}/schema`);
        assert.ok(isRight(JSON.parse(body)), `${id}: ${JSON.stringify(isRight.errors, null, 1)}`);
        expectHeaders(headers);
      }
      assert.equal(world.receiver.requests.length, 2);
    });

  it("describes what is sent, also a stale event and a ping", async (t) => {
    const world = await World.create(t);
    await world.start();
    await checkSamples(world, samples());
    const time = Date.parse("2025-06-02T12:00:00Z");
    for (const [id, when] of [["newer", time], ["older", time - 60_000]]) {
      await world.sqs.send([orderChange({ id, order: "306-9", time: when })]);
      await world.until(`${id} is delivered`, () => world.receiver.delivered.has(id));
    }
    assert.equal((await world.dockbell("ping", "wms")).code, 0);
    for (const { id, headers, body } of world.receiver.requests) {
      expectEvent(body.toString("utf8"), id);
      expectHeaders(headers);
    }
    assert.ok(world.receiver.requests.some(({ stale }) => stale));
    assert.ok(world.receiver.requests.some(({ type }) => type === "dockbell.ping"));
  });

  it("refuses what is no event", () => {
    for (const text of ["{}", '{"type":"amazon.x","timestamp":null,"data":{}}', '{"type":"other","timestamp":null,"data":{}}'])
      assert.ok(!isEvent(JSON.parse(text)), text);
  });
});
