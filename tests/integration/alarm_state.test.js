// SPDX-License-Identifier: MIT
// Alarms follow the state that they are about, also if its change was not seen: over a restart, or by
// a reload. `status`, /metrics and the STATUS line say the same.
import assert from "node:assert/strict";
import { statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import { withAdmin } from "./lib/admin.js";
import { orderChange } from "./lib/messages.js";
import { Notify } from "./lib/notify.js";
import { reconfigure, reload } from "./lib/reload.js";
import { FIXED } from "./lib/sandbox.js";

const SELLER = { seller_id: FIXED.seller_id, region: "eu", refresh_token: FIXED.refresh_token, subscribe: "ORDER_CHANGE" };

const orders = (count, from = 1) =>
  Array.from({ length: count }, (_, n) => orderChange({ id: `n-${from + n}`, order: `306-1000001-000000${from + n}` }));

// The alarms, which status and /metrics must agree about.
async function alarms(world) {
  const names = (await world.status()).alarms.map((a) => a.event).sort();
  const counted = (await world.metrics()).samples.filter((s) => s.name === "dockbell_alarm_raised");
  return { names, counted: counted.map((s) => s.labels.alarm ?? s.labels.event).sort() };
}

async function become(world, expected) {
  await world.until(
    `alarms are ${expected}`,
    async () => {
      const { names, counted } = await alarms(world);
      return String(names) === String(expected) && String(counted) === String(expected);
    },
    { seconds: 60 },
  );
}

async function restart(world, change) {
  await world.daemon.stop("SIGTERM");
  if (change) await reconfigure(world, change);
  await world.start();
}

describe("an alarm whose cause is gone ends", { concurrency: 2 }, () => {
  it("breaker-opened: the webhook came back while the daemon did not run", async (t) => {
    let down = true;
    const world = await withAdmin(t, { answer: () => (down ? { status: 503 } : undefined) });
    await world.start();
    await world.sqs.send(orders(6));
    await world.says(/does not work/);
    await become(world, ["breaker-opened"]);
    await world.daemon.stop("SIGTERM");
    await world.start();
    await world.says(/does not work/);
    assert.equal((await world.status()).webhooks[0].breaker, "open");
    await world.daemon.stop("SIGTERM");
    down = false;
    await world.start();
    await world.settled();
    await become(world, []);
    await world.says(/webhook wms works again/);
    assert.equal((await world.status()).webhooks[0].breaker, "closed");
    assert.equal((await world.admin("/readyz")).status, 200);
  });

  it("lwa-refused: another refresh token, and a restart", async (t) => {
    const world = await withAdmin(t, { seller: { ...SELLER, refresh_token: "Atzr|of-nobody" } });
    await world.start();
    await become(world, ["lwa-refused", "registration-failed"]);
    assert.ok((await world.status()).sellers[0].lwa_error);
    await restart(world, (sections) => (sections["seller acme"].refresh_token = FIXED.refresh_token));
    await become(world, []);
    assert.equal((await world.status()).sellers[0].lwa_error, null);
    await world.says(/Login with Amazon .*again/);
  });

  it("lwa-refused: another client secret, and a restart", async (t) => {
    const world = await withAdmin(t, {
      seller: SELLER,
      config: (sections) => (sections.application = { ...sections.application, client_secret: "amzn1.oa2-cs.v1.wrong" }),
    });
    await world.start();
    await become(world, ["lwa-refused", "registration-failed"]);
    assert.ok((await world.status()).application.lwa_error);
    await restart(world, (sections) => (sections.application.client_secret = FIXED.client_secret));
    await become(world, []);
    assert.equal((await world.status()).application.lwa_error, null);
  });

  it("lwa-refused: nobody logs in for the seller any more", async (t) => {
    const world = await withAdmin(t, { seller: { ...SELLER, refresh_token: "Atzr|of-nobody" } });
    await world.start();
    await become(world, ["lwa-refused", "registration-failed"]);
    await restart(world, (sections) => (sections["seller acme"].subscribe = undefined));
    await become(world, []);
    assert.equal((await world.status()).sellers[0].lwa_error, null);
    await world.says(/the alarm lwa-refused of acme is over/);
  });

  it("reload-refused: the file was corrected before a restart", async (t) => {
    const world = await withAdmin(t);
    await world.start();
    await writeFile(world.configFile, "[daemon]\nnonsense = 1\n", { mode: 0o600 });
    world.daemon.kill("SIGHUP");
    await world.says(/refused|stays in force|stays active|was not taken over/);
    await world.writeConfig();
    await become(world, ["reload-refused"]);
    await restart(world);
    await become(world, []);
  });

  it("disk-low: min_free_disk was lowered and the config read again", async (t) => {
    const { bavail, bsize } = await statfs(tmpdir());
    if (bavail * bsize >= 2 ** 40) return t.skip("more than 1 TiB is free, the largest min_free_disk");
    const world = await withAdmin(t);
    await world.start();
    await reload(world, (sections) => (sections.daemon.min_free_disk = "1024G"));
    await become(world, ["disk-low"]);
    await reload(world, (sections) => (sections.daemon.min_free_disk = "16M"));
    await become(world, []);
  });

  it("client-secret-expires: the config has another secret", async (t) => {
    const world = await withAdmin(t);
    await world.start();
    await world.sqs.publish({ type: "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY", count: 1 });
    await become(world, ["client-secret-expires"]);
    await restart(world);
    await become(world, ["client-secret-expires"]);
    await restart(world, (sections) => (sections.application.client_secret = "amzn1.oa2-cs.v1.another"));
    await become(world, []);
    assert.equal((await world.status()).application.secret_expires, null);
  });

  it("any alarm about a section that is not there any more", async (t) => {
    const world = await withAdmin(t, {
      answer: () => ({ status: 503 }),
      config: (sections) => (sections["webhook erp"] = { ...sections["webhook wms"] }),
    });
    await world.start();
    await world.sqs.send(orders(6));
    await become(world, ["breaker-opened", "breaker-opened"]);
    await reload(world, (sections) => delete sections["webhook erp"]);
    await become(world, ["breaker-opened"]);
  });
});

describe("status asks the daemon", { concurrency: 2 }, () => {
  it("and has what happened before it was called, in the words of the STATUS line", async (t) => {
    let down = false;
    const world = await withAdmin(t, { answer: () => (down ? { status: 503 } : undefined) });
    const notify = await Notify.create(t, world.directory);
    await world.start({ env: notify.env });
    const fresh = () => world.until("the daemon answers", async () => {
      const status = await world.status();
      return status.daemon.state && status;
    });
    await world.sqs.send(orders(1));
    await world.says(/delivered/);
    const first = await fresh();
    assert.equal(first.notifications.received, 1);
    assert.ok(first.queues[0].last_message);
    assert.ok(first.webhooks[0].last_success);
    assert.equal(first.webhooks[0].in_flight, 0);
    assert.ok(first.daemon.noted_age <= 1);
    down = true;
    await world.sqs.send(orders(6, 2));
    await world.says(/does not work/);
    const second = await fresh();
    assert.notEqual(second.webhooks[0].breaker, "closed");
    assert.match(second.daemon.state, /^Receiving and delivering: .*; failing: wms$/);
    await world.until("systemd knows", () => /; failing: wms$/.test(notify.status));
    down = false;
    await world.settled();
    await world.until("systemd knows that it is over", () =>
      /^Receiving and delivering: 0 waiting, 7 delivered$/.test(notify.status));
    assert.equal((await fresh()).daemon.state, notify.status);
    const text = (await world.dockbell("status")).stdout;
    assert.match(text, /^State: +Receiving and delivering: 0 waiting, 7 delivered$/m);
  });

  it("and shows the age of the facts if there is no answer", async (t) => {
    const world = await withAdmin(t);
    await world.start();
    await world.until("facts are noted", async () => (await world.status()).daemon.noted);
    process.kill(world.daemon.pid, "SIGSTOP");
    const silent = await world.dockbell("status");
    process.kill(world.daemon.pid, "SIGCONT");
    assert.match(silent.stdout, /^State: +the daemon does not answer; this was noted \d.* ago$/m);
    await world.daemon.stop("SIGTERM");
    const gone = await world.dockbell("status");
    assert.match(gone.stdout, /^Daemon: not running. This is what it left in \S+ \d.* ago$/m);
    assert.equal((await world.status()).daemon.state, null);
  });
});
