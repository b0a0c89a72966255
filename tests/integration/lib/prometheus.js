// SPDX-License-Identifier: MIT
// Prometheus, which is not ours, with the rules of config/monitoring: it scrapes a world's daemon.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { freePort } from "./port.js";
import { installed, Program, root } from "./program.js";
import { until } from "./wait.js";

const RULES = path.join(root, "config/monitoring/dockbell.rules.yml");

export class Prometheus {
  static async create(t, world) {
    const prometheus = new Prometheus();
    const [, target] = /admin endpoint on \S+, port (\d+)/.exec(world.daemon.stderr);
    const folder = path.join(world.directory, "prometheus");
    await mkdir(folder);
    const config = {
      global: { scrape_interval: "500ms", scrape_timeout: "500ms", evaluation_interval: "500ms" },
      rule_files: [RULES],
      scrape_configs: [{ job_name: "dockbell", static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
    };
    // JSON is YAML.
    await writeFile(path.join(folder, "prometheus.yml"), JSON.stringify(config));
    const port = await freePort();
    prometheus.url = `http://127.0.0.1:${port}/api/v1`;
    prometheus.program = new Program(installed("prometheus"), [
      `--config.file=${path.join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${path.join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    t.after(() => prometheus.program.stop());
    await until("Prometheus answers", () => prometheus.query("vector(1)"), { context: () => prometheus.program.tail() });
    return prometheus;
  }

  async api(name, parameters = {}) {
    const response = await fetch(`${this.url}/${name}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = await response.json();
    if (status !== "success") throw new Error(`${name} ${JSON.stringify(parameters)}: ${error}`);
    return data;
  }

  // The result vector of a query now.
  async query(query) {
    return (await this.api("query", { query })).result;
  }
}
