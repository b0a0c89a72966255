// SPDX-License-Identifier: MIT
// log_level = debug shows the steps of the daemon, and still no secret.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

describe("traces", { concurrency: 2 }, () => {
  it("show commits, claims, moves and requests, each with its place in the source", async (t) => {
    const world = await World.create(t, { daemon: { log_level: "debug" } });
    await world.start();
    await world.sqs.send([orderChange({ id: "one", order: "306-1" })]);
    await world.settled();
    const lines = world.daemon.stderr.split("\n");
    const traced = (file, text) =>
      assert.ok(
        lines.some((line) => line.startsWith(`debug: ${file}:`) && text.test(line)),
        `${file} traces ${text}`,
      );
    traced("store/turn.c", /: turn: 1 accepted, 0 settled, result 0, \d+ usec$/);
    traced("store/lanes.c", /: delivery \d+: inflight -> delivered$/);
    traced("deliver/forwarder_claims.c", /: webhook \d+: claimed 1 of \d+/);
    traced("wire/http.c", /: http: 127\.0\.0\.1 \(127\.0\.0\.1:\d+\) answered 204 with 0 bytes after \d+ ms$/);
  });

  it("have no path of a URL, no secret and no body", async (t) => {
    const world = await World.create(t, { daemon: { log_level: "debug" } });
    await world.start();
    await world.sqs.send(["1", "2", "3"].map((n) => orderChange({ id: n, order: `306-${n}` })));
    await world.settled();
    const traces = world.daemon.stderr.split("\n").filter((line) => /^debug: \S+\.c:\d+:/.test(line));
    assert.ok(traces.length > 10);
    const path = new URL(world.receiver.url).pathname;
    assert.ok(path.length > 1, "the webhook has a path");
    for (const line of traces) {
      assert.ok(!line.includes(path), line);
      assert.doesNotMatch(line, /whsec_|Atz[ar]\||NotificationVersion/, line);
    }
  });

  it("are off at every other level", async (t) => {
    const world = await World.create(t, { daemon: { log_level: "info" } });
    await world.start();
    await world.sqs.send([orderChange({ id: "one", order: "306-1" })]);
    await world.settled();
    assert.doesNotMatch(world.daemon.stderr, /^debug:/m);
  });
});
