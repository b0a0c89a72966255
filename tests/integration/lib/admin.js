// SPDX-License-Identifier: MIT
// The admin endpoint of a world's daemon: over TCP, or over a Unix socket when `listen` is a path.
import http from "node:http";
import { World } from "./world.js";

export async function withAdmin(t, options = {}) {
  const world = await World.create(t, {
    ...options,
    config: (sections) => {
      sections.admin = { listen: "127.0.0.1:0", ...options.admin };
      options.config?.(sections);
    },
  });
  world.admin = (path, request) => ask(world, path, request);
  world.metrics = async () => new Metrics((await world.admin("/metrics")).text);
  return world;
}

// The port of the endpoint that was opened last.
export function port(world) {
  const all = [...world.daemon.stderr.matchAll(/admin endpoint on \S+, port (\d+)/g)];
  return Number(all.at(-1)?.[1]);
}

// Status, headers and text of one request.
async function ask(world, path, { method = "GET", headers = {}, socketPath } = {}) {
  await world.says(/admin endpoint on/);
  const where = socketPath ? { socketPath } : { host: "127.0.0.1", port: port(world) };
  return new Promise((done, fail) => {
    const request = http.request({ ...where, path, method, headers, agent: false }, async (response) => {
      let text = "";
      for await (const part of response.setEncoding("utf8")) text += part;
      done({ status: response.statusCode, headers: response.headers, text });
    });
    request.on("error", fail);
    request.end();
  });
}

// Prometheus' text format 0.0.4, read strictly: what is not of it is an error.
export class Metrics {
  families = new Map(); // name -> {type, help}
  samples = []; // {name, labels, value}

  constructor(text) {
    this.text = text;
    if (!text.endsWith("\n")) throw new Error("the last line has no end");
    for (const line of text.slice(0, -1).split("\n")) this.#read(line);
  }

  #read(line) {
    const help = /^# HELP ([a-z_]+) (\S.*)$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    const sample = /^([a-z_]+)(\{.*\})? (-?[0-9.e+]+)$/.exec(line);
    if (help) {
      if (this.families.has(help[1])) throw new Error(`${help[1]} has two HELP lines`);
      this.families.set(help[1], { help: help[2] });
    } else if (type) {
      const family = this.families.get(type[1]);
      if (!family || family.type) throw new Error(`TYPE of ${type[1]} is not behind its HELP, or is there twice`);
      family.type = type[2];
    } else if (sample) {
      const labels = {};
      const rest = (sample[2] ?? "{}").slice(1, -1).replace(/([a-z_]+)="((?:[^"\\]|\\.)*)",?/g, (_, name, value) => {
        labels[name] = value.replace(/\\(.)/g, (__, c) => (c === "n" ? "\n" : c));
        return "";
      });
      if (rest) throw new Error(`labels cannot be read: ${line}`);
      this.samples.push({ name: sample[1], labels, value: Number(sample[3]) });
    } else throw new Error(`no line of the format: ${line}`);
  }

  // The samples of a name that have these labels.
  all(name, labels = {}) {
    const fits = (sample) => Object.entries(labels).every(([key, value]) => (sample.labels[key] ?? "") === value);
    return this.samples.filter((sample) => sample.name === name && fits(sample));
  }

  // Their sum; undefined when there is none.
  get(name, labels) {
    const found = this.all(name, labels);
    return found.length ? found.reduce((sum, { value }) => sum + value, 0) : undefined;
  }
}
