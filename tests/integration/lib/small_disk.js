// SPDX-License-Identifier: MIT
// A real file system of a test's own over a directory, in a mount namespace of its own: it can be
// full or read-only. Needs root and util-linux.
import { readFileSync, rmSync, statfsSync, appendFileSync } from "node:fs";
import path from "node:path";
import { binary, installed, Program, run } from "./program.js";
import { until } from "./wait.js";

const possible = process.getuid() === 0 && installed("unshare") && installed("nsenter") && installed("mount");
export const skip = possible ? false : "needs root and util-linux";

export class SmallDisk {
  static async create(t, directory, size) {
    const disk = new SmallDisk();
    disk.directory = directory;
    disk.holder = new Program(installed("unshare"), ["--mount", "--propagation", "private", installed("cat")]);
    t.after(() => disk.holder.stop());
    await until("the namespace is there", () => disk.#is("cat"));
    await disk.mount("-t", "tmpfs", "-o", `size=${size},mode=0700`, "none", directory);
    return disk;
  }

  #is(name) {
    return readFileSync(`/proc/${this.holder.pid}/comm`, "utf8").trim() === name;
  }

  #enter(program, args) {
    return ["-t", String(this.holder.pid), "-m", program, ...args];
  }

  async mount(...args) {
    const { code, stderr } = await run(installed("nsenter"), this.#enter(installed("mount"), args));
    if (code !== 0) throw new Error(`mount ${args.join(" ")}: ${stderr}`);
  }

  // The directory as a process outside sees it.
  get path() {
    return `/proc/${this.holder.pid}/root${this.directory}`;
  }

  get free() {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  // Takes all that is free; the daemon may take some of it meanwhile.
  fill() {
    try {
      appendFileSync(path.join(this.path, "filler"), Buffer.alloc(this.free));
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
    }
  }

  clear() {
    rmSync(path.join(this.path, "filler"));
  }

  // A dockbell that sees this disk: the daemon of a world, or a command.
  async start(world, { ready = true, env } = {}) {
    world.daemon = new Program(
      installed("nsenter"),
      this.#enter(binary("dockbell"), ["run", "--config", world.configFile]),
      { env },
    );
    if (ready) await world.becomes("receiving", (daemon) => daemon.stderr.includes("eady"));
    return world.daemon;
  }

  dockbell(world, ...args) {
    return this.run(binary("dockbell"), [...args, "--config", world.configFile]);
  }

  // Any program that sees it.
  run(program, args, options) {
    return run(installed("nsenter"), this.#enter(program, args), options);
  }
}
