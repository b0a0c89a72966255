// SPDX-License-Identifier: MIT
// What the seed decides: the traffic of each round, its faults, its reloads and its end.
import { orderChange } from "../integration/lib/messages.js";
import { Random } from "../integration/lib/random.js";

const FIRST_TIME = Date.parse("2025-06-02T08:00:00.000Z");
const ORDERS = 60;
const QUEUES = ["orders", "returns"];

const ANSWERS = [
  { status: 503 },
  { status: 500 },
  { status: 429, retry_after: "1" },
  { close: true },
  { delay_ms: 40 },
  { status: 502, delay_ms: 20 },
];
const DELETES = ["500", "throttle", "close", "half", "garbage", "partial"];
const RECEIVES = ["500", "close", "half", "garbage", "md5", "duplicate"];

export class Plan {
  constructor(seed) {
    this.random = new Random(seed);
    this.ids = [];
  }

  #chance(share) {
    return this.random.next() < share;
  }

  #one(list) {
    return list[this.random.between(0, list.length - 1)];
  }

  // New notifications and copies of old and new ones, by queue. A copy may come through either queue.
  #traffic() {
    const sent = { orders: [], returns: [] };
    for (let left = this.random.between(10, 60); left > 0; left--) {
      const number = this.ids.length;
      const id = `soak-${number}-${this.random.hex(8)}`;
      const order = `306-3000000-${String(this.random.between(1, ORDERS)).padStart(7, "0")}`;
      const body = orderChange({ id, order, time: FIRST_TIME + number * 1000 });
      this.ids.push(id);
      sent[this.#one(QUEUES)].push(body);
      if (this.#chance(0.1)) sent[this.#one(QUEUES)].push(body);
      if (this.#chance(0.05) && this.last) sent[this.#one(QUEUES)].push(this.last);
      if (this.#chance(0.1)) this.last = body;
    }
    for (const queue of QUEUES) this.random.shuffle(sent[queue]);
    return sent;
  }

  #answers() {
    const some = [];
    for (const webhook of ["wms", "archive", "portal"])
      if (this.#chance(0.4)) some.push({ webhook, rule: { ...this.#one(ANSWERS), count: this.random.between(1, 12) } });
    return some;
  }

  #amazon() {
    const faults = [];
    if (this.#chance(0.4))
      faults.push({ op: "DeleteMessageBatch", kind: this.#one(DELETES), count: this.random.between(1, 6), after: this.#chance(0.5) });
    if (this.#chance(0.2))
      faults.push({ op: "ReceiveMessage", kind: this.#one(RECEIVES), count: this.random.between(1, 4) });
    return faults;
  }

  // A changed configuration, or (null) the same one again.
  #reload() {
    if (this.#chance(0.3)) return null;
    return {
      concurrency: this.random.between(1, 32),
      wait: `${this.random.between(1, 20)}s`,
      path: `/hooks/${this.random.between(1, 3)}`,
      silent: this.#chance(0.5),
      log_level: this.#one(["info", "notice", "debug"]),
    };
  }

  round() {
    const traffic = this.#traffic();
    const answers = this.#answers();
    const amazon = this.#amazon();
    const reloads = [];
    for (let left = this.#chance(0.5) ? this.random.between(1, 3) : 0; left > 0; left--)
      reloads.push({ after: this.random.between(0, 60), settings: this.#reload() });
    reloads.sort((a, b) => a.after - b.after);
    return {
      traffic,
      answers,
      amazon,
      reloads,
      requests: this.random.between(0, 150), // it ends after so many,
      early_ms: this.#chance(0.15) ? this.random.between(0, 200) : null, // or while it starts
      signal: this.#chance(0.2) ? "SIGTERM" : "SIGKILL",
    };
  }
}
