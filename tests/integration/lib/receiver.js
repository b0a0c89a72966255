// SPDX-License-Identifier: MIT
// The warehouse's webhook, in this process. Every signature is verified by the npm package
// `standardwebhooks`; whatever a warehouse would mind is an entry in `faults`.
import http from "node:http";
import { createHash } from "node:crypto";
import { Webhook } from "standardwebhooks";

export const SECRET = "whsec_" + Buffer.from("integration tests sign with this").toString("base64");

// A lane is an order of one of Amazon's sellers; their id stands in the body only.
function laneOf(headers, body) {
  const order = headers["dockbell-order"];
  const [, seller] = /"sellerId"\s*:\s*"([^"]*)"/.exec(body.subarray(0, 2000).toString()) ?? [];
  return order ? `${seller}/${order}` : null;
}

// Whether Amazon's bytes report the state of the whole order. Types of which this is not known here,
// such as external fulfillment, count as if they did not.
function reportsState(body) {
  const text = body.toString("utf8");
  const has = (name, value) => new RegExp(`"${name}"\\s*:\\s*"${value}"`, "i").test(text);
  return has("OrderChangeType", "OrderStatusChange") && !has("NotificationLevel", "OrderItemLevel");
}

export class Receiver {
  // `answer(request)` says what to answer: {status, headers, body, delay_ms, drop} or a promise of it;
  // undefined: 204.
  constructor({ answer = () => undefined, secret = SECRET } = {}) {
    this.answer = answer;
    this.verifier = secret ? new Webhook(secret) : null;
    this.reset();
    this.sockets = new Set();
  }

  reset() {
    this.requests = []; // all, in order of arrival
    this.byId = new Map(); // webhook-id -> its requests
    this.delivered = new Map(); // webhook-id -> how often answered 2xx
    this.wrong = []; // what must never be
    this.unmarked = []; // states older than a delivered one of their lane, and not marked stale
    this.inFlight = new Map(); // lane -> number
    this.delivered_of = new Map(); // lane and type -> its delivered requests
  }

  get url() {
    return `http://127.0.0.1:${this.port}/hooks/amazon`;
  }

  async listen(port = 0) {
    this.server = http.createServer((request, response) => this.#receive(request, response));
    this.server.keepAliveTimeout = 60_000;
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise((done, fail) => {
      this.server.on("error", fail);
      this.server.listen(port, "127.0.0.1", done);
    });
    this.port = this.server.address().port;
  }

  // Connections are refused from now on.
  async close() {
    if (!this.server) return;
    const closed = new Promise((done) => this.server.close(done));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.server = null;
  }

  #receive(request, response) {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("error", () => {});
    request.on("end", () => {
      this.#handle(request, Buffer.concat(chunks), response).catch((error) =>
        this.wrong.push(`receiver: ${error.stack}`),
      );
    });
  }

  #verify(record) {
    if (!this.verifier) return;
    try {
      this.verifier.verify(record.body.toString("utf8"), record.headers);
    } catch (error) {
      this.wrong.push(`${record.id}: ${error.message}`);
    }
  }

  #note(record) {
    const earlier = this.byId.get(record.id);
    if (!earlier) this.byId.set(record.id, [record]);
    else {
      if (earlier[0].sha256 !== record.sha256)
        this.wrong.push(`${record.id}: other bytes than the first time`);
      earlier.push(record);
    }
    if (!record.lane) return;
    const others = this.inFlight.get(record.lane) ?? 0;
    if (others > 0) this.wrong.push(`${record.id}: ${record.lane} has a request in flight already`);
    this.inFlight.set(record.lane, others + 1);
    const newer = (this.delivered_of.get(record.kind) ?? []).filter((r) => r.eventTime > record.eventTime);
    if (record.isState && newer.length > 0 && !record.stale) this.unmarked.push({ record, newer });
    if (!record.isState && record.stale) this.wrong.push(`${record.id}: no state, but marked stale`);
  }

  #finish(record, status) {
    if (record.lane) this.inFlight.set(record.lane, this.inFlight.get(record.lane) - 1);
    record.status = status;
    if (status < 200 || status > 299) return;
    this.delivered.set(record.id, (this.delivered.get(record.id) ?? 0) + 1);
    if (!record.kind || !record.isState) return;
    if (!this.delivered_of.has(record.kind)) this.delivered_of.set(record.kind, []);
    this.delivered_of.get(record.kind).push(record);
  }

  async #handle(request, body, response) {
    const headers = request.headers;
    const lane = laneOf(headers, body);
    const record = {
      at: Date.now(),
      method: request.method,
      path: request.url,
      headers,
      body,
      id: headers["webhook-id"],
      lane,
      kind: lane && `${lane}/${headers["dockbell-type"]}`,
      order: headers["dockbell-order"],
      type: headers["dockbell-type"],
      attempt: Number(headers["dockbell-attempt"]),
      sequence: Number(headers["dockbell-sequence"]),
      eventTime: headers["dockbell-event-time"],
      isState: reportsState(body),
      stale: headers["dockbell-stale"] === "true",
      sha256: createHash("sha256").update(body).digest("hex"),
    };
    Object.defineProperty(record, "request", { value: request, enumerable: false });
    this.requests.push(record);
    if (request.method === "POST") this.#verify(record);
    if (request.method === "POST") this.#note(record);
    let ended = false;
    const finish = (status) => {
      if (!ended) this.#finish(record, status);
      ended = true;
    };
    request.socket.once("close", () => finish(0));
    const { status = 204, headers: extra = {}, body: text = "", delay_ms = 0, drop } = (await this.answer(record)) ?? {};
    // Unreferenced: an answer that nobody waits for any more does not hold up the end of the tests.
    if (delay_ms) await new Promise((done) => setTimeout(done, delay_ms).unref());
    if (drop) {
      finish(0);
      request.socket.destroy();
      return;
    }
    finish(status);
    response.writeHead(status, extra);
    response.end(text);
    request.socket.setMaxListeners(0);
  }

  // Everything that a warehouse would mind.
  get faults() {
    const old = this.unmarked.map(({ record }) => `${record.id}: older than a delivered one, and not marked stale`);
    return [...this.wrong, ...old];
  }

  // Ids answered 2xx more than once.
  get repeated() {
    return [...this.delivered].filter(([, times]) => times > 1).map(([id]) => id);
  }
}
