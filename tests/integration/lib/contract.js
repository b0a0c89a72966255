// SPDX-License-Identifier: MIT
// Holds requests and answers of SP-API against Amazon's own model: the npm package
// @stoplight/prism-cli, which is not ours, stands between our client and the sandbox and names in a
// header what the model does not allow.
import { existsSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { freePort } from "./port.js";
import { Program, root } from "./program.js";
import { until } from "./wait.js";

export const MODEL = path.resolve(root, "../shared/data/models/notifications.json");
export const modelIsThere = existsSync(MODEL);

const require = createRequire(import.meta.url);
const prism = path.join(path.dirname(require.resolve("@stoplight/prism-cli/package.json")), "dist/index.js");

const valueAt = (body, keys) => keys.reduce((value, key) => value?.[key], body);

export class Contract {
  calls = []; // {method, url, status, violations}
  nulls = new Set(); // what is null in an answer although the model has no null

  get endpoint() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  get violations() {
    return this.calls.flatMap(({ method, url, violations }) => violations.map((v) => `${method} ${url}: ${v}`));
  }

  async start(upstream) {
    this.port = await freePort();
    const args = [prism, "proxy", MODEL, upstream, "-p", String(this.port), "-v", "error"];
    this.program = new Program(process.execPath, args);
    await until("the validator answers", () => fetch(`http://127.0.0.1:${this.port}/`).catch(() => null), {
      seconds: 60,
      context: () => this.program.tail(),
    });
    this.server = http.createServer((request, response) => this.#pass(request, response));
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
  }

  async #pass(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const options = { port: this.port, method: request.method, path: request.url, headers: request.headers };
    const passed = http.request({ host: "127.0.0.1", ...options }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      const body = Buffer.concat(parts);
      this.#note(request, answer, body);
      response.writeHead(answer.statusCode, { "content-type": answer.headers["content-type"] ?? "" });
      response.end(body);
    });
    passed.on("error", () => response.destroy());
    passed.end(Buffer.concat(chunks));
  }

  #note(request, answer, body) {
    const { method, url } = request;
    const found = JSON.parse(answer.headers["sl-violations"] ?? "[]");
    const violations = found.filter((v) => !this.#isNull(v, body)).map((v) => JSON.stringify(v));
    this.calls.push({ method, url, status: answer.statusCode, violations });
  }

  #isNull({ location }, body) {
    const [where, part, ...keys] = location;
    if (where !== "response" || part !== "body" || valueAt(JSON.parse(body), keys) !== null) return false;
    this.nulls.add(keys.filter((key) => !/^\d+$/.test(key)).join("."));
    return true;
  }

  async close() {
    this.server?.closeAllConnections();
    await new Promise((done) => (this.server ? this.server.close(done) : done()));
    await this.program?.stop();
  }
}
