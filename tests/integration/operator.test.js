// SPDX-License-Identifier: MIT
// The journal names the person behind a change: who has logged in, or who sudo says it is. The
// journal is a socket of this test's own, in a mount namespace of its own.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { Notify } from "./lib/notify.js";
import { binary, installed } from "./lib/program.js";
import { skip, SmallDisk } from "./lib/small_disk.js";
import { until } from "./lib/wait.js";
import { World } from "./lib/world.js";

const nobody = 0xffffffff; // of proc_pid_loginuid(5)
const login = Number(readFileSync("/proc/self/loginuid", "utf8"));
const loggedIn = login !== nobody && login !== process.getuid();

// A world with a delivery that can be held and released, and its journal.
async function create(t) {
  const world = await World.create(t, { answer: () => ({ status: 400 }), webhook: { refused_delays: "1s" } });
  await world.start();
  await world.sqs.send([orderChange({ id: "id-1", order: "306-a" })]);
  await world.until("it is dead", async () => (await world.status()).deliveries.dead === 1);
  const disk = await SmallDisk.create(t, "/run/systemd", "1m");
  mkdirSync(path.join(disk.path, "journal"));
  const journal = await Notify.create(t, path.join(disk.path, "journal"), "socket");
  return { world, disk, audit: (name = "operated") => journal.having("DOCKBELL_EVENT", name) };
}

describe("the audit of an operator's change", { skip }, () => {
  it("names the person behind sudo, with the verb, the target and the count", async (t) => {
    const { world, disk, audit } = await create(t);
    const args = ["queue", "drop", "ALL", "--state=dead", "--config", world.configFile];
    const { code, stderr } = await disk.run(binary("dockbell"), args, { env: { SUDO_USER: "anna" } });
    assert.equal(code, 0, stderr);
    const [event] = await until("the journal has it", () => audit().length === 1 && audit());
    assert.match(event.DOCKBELL_OPERATOR, loggedIn ? /^login of / : /^sudo by anna$/);
    assert.equal(event.DOCKBELL_UID, "0");
    assert.equal(event.DOCKBELL_VERB, "drop");
    assert.equal(event.DOCKBELL_TARGET, "ALL --state=dead");
    assert.equal(event.DOCKBELL_COUNT, "1");
    assert.match(event.MESSAGE, loggedIn ? /^user 0 \(login of / : /^user 0 \(sudo by anna\) ran: queue drop ALL --state=dead /);
  });

  it("names who has logged in before what sudo says", async (t) => {
    const { world, disk, audit } = await create(t);
    const command = 'echo 65534 >/proc/self/loginuid || exit 99; exec "$@"';
    const args = ["-c", command, "sh", binary("dockbell"), "queue", "drop", "ALL", "--config", world.configFile];
    const { code, stderr } = await disk.run(installed("sh"), args, { env: { SUDO_USER: "anna" } });
    if (code === 99) return t.skip("this kernel lets nobody set a loginuid");
    assert.equal(code, 0, stderr);
    const [event] = await until("the journal has it", () => audit().length === 1 && audit());
    assert.equal(event.DOCKBELL_OPERATOR, "login of nobody");
  });

  it("names nobody where nobody is known", { skip: loggedIn && "somebody has logged in" }, async (t) => {
    const { world, disk, audit } = await create(t);
    const { code, stderr } = await disk.dockbell(world, "queue", "drop", "ALL");
    assert.equal(code, 0, stderr);
    const [event] = await until("the journal has it", () => audit().length === 1 && audit());
    assert.equal(event.DOCKBELL_OPERATOR, undefined);
    assert.match(event.MESSAGE, /^user 0 ran: queue drop ALL /);
  });

  it("reports who has read a body or made a backup, and nothing for a list", async (t) => {
    const { world, disk, audit } = await create(t);
    const [{ id }] = await world.list("--state=dead");
    const copy = path.join(world.directory, "copy.db");
    for (const args of [["queue", "list", "--state=all"], ["queue", "show", String(id)], ["backup", copy]]) {
      const command = [...args, "--config", world.configFile];
      const { code, stderr } = await disk.run(binary("dockbell"), command, { env: { SUDO_USER: "anna" } });
      assert.equal(code, 0, stderr);
    }
    const events = await until("the journal has both", () => audit("data-read").length >= 2 && audit("data-read"));
    const seen = events.map((event) => `${event.DOCKBELL_VERB} ${event.DOCKBELL_TARGET}`);
    assert.deepEqual(seen, [`queue show ${id}`, `backup ${copy}`]);
    for (const event of events) assert.match(event.DOCKBELL_OPERATOR, loggedIn ? /^login of / : /^sudo by anna$/);
  });
});
