// SPDX-License-Identifier: MIT
// dockbell-sandbox: Amazon in a box, and its control endpoint.
import { Program } from "./program.js";
import { until } from "./wait.js";

const REGION = "eu-west-1";
const ACCOUNT = "444455556666";

// Fixed and documented in dockbell-sandbox(1).
export const FIXED = {
  client_id: "amzn1.application-oa2-client.dockbell-sandbox",
  client_secret: "amzn1.oa2-cs.v1.dockbell-sandbox-client-secret",
  seller_id: "A297A7DJHEYXBY",
  refresh_token: "Atzr|dockbell-sandbox-refresh-token-of-seller-A297A7DJHEYXBY",
  access_key_id: "AKIADOCKBELLSANDBOX0",
  secret_access_key: "DockbellSandbox/Secret+Access+Key/000001",
  // Keys that are valid with their session token only.
  temporary: { key_id: "ASIADOCKBELLSANDBOX0", secret: "DockbellSandbox/Secret+Access+Key/000002", token: "IQoJb3JpZ2luX2VjDockbellSandbox/Session+Token/0000000001==" },
};

export class Sandbox {
  // args: more of its command line.
  constructor({ queue = "amazon-orders", args = [] } = {}) {
    this.queue = queue;
    this.args = args;
  }

  get endpoint() {
    return `http://127.0.0.1:${this.port}`;
  }

  get arn() {
    return `arn:aws:sqs:${REGION}:${ACCOUNT}:${this.queue}`;
  }

  get aws() {
    const { access_key_id, secret_access_key } = FIXED;
    return { access_key_id, secret_access_key };
  }

  get application() {
    return {
      client_id: FIXED.client_id,
      client_secret: FIXED.client_secret,
      lwa_endpoint: `${this.endpoint}/auth/o2/token`,
      endpoint: this.endpoint,
    };
  }

  async start() {
    this.program = new Program("dockbell-sandbox", ["--listen", "127.0.0.1:0", ...this.args]);
    const ready = () => /ready on http:\/\/127\.0\.0\.1:(\d+)/.exec(this.program.stdout + this.program.stderr);
    const [, port] = await until("the sandbox is ready", ready, {
      seconds: 20,
      context: () => this.program.tail(),
    });
    this.port = Number(port);
  }

  async control(method, name, body) {
    const response = await fetch(`${this.endpoint}/_sandbox/${name}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { "content-type": "application/json" },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`/_sandbox/${name}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  state() {
    return this.control("GET", "state?limit=0");
  }

  // Generated order changes; the same seed gives the same bytes.
  publish(options) {
    return this.control("POST", "publish", { queue: this.queue, ...options });
  }

  // These bodies, in this order.
  async send(bodies) {
    for (let i = 0; i < bodies.length; i += 500)
      await this.publish({ bodies: bodies.slice(i, i + 500) });
  }

  fault(fault) {
    return this.control("POST", "faults", fault);
  }

  clearFaults() {
    return this.control("DELETE", "faults");
  }

  clock(offset_s) {
    return this.control("POST", "clock", { offset_s });
  }

  // Time passes at Amazon, so that what was hidden becomes visible; its wall clock stays right.
  async pass(seconds) {
    await this.clock(seconds);
    await this.clock(0);
  }

  // Whether every message was deleted.
  async empty() {
    const { queues } = await this.state();
    const queue = queues.find((q) => q.name === this.queue);
    return queue.visible + queue.in_flight + queue.delayed === 0;
  }

  async stop() {
    await this.program?.stop();
  }
}
