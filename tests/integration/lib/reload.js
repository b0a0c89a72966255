// SPDX-License-Identifier: MIT
import { rename, writeFile } from "node:fs/promises";
import { configText } from "./config.js";

// Writes the config as `change(sections)` makes it, in one step: a daemon that reads it just then sees
// the old or the new one.
export async function reconfigure(world, change) {
  const sections = world.sections();
  change(sections);
  const fresh = `${world.configFile}.new`;
  await writeFile(fresh, configText(sections), { mode: 0o600 });
  await rename(fresh, world.configFile);
}

// The same for a daemon that runs: it reads it again. Returns what it said.
export async function reload(world, change, pattern = /was read again/) {
  await reconfigure(world, change);
  const before = world.daemon.stderr.length;
  world.daemon.kill("SIGHUP");
  await world.until(`the daemon says ${pattern}`, () => pattern.test(world.daemon.stderr.slice(before)));
  return world.daemon.stderr.slice(before);
}
