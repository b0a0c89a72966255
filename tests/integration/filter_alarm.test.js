// SPDX-License-Identifier: MIT
// Filters that let nothing pass are an alarm, until something passes or they are corrected.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withAdmin } from "./lib/admin.js";
import { orderChange } from "./lib/messages.js";
import { reload } from "./lib/reload.js";

const BLOCKS = /webhook wms: its filters \(statuses\) have let nothing pass for \d+s, and blocked (\d+) notifications since 20/;

describe("filters that let nothing pass", { concurrency: 2 }, () => {
  function send(world, status) {
    world.sent = (world.sent ?? 0) + 1;
    return world.sqs.send([orderChange({ id: `n-${world.sent}`, order: `306-${world.sent}`, status })]);
  }

  // A world in whose short day orders of a status come that no filter lets pass.
  async function blockedWorld(t) {
    const world = await withAdmin(t, { webhook: { statuses: "Shiped", filter_alarm: "10s" } });
    await world.start();
    await world.until("the alarm is raised", async () => {
      await send(world, "Unshipped");
      return BLOCKS.test(world.daemon.stderr);
    });
    return world;
  }

  const alarms = async (world) => (await world.status()).alarms.filter(({ event }) => event === "filter-blocks");
  const raised = (world) => world.until("the alarm is noted", async () => (await alarms(world)).length === 1);
  const over = (world) => world.until("the alarm is over", async () => (await alarms(world)).length === 0);

  it("are an alarm, over a restart, until a notification passes", async (t) => {
    const world = await blockedWorld(t);
    const count = Number(world.daemon.stderr.match(BLOCKS)[1]);
    assert.ok(count >= 2 && count <= world.sent, `${count} of ${world.sent}`);
    await raised(world);
    const [{ webhook, severity, summary, next }] = await alarms(world);
    assert.deepEqual({ webhook, severity, next }, { webhook: "wms", severity: "warning", next: "dockbell check" });
    assert.match(summary, BLOCKS);
    const { stdout } = await world.dockbell("status");
    assert.match(stdout, /^filter-blocks +wms +/m);
    const metrics = await world.metrics();
    assert.equal(metrics.get("dockbell_webhook_filter_blocks", { webhook: "wms" }), 1);
    assert.ok(metrics.get("dockbell_webhook_filtered_total", { webhook: "wms" }) >= count);

    await world.daemon.stop("SIGTERM");
    await world.start();
    await raised(world);
    await send(world, "Unshipped");
    await world.until("it is stored", async () => (await world.status()).notifications.accepted === world.sent);
    assert.doesNotMatch(world.daemon.stderr, BLOCKS, "it is raised once");
    await send(world, "Shiped");
    await world.says(/webhook wms: a notification passes its filters again, after \d+s and \d+ blocked/);
    await over(world);
    assert.equal((await world.metrics()).get("dockbell_webhook_filter_blocks", { webhook: "wms" }), 0);
  });

  it("are none any more when a reload corrects them", async (t) => {
    const world = await blockedWorld(t);
    await raised(world);
    await reload(world, (sections) => (sections["webhook wms"].statuses = "Shipped"));
    await world.says(/the alarm filter-blocks of wms is over: the filters of the webhook have changed/);
    await over(world);
    await send(world, "Shipped");
    await world.until("it arrives", () => world.receiver.delivered.size === 1);
    assert.doesNotMatch(world.daemon.stderr, /passes its filters again/);
  });
});
