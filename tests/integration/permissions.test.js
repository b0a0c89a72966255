// SPDX-License-Identifier: MIT
// Whoever can write the configuration decides where orders go: it must be root's or the daemon's.
import assert from "node:assert/strict";
import { chmod, chown, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { World } from "./lib/world.js";

const STRANGER = 54321;
const asRoot = { skip: process.getuid() === 0 ? false : "only root gives files away" };

// A world with a drop-in.
async function create(t, options) {
  const world = await World.create(t, options);
  world.dropIns = path.join(world.directory, "conf.d");
  world.dropIn = path.join(world.dropIns, "local.conf");
  await mkdir(world.dropIns);
  await writeFile(world.dropIn, "[webhook wms]\ntimeout = 5s\n", { mode: 0o644 });
  return world;
}

async function isRefused(world, text) {
  for (const command of ["check", "run"]) {
    const { code, stderr } = await world.dockbell(command);
    assert.equal(code, 78, `${command}: ${stderr}`);
    assert.ok(stderr.includes(text), `${command}: ${stderr}`);
  }
}

describe("permissions of the configuration", { concurrency: 4 }, () => {
  const writable = {
    "the config file": (world) => world.configFile,
    "a drop-in": (world) => world.dropIn,
    "conf.d": (world) => world.dropIns,
  };
  for (const [name, find] of Object.entries(writable))
    it(`${name} that every user can write is refused by check and run`, async (t) => {
      const world = await create(t);
      const file = find(world);
      await chmod(file, file === world.dropIns ? 0o777 : 0o666);
      await isRefused(world, `chmod go-w ${file}\n`);
    });

  it("a directory of the config file that every user can write is refused, a sticky one is not", async (t) => {
    const world = await create(t);
    await chmod(world.directory, 0o777);
    await isRefused(world, `chmod go-w ${world.directory}/\n`);
    await chmod(world.directory, 0o1777);
    assert.equal((await world.dockbell("check")).code, 0);
  });

  it("a file that a group can write is refused, unless the group is root", asRoot, async (t) => {
    const world = await create(t);
    await chmod(world.dropIn, 0o664);
    assert.equal((await world.dockbell("check")).code, 0);
    await chown(world.dropIn, 0, STRANGER);
    await isRefused(world, `the group ${STRANGER} can write this file: chmod g-w ${world.dropIn}\n`);
  });

  it("a file of another user is refused, one of the state directory's owner is not", asRoot, async (t) => {
    const world = await create(t);
    await chown(world.dropIn, STRANGER, 0);
    await isRefused(world, `belongs to ${STRANGER}, who is neither root nor the daemon's user: chown root ${world.dropIn}\n`);
    await chown(world.stateDirectory, STRANGER, 0);
    assert.equal((await world.dockbell("check")).code, 0);
  });

  it("a reload refuses it, and the daemon goes on with what it has", async (t) => {
    const world = await create(t);
    await world.start();
    await chmod(world.dropIn, 0o666);
    world.daemon.child.kill("SIGHUP");
    await world.says(/every user can write this file: chmod go-w/);
    assert.ok(world.daemon.running);
  });

  it("check warns of each secret that every user can read", async (t) => {
    const world = await create(t);
    const file = path.join(world.directory, "key");
    await writeFile(file, "k".repeat(64), { mode: 0o644 });
    world.options.config = (sections) => {
      sections.admin = { listen: "127.0.0.1:0", token_key: `file:${file}` };
      Object.assign(sections["webhook wms"], {
        headers: "X-Api-Key: hush-hush",
        client_key: file,
        client_certificate: file,
      });
    };
    await world.writeConfig();
    await chmod(world.configFile, 0o644);
    const { stderr } = await world.dockbell("check");
    for (const label of ["[admin] token_key", "[webhook wms] client_key"])
      assert.ok(stderr.includes(`warning: ${label}: every user can read ${file}: chmod o-r ${file}`), stderr);
    assert.match(stderr, /warning: \[webhook wms\] headers: X-Api-Key: this file contains the secret/);
    assert.doesNotMatch(stderr, /hush-hush/);
  });
});

describe("files that root's commands leave in the state directory", { concurrency: 4 }, () => {
  // The daemon's user opens them at the next start: a file of root's would end that. Each start makes
  // the socket `wake` again.
  async function belongTo(world, uid) {
    const names = (await readdir(world.stateDirectory)).filter((name) => name !== "wake");
    const owners = await Promise.all(names.map(async (name) => [name, (await stat(path.join(world.stateDirectory, name))).uid]));
    assert.deepEqual(owners.filter(([, owner]) => owner !== uid), []);
    return names;
  }

  it("belong to the owner of the directory: a run in the foreground, then a command for each file", asRoot, async (t) => {
    const world = await World.create(t);
    await mkdir(world.stateDirectory, { recursive: true });
    await chown(world.stateDirectory, STRANGER, STRANGER);
    await world.start();
    await world.settled();
    await world.daemon.stop();
    assert.ok((await belongTo(world, STRANGER)).includes("dockbell.db"));
    for (const command of [["store", "clean"], ["register"], ["check", "--store"], ["queue", "list"], ["status"]]) {
      const { code, stderr } = await world.dockbell(...command);
      assert.equal(code, 0, `${command}: ${stderr}`);
      await belongTo(world, STRANGER);
    }
  });

  it("a lock that is missing is the owner's again after a command", asRoot, async (t) => {
    const world = await World.create(t);
    await mkdir(world.stateDirectory, { recursive: true });
    await world.start();
    await world.daemon.stop();
    const names = (await readdir(world.stateDirectory)).map((name) => path.join(world.stateDirectory, name));
    await Promise.all(names.filter((name) => name.endsWith("/lock")).map((name) => rm(name)));
    await Promise.all([world.stateDirectory, ...names.filter((name) => !name.endsWith("/lock"))].map((name) => chown(name, STRANGER, STRANGER)));
    const { code, stderr } = await world.dockbell("store", "clean");
    assert.equal(code, 0, stderr);
    assert.ok((await belongTo(world, STRANGER)).includes("lock"));
  });
});
