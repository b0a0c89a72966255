// SPDX-License-Identifier: MIT
// A world with the configuration of tests/fixtures/0.1.0: three webhooks, a receiver of alarms, and
// secrets as systemd hands them over. Only the addresses in it change.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { root } from "./program.js";
import { Receiver, SECRET } from "./receiver.js";
import { FIXED } from "./sandbox.js";
import { World } from "./world.js";

export const FIXTURE = path.join(root, "tests/fixtures/0.1.0");
export const WEBHOOKS = ["wms", "erp", "pos"];

const SECRETS = {
  "aws-secret-access-key": FIXED.secret_access_key,
  "lwa-client-secret": FIXED.client_secret,
  "acme-refresh-token": FIXED.refresh_token,
  "wms-secret": SECRET,
};

export class Installation {
  static async create(t) {
    const here = new Installation();
    here.world = await World.create(t);
    here.receivers = {};
    for (const name of [...WEBHOOKS, "alarms"]) {
      const receiver = new Receiver();
      await receiver.listen();
      t.after(() => receiver.close());
      here.receivers[name] = receiver;
    }
    await here.#furnish();
    return here;
  }

  async #furnish() {
    const { directory, sandbox, configFile, stateDirectory } = this.world;
    const credentials = path.join(directory, "credentials");
    await mkdir(credentials);
    for (const [name, value] of Object.entries(SECRETS)) await writeFile(path.join(credentials, name), `${value}\n`);
    const ports = { 8100: sandbox.port };
    for (const [i, name] of [...WEBHOOKS, "alarms"].entries()) ports[8200 + i] = this.receivers[name].port;
    const text = await readFile(path.join(FIXTURE, "dockbell.conf"), "utf8");
    const moved = text.replace(/(http:\/\/127\.0\.0\.1:)(\d+)/g, (_, host, port) => host + ports[port]);
    await writeFile(configFile, moved, { mode: 0o600 });
    this.env = { STATE_DIRECTORY: stateDirectory, CREDENTIALS_DIRECTORY: credentials };
  }

  start() {
    return this.world.start({ env: this.env });
  }

  // A command that succeeds. Gives its output.
  async run(...args) {
    const { code, stdout, stderr } = await this.world.dockbell(...args, { env: this.env });
    if (code !== 0) throw new Error(`dockbell ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  async status() {
    return JSON.parse(await this.run("status", "--output=json"));
  }

  // Every delivery in one of these states; without one all that are not done.
  async list(...states) {
    const lines = [];
    for (const state of states.length ? states : [null])
      lines.push(await this.run("queue", "list", "--output=json", ...(state ? [`--state=${state}`] : [])));
    return lines.join("").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }
}
