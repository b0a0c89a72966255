// SPDX-License-Identifier: MIT
// The npm package fauxqs: an SQS that is not ours. It checks no signatures and injects no faults.
import { buildApp } from "fauxqs";
import { freePort } from "./port.js";

const REGION = "us-east-1";
const ACCOUNT = "000000000000";

export class Fauxqs {
  queue = "orders";
  sent = 0;

  get endpoint() {
    return `http://127.0.0.1:${this.port}`;
  }

  get arn() {
    return `arn:aws:sqs:${REGION}:${ACCOUNT}:${this.queue}`;
  }

  get aws() {
    return { access_key_id: "AKIAANYTHING", secret_access_key: "anything" };
  }

  async start() {
    this.port = await freePort();
    this.app = buildApp({ logger: false, host: "localhost" });
    await this.app.listen({ port: this.port, host: "127.0.0.1" });
    const { QueueUrl } = await this.call("CreateQueue", { QueueName: this.queue });
    this.url = QueueUrl;
  }

  async call(action, parameters) {
    const response = await fetch(this.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=AKIAANYTHING/20250101/${REGION}/sqs/aws4_request`,
      },
      body: JSON.stringify(parameters),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${action}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  async send(bodies) {
    for (let i = 0; i < bodies.length; i += 10) {
      const Entries = bodies.slice(i, i + 10).map((MessageBody, n) => ({ Id: String(n), MessageBody }));
      const { Failed = [] } = await this.call("SendMessageBatch", { QueueUrl: this.url, Entries });
      if (Failed.length) throw new Error(`SendMessageBatch: ${JSON.stringify(Failed)}`);
    }
  }

  async empty() {
    const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    const { Attributes } = await this.call("GetQueueAttributes", { QueueUrl: this.url, AttributeNames });
    return AttributeNames.every((name) => Attributes[name] === "0");
  }

  async close() {
    await this.app?.close();
  }
}
