// SPDX-License-Identifier: MIT
// /metrics: the numbers agree with what was sent and with what the sandbox saw, and Prometheus' own
// tool has nothing to say against them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { Metrics, withAdmin } from "./lib/admin.js";
import { orderChange, traffic } from "./lib/messages.js";
import { installed, root } from "./lib/program.js";
import { Prometheus } from "./lib/prometheus.js";
import { certificates } from "./lib/reached.js";
import { FIXED } from "./lib/sandbox.js";
import { until } from "./lib/wait.js";

const DASHBOARD = path.join(root, "config/monitoring/dockbell.dashboard.json");
const seller = { seller_id: "A2WAREHOUSE0001" };
const registered = { seller_id: FIXED.seller_id, region: "eu", refresh_token: FIXED.refresh_token, subscribe: "ORDER_CHANGE" };

function lint(text) {
  const { status, stdout, stderr, error } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  if (error) throw error;
  return status === 0 ? stdout + stderr : `${status}: ${stdout}${stderr}`;
}

describe("metrics", { concurrency: 4 }, () => {
  it("is what Prometheus reads, each HELP and TYPE once", async (t) => {
    const world = await withAdmin(t, { seller });
    await world.start();
    const answer = await world.admin("/metrics");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    const metrics = new Metrics(answer.text);
    for (const [name, { type }] of metrics.families) assert.ok(type, `${name} has a type`);
    assert.equal((await world.admin("/metrics", { method: "POST" })).status, 405);
    const head = await world.admin("/metrics", { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.text, "");
  });

  // A world in which everything is known that a metric can tell.
  async function complete(t) {
    const world = await withAdmin(t, { seller: { ...registered, subscribe: undefined, seller_id: "A2WAREHOUSE0001" } });
    const { ca } = await certificates(world.directory);
    world.options.webhook = { ca_file: ca };
    world.options.config = (sections) => {
      sections.admin = { listen: "127.0.0.1:0" };
      sections["seller registered"] = { ...registered, queue: "orders" };
    };
    await world.writeConfig();
    await world.start();
    const ends = "2036-01-02T03:04:05.000Z";
    const expiry = readFileSync(path.join(root, "tests/samples/client-secret-expiry.json"), "utf8")
      .replace("amzn1.application-oa2-client.example", FIXED.client_id)
      .replace("2025-09-01T00:00:00.000Z", ends);
    await world.sandbox.send([...traffic({ count: 20 }).bodies, expiry]);
    await world.settled();
    await world.says(/seller registered.*created/);
    await world.until("its tokens are there", async () => (await world.metrics()).get("dockbell_spapi_calls_total") > 1);
    return { world, ends };
  }

  it("has every metric of docs/metrics.md, and no other", async (t) => {
    const { world, ends } = await complete(t);
    const metrics = await world.metrics();
    const rows = [...readFileSync(path.join(root, "docs/metrics.md"), "utf8").matchAll(/^\| `([a-z_]+)` \| ([a-z]+) \|/gm)];
    assert.deepEqual([...metrics.families].map(([name, { type }]) => `${name} ${type}`), rows.map(([, name, type]) => `${name} ${type}`));
    for (const [, name, type] of rows.filter(([, name]) => name !== "dockbell_aws_credentials_expiry_timestamp_seconds")) // not of static keys
      assert.ok(metrics.get(type === "histogram" ? `${name}_count` : name) !== undefined, `${name} has a value`);
    assert.equal(metrics.get("dockbell_client_secret_expiry_timestamp_seconds"), Date.parse(ends) / 1000);
    assert.ok(metrics.get("dockbell_certificate_expiry_timestamp_seconds", { webhook: "wms", kind: "authority" }) > Date.now() / 1000);
  });

  it("Prometheus itself reads it, and every rule and panel has an answer", async (t) => {
    if (!installed("prometheus")) return t.skip("prometheus (Debian's package) is not installed");
    const { world } = await complete(t);
    const prometheus = await Prometheus.create(t, world);
    await world.until("it has scraped twice", async () => (await prometheus.query("count_over_time(up[5m]) > 1")).length);
    assert.deepEqual((await prometheus.query("up")).map(({ value }) => value[1]), ["1"]);
    assert.equal((await prometheus.query("dockbell_notifications_accepted_total"))[0].value[1], String(21));
    const { status, stdout, stderr } = spawnSync("python3", [path.join(root, "tests/monitoring/dashboard.py"), "--queries", DASHBOARD], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    // What shows faults is empty while there are none, and a rate needs two scrapes with messages.
    for (const query of stdout.trim().split("\n")) {
      const answer = await prometheus.query(query);
      if (!/> 0$|outcome!=|changes|\[1d\]|histogram_quantile/.test(query)) assert.ok(answer.length, `${query} has no answer`);
    }
    await world.until("the rules are evaluated", async () => {
      const { groups } = await prometheus.api("rules");
      const rules = groups.flatMap(({ rules }) => rules);
      return rules.length > 15 && rules.every(({ health }) => health === "ok");
    });
    const { alerts } = await prometheus.api("alerts");
    assert.deepEqual(alerts.filter(({ state }) => state === "firing"), [], "all is well");
    assert.ok(alerts.some(({ labels }) => labels.alertname === "DockbellCertificateEnds"), "but for what will end in two days");
  });

  it("promtool has nothing to say", async (t) => {
    if (!installed("promtool")) return t.skip("promtool (Debian's package prometheus) is not installed");
    const world = await withAdmin(t, { seller: registered });
    await world.start();
    await world.sandbox.send(traffic({ count: 20 }).bodies);
    await world.settled();
    assert.equal(lint((await world.admin("/metrics")).text), "");
  });

  it("counts what was sent", async (t) => {
    const world = await withAdmin(t, { seller });
    await world.start();
    const { ids, bodies } = traffic({ count: 200, duplicates: 0.1 });
    await world.sandbox.send([...bodies, "no notification"]);
    await world.settled();
    const metrics = await world.metrics();
    const copies = bodies.length - ids.length;
    assert.equal(metrics.get("dockbell_notifications_received_total"), bodies.length + 1);
    assert.equal(metrics.get("dockbell_notifications_accepted_total"), ids.length);
    assert.equal(metrics.get("dockbell_notifications_duplicates_total"), copies);
    assert.equal(metrics.get("dockbell_notifications_rejected_total"), 1);
    const queue = { queue: "orders" };
    assert.equal(metrics.get("dockbell_queue_messages_total", { ...queue, result: "new" }), ids.length);
    assert.equal(metrics.get("dockbell_queue_messages_total", { ...queue, result: "copy" }), copies);
    assert.equal(metrics.get("dockbell_queue_messages_total", { ...queue, result: "rejected" }), 1);
    assert.equal(metrics.get("dockbell_seller_notifications_total", { ...queue, seller: "acme" }), ids.length);
    assert.equal(metrics.get("dockbell_seller_notifications_total", { ...queue, seller: "" }), 0);
    assert.equal(metrics.get("dockbell_queue_publish_to_receive_seconds_count", queue), ids.length);
    const webhook = { webhook: "wms" };
    assert.equal(metrics.get("dockbell_deliveries", { ...webhook, state: "delivered" }), ids.length);
    assert.equal(metrics.get("dockbell_deliveries", { webhook: "", state: "dead" }), 1);
    assert.equal(metrics.get("dockbell_delivery_moves_total", { ...webhook, state: "delivered" }), ids.length);
    assert.equal(metrics.get("dockbell_attempts_total", { ...webhook, result: "delivered", status: "2xx" }), ids.length);
    assert.equal(metrics.get("dockbell_attempts_total"), world.receiver.requests.length);
    assert.equal(metrics.get("dockbell_attempt_duration_seconds_count", webhook), ids.length);
    assert.equal(metrics.get("dockbell_publish_to_delivery_seconds_count", webhook), ids.length);
    assert.equal(metrics.get("dockbell_backlog_deliveries"), 0);
    assert.equal(metrics.get("dockbell_webhook_oldest_age_seconds"), 0);
    assert.equal(metrics.get("dockbell_store_settles_total"), ids.length);
    assert.equal(metrics.get("dockbell_webhook_breaker", { ...webhook, state: "closed" }), 1);
    assert.ok(metrics.get("dockbell_store_commits_total", { result: "ok" }) > 0);
    const now = Date.now() / 1000;
    for (const name of ["dockbell_queue_last_receive", "dockbell_queue_last_message", "dockbell_seller_last_notification", "dockbell_webhook_last_success"])
      assert.ok(Math.abs(metrics.get(`${name}_timestamp_seconds`) - now) < 600, name);
  });

  it("a histogram's buckets add up", async (t) => {
    const world = await withAdmin(t, { seller });
    await world.start();
    const at = Date.now() - 3 * 3600_000; // published three hours ago
    await world.sandbox.send([orderChange({ id: "11111111-0000-4000-8000-000000000001", time: at })]);
    await world.settled();
    const metrics = await world.metrics();
    const buckets = metrics.all("dockbell_publish_to_delivery_seconds_bucket", { webhook: "wms" });
    const of = (le) => buckets.find(({ labels }) => labels.le === le).value;
    assert.equal(of("3600"), 0);
    assert.equal(of("21600"), 1);
    assert.equal(of("+Inf"), 1);
    const bounds = buckets.map(({ labels }) => Number(labels.le.replace("+Inf", "Infinity")));
    assert.deepEqual(bounds, [...bounds].sort((a, b) => a - b));
    const sum = metrics.get("dockbell_publish_to_delivery_seconds_sum");
    assert.ok(sum > 10_000 && sum < 12_000, `${sum} s`);
  });

  it("SQS calls are those that SQS saw", async (t) => {
    const world = await withAdmin(t, { seller, queue: { wait: "1s" } });
    await world.start();
    await world.sandbox.send(traffic({ count: 30 }).bodies);
    await world.settled();
    // Polls go on meanwhile: the two are equal at some moment.
    await world.until("both agree", async () => {
      const before = (await world.sandbox.state()).calls;
      const metrics = await world.metrics();
      const after = (await world.sandbox.state()).calls;
      const of = (operation) => metrics.get("dockbell_sqs_calls_total", { operation, outcome: "ok" });
      return ["ReceiveMessage", "DeleteMessageBatch", "GetQueueAttributes", "GetQueueUrl"].every(
        (name) => (before[name] ?? 0) - 1 <= of(name) && of(name) <= (after[name] ?? 0),
      );
    });
    const metrics = await world.metrics();
    assert.equal(metrics.get("dockbell_queue_pollers"), 1);
    assert.ok(Math.abs(metrics.get("dockbell_clock_offset_seconds")) < 60);
  });

  it("calls to Login with Amazon and to SP-API are counted", async (t) => {
    const world = await withAdmin(t, { seller: registered });
    await world.start();
    await world.says(/seller acme.*created/);
    await world.until("it is counted", async () => (await world.metrics()).get("dockbell_spapi_calls_total", { operation: "createSubscription" }) === 1);
    const metrics = await world.metrics();
    assert.equal(metrics.get("dockbell_spapi_calls_total", { operation: "createDestination", outcome: "ok" }), 1);
    assert.equal(metrics.get("dockbell_lwa_calls_total", { outcome: "ok" }), 2);
    assert.equal(metrics.get("dockbell_seller_registration_failing", { seller: "acme" }), 0);
    const ends = metrics.all("dockbell_access_token_expiry_timestamp_seconds");
    assert.equal(ends.length, 2);
    for (const { value } of ends) assert.ok(value > Date.now() / 1000 + 3000 && value < Date.now() / 1000 + 3700);
  });

  it("faults have their class, and the breaker shows", async (t) => {
    let status = 503;
    const world = await withAdmin(t, { seller, answer: () => ({ status }) });
    await world.start();
    await world.sandbox.send(traffic({ count: 20, duplicates: 0 }).bodies);
    const webhook = { webhook: "wms" };
    await world.until("the breaker is open", async () => (await world.metrics()).get("dockbell_webhook_breaker", { state: "closed" }) === 0);
    let metrics = await world.metrics();
    assert.ok(metrics.get("dockbell_attempts_total", { result: "destination_fault", status: "5xx" }) >= 5);
    assert.equal(metrics.get("dockbell_attempts_total", { result: "delivered" }), 0);
    assert.equal(metrics.get("dockbell_webhook_backlog_deliveries", webhook), 20);
    assert.equal(metrics.get("dockbell_backlog_deliveries"), 20);
    assert.ok(metrics.get("dockbell_webhook_oldest_age_seconds", webhook) > 0);
    assert.equal(metrics.get("dockbell_alarm_raised", { alarm: "breaker-opened", subject: "wms" }), 1);
    status = 422;
    await world.until("events are refused", async () => (await world.metrics()).get("dockbell_attempts_total", { result: "event_fault", status: "4xx" }) > 0);
    status = 410;
    await world.until("it is paused", async () => (await world.metrics()).get("dockbell_webhook_paused", webhook) === 1);
    metrics = await world.metrics();
    assert.ok(metrics.get("dockbell_attempts_total", { result: "gone", status: "4xx" }) > 0);
  });

  it("counters outlast a reload; the store's a restart as well", async (t) => {
    const world = await withAdmin(t, { seller });
    await world.start();
    await world.sandbox.send(traffic({ count: 10, duplicates: 0 }).bodies);
    await world.settled();
    world.options.webhook = { timeout: "7s" };
    world.options.config = (sections) => (sections.admin = { listen: "127.0.0.1:0" });
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.says(/admin endpoint on[^]*admin endpoint on/);
    let metrics = await world.metrics();
    assert.equal(metrics.get("dockbell_attempts_total", { result: "delivered" }), 10);
    assert.equal(metrics.get("dockbell_queue_messages_total", { result: "new" }), 10);
    assert.equal(metrics.get("dockbell_config_reload_ok"), 1);
    await world.daemon.stop();
    await world.start();
    metrics = await world.metrics();
    assert.equal(metrics.get("dockbell_notifications_accepted_total"), 10);
    assert.equal(metrics.get("dockbell_attempts_total", { result: "delivered" }), 0);
    assert.equal(metrics.get("dockbell_deliveries", { webhook: "wms", state: "delivered" }), 10);
    assert.ok(metrics.get("dockbell_webhook_last_success_timestamp_seconds") > 0, "remembered");
  });

  it("a refused reload shows", async (t) => {
    const world = await withAdmin(t, { seller });
    await world.start();
    world.options.webhook = { timeout: "never" };
    await world.writeConfig();
    world.daemon.child.kill("SIGHUP");
    await world.until("it shows", async () => (await world.metrics()).get("dockbell_config_reload_ok") === 0);
  });

  it("the process's own numbers are the kernel's", async (t) => {
    const world = await withAdmin(t, { seller });
    await world.start();
    const metrics = await world.metrics();
    const { pid } = world.daemon;
    const fds = readdirSync(`/proc/${pid}/fd`).length;
    assert.ok(Math.abs(metrics.get("process_open_fds") - fds) <= 3);
    const [, rss] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
    assert.ok(Math.abs(metrics.get("process_resident_memory_bytes") / (rss * 4096) - 1) < 0.5);
    assert.ok(metrics.get("process_cpu_seconds_total") > 0);
    assert.ok(Math.abs(metrics.get("process_start_time_seconds") - Date.now() / 1000) < 600);
    const size = statSync(path.join(world.stateDirectory, "dockbell.db")).size;
    assert.ok(metrics.get("dockbell_store_size_bytes") >= size);
  });

  it("no secret is in it", async (t) => {
    const world = await withAdmin(t, { seller: registered, admin: { token_key: "a key as long as it has to be, or longer" } });
    await world.start();
    const { text } = await world.admin("/metrics");
    for (const secret of [FIXED.client_secret, FIXED.refresh_token, FIXED.secret_access_key, FIXED.access_key_id, "as long as it has to be", world.receiver.url])
      assert.ok(!text.includes(secret), secret);
  });
});

describe("readyz", { concurrency: 4 }, () => {
  it("ready when it receives and delivers", async (t) => {
    const world = await withAdmin(t, { seller });
    await world.start();
    const { status, text } = await world.admin("/readyz");
    assert.equal(text, "ready\n");
    assert.equal(status, 200);
    const json = await world.admin("/readyz", { headers: { accept: "application/json" } });
    assert.deepEqual(JSON.parse(json.text), { ready: true, reasons: [] });
    assert.equal((await world.metrics()).get("dockbell_ready"), 1);
    assert.equal((await world.admin("/readyz", { method: "DELETE" })).status, 405);
  });

  it("says which queue does not answer, and why", async (t) => {
    const world = await withAdmin(t, { seller, queue: { wait: "1s" } });
    world.options.config = (sections) => {
      sections.admin = { listen: "127.0.0.1:0" };
      sections.aws.secret_access_key = "not-the-right-one-by-far";
    };
    await world.writeConfig();
    await world.start({ ready: false });
    await world.says(/orders.*(Signature|refused|key)/i);
    const { status, text } = await world.admin("/readyz");
    assert.equal(status, 503);
    assert.match(text, /^not ready\nqueue orders: it has not answered since the start: .*\n$/s);
    assert.match(text, /Signature/);
    assert.ok(!text.includes("by far"));
  });

  it("a paused webhook, and one that does not answer, make it not ready", async (t) => {
    let status = 204;
    const world = await withAdmin(t, { seller, answer: () => ({ status }) });
    await world.start();
    assert.equal((await world.dockbell("queue", "pause", "wms")).code, 0);
    await world.until("it is not ready", async () => (await world.admin("/readyz")).status === 503);
    const paused = await world.admin("/readyz", { headers: { accept: "application/json" } });
    const { ready, reasons } = JSON.parse(paused.text);
    assert.equal(ready, false);
    assert.deepEqual(reasons.map(({ kind, name }) => `${kind} ${name}`), ["webhook wms"]);
    assert.match(reasons[0].reason, /paused since 20.*dockbell queue resume wms/);
    assert.equal((await world.dockbell("queue", "resume", "wms")).code, 0);
    await world.until("it is ready", async () => (await world.admin("/readyz")).status === 200);
    status = 503;
    await world.sandbox.send(traffic({ count: 20 }).bodies);
    await world.until("it is not ready", async () => (await world.admin("/readyz")).status === 503);
    assert.match((await world.admin("/readyz")).text, /webhook wms: it does not take events for .*503/);
    assert.equal((await world.metrics()).get("dockbell_ready"), 0);
    status = 204;
    await world.until("it is ready", async () => (await world.admin("/readyz")).status === 200);
  });

  it("a queue that stops answering makes it not ready after three polls' time", async (t) => {
    const world = await withAdmin(t, { seller, queue: { wait: "1s" } });
    await world.start();
    await world.sandbox.stop();
    await world.says(/orders.*(refused|reset)/);
    assert.equal((await world.admin("/readyz")).status, 200, "one failure is none yet");
    await world.until("it is not ready", async () => (await world.admin("/readyz")).status === 503);
    assert.match((await world.admin("/readyz")).text, /^not ready\nqueue orders: nothing was received for \d+s: .*refused/);
    assert.equal((await world.metrics()).get("dockbell_queue_failing"), 1);
    assert.ok((await world.metrics()).get("dockbell_sqs_calls_total", { operation: "ReceiveMessage", outcome: "unreachable" }) > 0);
  });

  it("little disk makes it not ready", async (t) => {
    const world = await withAdmin(t, { seller, daemon: { min_free_disk: "900G" } });
    await world.start({ ready: false });
    const { status, text } = await world.admin("/readyz");
    assert.equal(status, 503);
    assert.match(text, /less than min_free_disk \(921600 MiB\) is free/);
  });
});

describe("a Unix socket", () => {
  it("listens for our user and group, after a kill and a reload too", async (t) => {
    const world = await withAdmin(t, { seller });
    const socketPath = path.join(world.directory, "admin.sock");
    world.options.config = (sections) => (sections.admin = { listen: `unix:${socketPath}` });
    await world.writeConfig();
    await world.start();
    assert.equal((await world.admin("/healthz", { socketPath })).text, "alive\n");
    assert.equal(statSync(socketPath).mode & 0o777, 0o660);
    world.daemon.child.kill("SIGKILL");
    await world.daemon.ended;
    world.daemon.told = true;
    assert.ok(statSync(socketPath).isSocket(), "left behind");
    await world.start();
    assert.equal((await world.admin("/readyz", { socketPath })).status, 200);
    world.daemon.child.kill("SIGHUP");
    await world.says(/admin endpoint on[^]*admin endpoint on/);
    assert.equal((await world.admin("/metrics", { socketPath })).status, 200);
    await world.daemon.stop("SIGTERM");
    await until("the socket is gone", () => !readdirSync(world.directory).includes("admin.sock"));
  });
});
