// SPDX-License-Identifier: MIT
// systemd's end of $NOTIFY_SOCKET: what the daemon told, in order. Node has no datagram sockets of
// that kind, so a small program listens.
import path from "node:path";
import { Program } from "./program.js";
import { until } from "./wait.js";

// One datagram: {at_usec, and its assignments}.
function parse(line) {
  const [time, ...rest] = line.split(" ");
  const assignments = rest.join(" ").split("\t").filter(Boolean).map((text) => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return { at_usec: Number(time), ...Object.fromEntries(assignments) };
}

export class Notify {
  // journald's socket takes records of the same form: KEY=value, one a line.
  static async create(t, directory, name = "notify") {
    const notify = new Notify();
    notify.socket = path.join(directory, name);
    notify.program = new Program("dockbell-notify-listener", [notify.socket]);
    t.after(() => notify.program.stop());
    await until("somebody listens", () => notify.program.stdout.startsWith("listening\n"), {
      context: () => notify.program.tail(),
    });
    return notify;
  }

  // What a daemon needs in its environment to be heard.
  get env() {
    return { NOTIFY_SOCKET: this.socket };
  }

  get told() {
    return this.program.stdout.split("\n").slice(1, -1).map(parse);
  }

  // The datagrams with this assignment.
  having(name, value) {
    return this.told.filter((d) => (value === undefined ? name in d : d[name] === value));
  }

  get status() {
    return this.having("STATUS").at(-1)?.STATUS;
  }
}
