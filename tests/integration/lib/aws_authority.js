// SPDX-License-Identifier: MIT
// STS, the endpoint of EC2 and that of a container, in this process. The signatures of STS calls are verified by
// the npm package @smithy/signature-v4, which the AWS SDK brings.
import http from "node:http";
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { SignatureV4 } from "@smithy/signature-v4";
import { FIXED } from "./sandbox.js";

class Sha256 {
  constructor(secret) { this.hash = secret ? createHmac("sha256", secret) : createHash("sha256"); }
  update(data) { this.hash.update(data); }
  async digest() { return new Uint8Array(this.hash.digest()); }
}

const expiry = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

export class Authority {
  // life: seconds for which credentials are valid; keys: those that calls to STS are signed with.
  constructor({ life = 3600, keys = { accessKeyId: FIXED.access_key_id, secretAccessKey: FIXED.secret_access_key } } = {}) {
    Object.assign(this, { life, keys, requests: [], answers: {}, wrong: [] });
  }

  async listen(t) {
    this.server = http.createServer((request, response) => this.#take(request, response));
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    t.after(() => { this.server.closeAllConnections(); this.server.close(); });
    this.endpoint = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  get credentials() {
    const { key_id, secret, token } = FIXED.temporary;
    return { AccessKeyId: key_id, SecretAccessKey: secret, Token: token, Expiration: expiry(this.life) };
  }

  async #verify(request, body) {
    const given = request.headers.authorization ?? "";
    const signed = /SignedHeaders=([^,]+),/.exec(given)?.[1].split(";") ?? [];
    const region = /Credential=[^/]+\/\d{8}\/([^/]+)\/sts\//.exec(given)?.[1];
    const { key_id, secret, token } = FIXED.temporary;
    const temporary = given.includes(`Credential=${key_id}/`);
    const credentials = temporary ? { accessKeyId: key_id, secretAccessKey: secret, sessionToken: token } : this.keys;
    const signer = new SignatureV4({ credentials, region, service: "sts", sha256: Sha256, applyChecksum: false });
    const headers = Object.fromEntries(signed.map((name) => [name, request.headers[name]]));
    const signingDate = new Date(request.headers["x-amz-date"]?.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
    const again = await signer.sign({ method: "POST", protocol: "http:", path: "/", hostname: "127.0.0.1", headers, body, query: {} }, { signingDate });
    if (again.headers.authorization !== given) this.wrong.push({ given, expected: again.headers.authorization });
  }

  async #take(request, response) {
    let body = "";
    for await (const part of request) body += part;
    const record = { method: request.method, url: request.url, headers: request.headers, form: Object.fromEntries(new URLSearchParams(body)) };
    this.requests.push(record);
    const answer = (status, text, type = "application/json") => response.writeHead(status, { "content-type": type }).end(text);
    if (request.method === "PUT" && request.url === "/latest/api/token") return answer(200, "imds-token", "text/plain");
    if (request.url.startsWith("/latest/meta-data/iam/security-credentials")) {
      if (request.headers["x-aws-ec2-metadata-token"] !== "imds-token") return answer(401, "");
      if (request.url.endsWith("/security-credentials/")) return answer(200, "warehouse-role", "text/plain");
      return answer(200, JSON.stringify({ Code: "Success", Type: "AWS-HMAC", ...this.credentials }));
    }
    if (request.url === "/container") {
      if (this.token && request.headers.authorization !== this.token) return answer(403, "{}");
      return answer(200, JSON.stringify(this.credentials));
    }
    if (request.method === "POST" && request.url === "/") return this.#sts(record, request, body, answer);
    answer(404, "");
  }

  async #sts({ form }, request, body, answer) {
    const xml = (status, text) => answer(status, text, "text/xml");
    if (form.Action !== "AssumeRoleWithWebIdentity") await this.#verify(request, body);
    if (this.refusal) return xml(403, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${this.refusal}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`);
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = this.credentials;
    const result = form.Action === "GetCallerIdentity"
      ? "<Arn>arn:aws:sts::444455556666:assumed-role/dockbell/session</Arn><UserId>AROA:session</UserId><Account>444455556666</Account>"
      : `<Credentials><AccessKeyId>${AccessKeyId}</AccessKeyId><SecretAccessKey>${SecretAccessKey}</SecretAccessKey><SessionToken>${Token}</SessionToken><Expiration>${Expiration}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::444455556666:assumed-role/dockbell/s</Arn></AssumedRoleUser>`;
    xml(200, `<${form.Action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${form.Action}Result>${result}</${form.Action}Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${form.Action}Response>`);
  }
}
