// SPDX-License-Identifier: MIT
// Hosts that do not answer at all: switched off, or behind a firewall that drops. Each costs only what
// is sent to it; everything else goes on, and so does it when the host is back.
import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Receiver, SECRET } from "./lib/receiver.js";
import { FIXED } from "./lib/sandbox.js";
import { silentHost } from "./lib/silent.js";
import { SELLER_ID, World } from "./lib/world.js";

const COUNT = 280;
const orders = (prefix, count = COUNT) =>
  Array.from({ length: count }, (_, i) => orderChange({ id: `${prefix}-${i}`, order: `306-${prefix}-${i}` }));

// Attempts and probes follow each other closely, so that many connections fail within the test.
const EAGER = { connect_timeout: "1s", probe_first: "1s", probe_longest: "1s", retry_first: "1s", retry_longest: "1s" };

const connectionsTo = (world, port) => (world.daemon.stderr.match(new RegExp(`no connection to 127.0.0.1:${port}`, "g")) ?? []).length;

// Longer than all tries of one round of registration and the pause behind it; and than all tries of
// one command.
const ROUND = { seconds: 240 };
const COMMAND = { seconds: 120 };

// The port leads to another one from now on, until the test ends.
async function forward(t, port, target) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    const onward = net.connect(target, "127.0.0.1");
    for (const [from, to] of [[socket, onward], [onward, socket]]) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
    }
  });
  await new Promise((done, fail) => server.on("error", fail).listen(port, "127.0.0.1", done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

// A world whose second webhook stands behind a silent host: directly, or by what `webhook` says of it.
async function besideSilence(t, webhook, options = {}) {
  const host = await silentHost(t);
  const config = options.config;
  const world = await World.create(t, {
    ...options,
    config: (sections) => {
      sections["webhook quiet"] = { secret: SECRET, ...EAGER, ...webhook(host) };
      config?.(sections, host);
    },
  });
  return { world, host };
}

// A world whose SP-API stands behind a silent host, while Login with Amazon and SQS answer.
async function withoutSellingPartnerApi(t) {
  const host = await silentHost(t);
  const world = await World.create(t, {
    seller: { seller_id: SELLER_ID, region: "eu", refresh_token: FIXED.refresh_token, subscribe: "ORDER_CHANGE" },
    config: ({ application }) => (application.endpoint = `http://127.0.0.1:${host.port}`),
  });
  const why = new RegExp(`getDestinations: .*no connection to 127\\.0\\.0\\.1:${host.port} within 5 s`);
  return { world, host, why };
}

async function othersGoOn(world, prefix, count = COUNT) {
  const before = world.receiver.delivered.size;
  await world.sqs.send(orders(prefix, count));
  await world.until("everything is received", () => world.sqs.empty());
  await world.until("the others are delivered", () => world.receiver.delivered.size === before + count);
}

describe("a host that does not answer", { concurrency: 3 }, () => {
  it("a webhook: the others go on at full speed, and it gets everything when it is back", async (t) => {
    const { world, host } = await besideSilence(t, ({ url }) => ({ url }));
    await world.start();
    await othersGoOn(world, "first");
    await world.until("many connections have failed", () => connectionsTo(world, host.port) >= 8);
    await othersGoOn(world, "second");
    await host.end();
    const back = new Receiver();
    t.after(() => back.close());
    await back.listen(host.port);
    await world.until("all are delivered to it", () => back.delivered.size === 2 * COUNT);
    await world.settled();
    assert.deepEqual([...world.receiver.faults, ...back.faults], []);
  });

  it("a proxy: the others go on", async (t) => {
    const { world } = await besideSilence(t, ({ port }) => ({
      url: "https://wms.example/hook",
      proxy: `http://127.0.0.1:${port}`,
    }));
    await world.start();
    await othersGoOn(world, "first");
    await world.until("many connections have failed", () => (world.daemon.stderr.match(/within 1 s/g) ?? []).length >= 6);
    await othersGoOn(world, "second");
  });

  it("a token endpoint: the others go on", async (t) => {
    const { world } = await besideSilence(t, ({ port }) => ({
      url: "http://127.0.0.1:9/hook",
      oauth_token_url: `http://127.0.0.1:${port}/token`,
      oauth_client_id: "client",
      oauth_client_secret: "secret",
    }));
    await world.start();
    await othersGoOn(world, "first");
    await world.says(/webhook quiet.*token/);
    await othersGoOn(world, "second");
  });

  it("an alarm's address: deliveries go on", async (t) => {
    const { world, host } = await besideSilence(t, ({ url }) => ({ url }), {
      config: (sections, { url }) => (sections.alarm = { url, secret: SECRET }),
    });
    await world.start();
    await othersGoOn(world, "first");
    await world.says(/alarm.*no connection/);
    await othersGoOn(world, "second");
    await host.end();
    const back = new Receiver();
    t.after(() => back.close());
    await back.listen(host.port);
    await world.until("the alarm and the orders arrive", () =>
      back.delivered.size > 2 * COUNT && back.requests.some(({ type }) => type === "dockbell.alarm"));
  });

  it("SQS of one queue: the other queue goes on, and it is received from when it is back", async (t) => {
    const host = await silentHost(t);
    const world = await World.create(t, {
      config(sections) {
        sections["queue late"] = { arn: this.late, endpoint: `http://127.0.0.1:${host.port}` };
        sections["seller late"] = { queue: "late" };
      },
      late: "arn:aws:sqs:eu-west-1:444455556666:late-orders",
    });
    await world.sandbox.control("POST", "queues", { queue: "late-orders" }).catch(() => {});
    await world.start();
    await othersGoOn(world, "first");
    await world.until("polls of it have failed", () => /queue late/.test(world.daemon.stderr));
    await othersGoOn(world, "second");
    await host.end();
    await forward(t, host.port, world.sandbox.port);
    await world.says(/queue late.*again|receiving.*late/);
  });

  it("SQS of the only queue: received from as soon as it is back", async (t) => {
    const host = await silentHost(t);
    const world = await World.create(t, { queue: { endpoint: `http://127.0.0.1:${host.port}` } });
    await world.sqs.send(orders("waiting", 20));
    await world.start({ ready: false });
    await world.says(/queue orders/);
    await host.end();
    await forward(t, host.port, world.sandbox.port);
    await world.until("all are delivered", () => world.receiver.delivered.size === 20);
  });

  it("Login with Amazon and SP-API: orders are received and delivered, reloads included", async (t) => {
    const host = await silentHost(t);
    const world = await World.create(t, {
      seller: { seller_id: "A2WAREHOUSE0001", region: "eu", refresh_token: "Atzr|x", subscribe: "ORDER_CHANGE" },
      config: ({ application }) => (application.lwa_endpoint = `http://127.0.0.1:${host.port}/auth/o2/token`),
    });
    await world.start();
    for (const round of ["a", "b", "c", "d", "e"]) {
      world.options.webhook = { max_attempts: 20 + round.charCodeAt(0) };
      await world.writeConfig();
      world.daemon.kill("SIGHUP");
      await othersGoOn(world, round, 20);
    }
    assert.doesNotMatch(world.daemon.stderr, /could not be started|abort/i);
  });

  it("a webhook: ping and check --online say so, in time", async (t) => {
    const host = await silentHost(t);
    const world = await World.create(t, { webhook: { url: host.url, connect_timeout: "1s" } });
    const ping = await world.dockbell("ping", "wms");
    assert.equal(ping.code, 1);
    assert.match(ping.stderr, /no connection to 127\.0\.0\.1:\d+ within 1 s/);
    const check = await world.dockbell("check", "--online");
    assert.match(check.stdout + check.stderr, /webhook wms.*no connection to 127\.0\.0\.1:\d+ within 1 s/s);
  });
});

describe("an SP-API that does not answer", { concurrency: 4 }, () => {
  it("deliveries go on, and registration is done soon after it is back", async (t) => {
    const { world, host, why } = await withoutSellingPartnerApi(t);
    await world.start();
    await othersGoOn(world, "first");
    await world.until("the first round has failed", () => /registration failed/.test(world.daemon.stderr), ROUND);
    const [failure] = world.daemon.stderr.split("\n").filter((line) => /registration failed/.test(line));
    assert.match(failure, why);
    // The queue has answered during the round, so the next one is not a minute away.
    assert.match(failure, /next try is in \d{1,2}s, or at once with: dockbell register acme/);
    let seller;
    await world.until("status has it", async () => {
      [seller] = (await world.status()).sellers;
      return seller.registration === "failed" && seller.registration_next;
    });
    assert.match(seller.last_error, why);
    assert.ok(Date.parse(seller.registration_next) < Date.now() + 140_000, seller.registration_next);
    assert.match((await world.dockbell("status")).stdout, /NEXT TRY[^]*acme +orders +failed .* (in \d+s|in \dm|now) /);
    await othersGoOn(world, "second");
    await host.end();
    await forward(t, host.port, world.sandbox.port);
    await world.until("it is registered", async () => (await world.status()).sellers[0].registration === "created", ROUND);
    await world.says(/seller acme: what is registered with Amazon is as configured again/);
  });

  for (const command of [["register"], ["destinations", "list"], ["check", "--online"]])
    it(`${command.join(" ")} ends with a clear error`, async (t) => {
      const { world, why } = await withoutSellingPartnerApi(t);
      const { code, stdout, stderr } = await world.dockbell(...command, COMMAND);
      assert.equal(code, 1, stdout + stderr);
      assert.match(stdout + stderr, why);
    });
});
