// SPDX-License-Identifier: MIT
// Waiting on conditions. Deadlines are only there so that a broken program fails a test instead of
// hanging it; DOCKBELL_TEST_PATIENCE stretches them for slow machines and instrumented builds.

const patience = Number(process.env.DOCKBELL_TEST_PATIENCE ?? 1);
const PAUSE_MS = 20;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Thrown by a condition that can never come true any more.
export class Hopeless extends Error {}

// Calls `condition` until it returns something truthy, which is returned. What it throws counts as
// "not yet" and is shown when time is over. `context` adds to the message.
export async function until(what, condition, { seconds = 60, context = () => "" } = {}) {
  const deadline = Date.now() + seconds * 1000 * patience;
  let last;
  for (;;) {
    try {
      const result = await condition();
      if (result) return result;
      last = result;
    } catch (error) {
      if (error instanceof Hopeless) throw new Error(`never ${what}: ${error.message}\n${context()}`);
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`gave up waiting until ${what} (last: ${last?.stack ?? last})\n${context()}`);
    await pause(PAUSE_MS);
  }
}

// The promise's value, or an error when it takes too long.
export async function within(what, seconds, promise, context = () => "") {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(
      () => fail(new Error(`${what} took longer than ${seconds} s\n${context()}`)),
      seconds * 1000 * patience,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Watches that a condition stays true for a while. For "this must not happen": the only place where
// a length of time is part of the proof.
export async function stays(what, seconds, condition) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (!(await condition())) throw new Error(`did not stay: ${what}`);
    await pause(PAUSE_MS);
  }
}
