// SPDX-License-Identifier: MIT
// A wall clock for our programs that the test sets while they run (tests/wall_clock). CLOCK_BOOTTIME
// and CLOCK_MONOTONIC stay real, as they do on a machine whose clock is set.
import { open } from "node:fs/promises";
import path from "node:path";
import { binary } from "./program.js";

export class WallClock {
  constructor(world) {
    this.file = path.join(world.directory, "wall-clock");
  }

  // So far ahead of the real one, from now on; below 0: behind.
  async set(ahead_s) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(ahead_s) * 1_000_000n);
    this.handle ??= await open(this.file, "w");
    await this.handle.write(bytes, 0, bytes.length, 0);
  }

  close() {
    return this.handle?.close();
  }

  // For a program that is to have this clock. With sanitizers, theirs would want to be the first library.
  env(extra = {}) {
    return {
      LD_PRELOAD: binary("wall_clock"),
      WALL_CLOCK: this.file,
      ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ""}:verify_asan_link_order=0`,
      ...extra,
    };
  }
}
