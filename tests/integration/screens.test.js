// SPDX-License-Identifier: MIT
// The screens that people look at, at 80 and 120 columns, against tests/screens.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { binary, root } from "./lib/program.js";
import { FIXED } from "./lib/sandbox.js";
import { compare, fits, picture, screen } from "./lib/screen.js";
import { World } from "./lib/world.js";

const WIDTHS = [80, 120];

// A warehouse on a bad day: one webhook works, one wants other credentials, one order is refused.
async function badDay(t) {
  const world = await World.create(t, {
    answer: (request) => {
      if (request.path?.includes("erp")) return { status: 401, body: "the signature is not from one of our partners" };
      return request.order?.endsWith("9") ? { status: 422, body: "unknown article" } : undefined;
    },
    seller: { seller_id: FIXED.seller_id, region: "eu", refresh_token: FIXED.refresh_token, subscribe: "ORDER_CHANGE" },
    webhook: { refused_delays: "1s, 1s" },
    config: (sections) => {
      const url = world_url(sections["webhook wms"].url, "erp");
      sections["webhook erp"] = { ...sections["webhook wms"], url, probe_first: "1h", probe_longest: "1h", retry_first: "10m" };
    },
  });
  await world.start();
  await world.sqs.send([1, 2, 3, 4, 5, 9].map((n) => orderChange({ id: `n-${n}`, seller: FIXED.seller_id, order: `306-1000001-000000${n}` })));
  await world.until("all has happened", async () => {
    const { webhooks, deliveries, alarms } = await world.status();
    return deliveries.delivered === 5 && deliveries.dead === 1 && webhooks.some((w) => w.breaker === "open") && alarms.length === 1;
  });
  await world.until("registration is done", async () => (await world.status()).sellers[0].registration);
  return world;
}

function world_url(url, name) {
  return new URL(name, url).href;
}

describe("a screen", () => {
  let world;
  const hooks = [];
  before(async () => {
    world = await badDay({ after: (end) => hooks.push(end) });
  });
  after(async () => {
    for (const end of hooks) await end();
  });
  const dockbell = (...args) => [binary("dockbell"), ...args, "--config", world.configFile];

  for (const columns of WIDTHS) {
    it(`of status, ${columns} columns`, async () => {
      await compare("status", columns, (await screen(dockbell("status"), { columns })).text);
    });

    it(`of queue list, ${columns} columns`, async () => {
      const text = (await screen(dockbell("queue", "list", "--state=all"), { columns })).text;
      fits(text, columns);
      await compare("queue-list", columns, text);
    });

    it(`of check --online, ${columns} columns`, async () => {
      await compare("check-online", columns, (await screen(dockbell("check", "--online"), { columns })).text);
    });

    it(`of register, ${columns} columns`, async () => {
      await compare("register", columns, (await screen(dockbell("register"), { columns })).text);
    });

    it(`of check --schedule, ${columns} columns`, async () => {
      await compare("check-schedule", columns, (await screen(dockbell("check", "--schedule"), { columns })).text, { tables: false });
    });
  }

  it("of status --watch keeps its first lines where there is little room", async () => {
    for (const rows of [24, 8]) {
      const text = await picture(dockbell("status", "--watch"), { columns: 80, rows });
      assert.match(text, /^Daemon: running/);
      assert.ok(text.trimEnd().split("\n").length < rows, text);
      fits(text, 80);
      if (rows === 8) assert.match(text, /room for no more lines/);
    }
  });
});

describe("the demo", { skip: process.env.DOCKBELL_BUILD && "it builds in build/" }, () => {
  for (const columns of WIDTHS) {
    it(`ends with a healthy warehouse, ${columns} columns`, async () => {
      const { code, text } = await screen([path.join(root, "scripts/demo")], { columns, rows: 60, seconds: 300 });
      assert.equal(code, 0, text);
      // The line of the progress is written again and again, until all has arrived.
      const shown = text.replace(/\n[^\n]*\r(?=[^\n])/g, "\n").replace(/ +\d+\/s$/m, "");
      assert.doesNotMatch(shown, /ALARM|expired|\d+d \d+h/);
      fits(shown, columns);
      // Which event comes first is chance.
      const [before, event] = shown.slice(shown.indexOf("What happened")).split("POST /hooks/amazon");
      assert.match(event, /\n {2}\{"type":"amazon\./);
      await compare("demo", columns, `${before}...${event.slice(event.indexOf("\n\nWhat the admin"))}`);
    });
  }
});
