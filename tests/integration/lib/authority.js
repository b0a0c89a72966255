// SPDX-License-Identifier: MIT
// An OAuth 2.0 token endpoint (RFC 6749, 4.4) in this process: it gives tokens for client
// credentials, notes every request, and knows which of its tokens are good.
import http from "node:http";
import https from "node:https";

const CLIENT = "dockbell";
export const CLIENT_SECRET = "oauth+s3cret/with:signs=";

const decode = (text) => decodeURIComponent(text.replace(/\+/g, " "));

// Id and secret, however they were sent.
function credentials({ authorization }, form) {
  if (!authorization) return { by: "post", id: form.get("client_id"), secret: form.get("client_secret") };
  const plain = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
  const [id, secret] = plain.split(":").map(decode);
  return { by: "basic", id, secret };
}

export class Authority {
  // `answer(form)` may say what to answer instead: {status, headers, body}; or nothing, by a promise
  // that is never kept.
  static async create(t, { tls, expires_in = 3600, answer = () => undefined } = {}) {
    const authority = new Authority();
    Object.assign(authority, { expires_in, answer, secret: CLIENT_SECRET, requests: [], good: new Set() });
    authority.server = tls ? https.createServer(tls) : http.createServer();
    authority.server.on("request", (request, response) => authority.#handle(request, response));
    await new Promise((done) => authority.server.listen(0, "127.0.0.1", done));
    authority.url = `${tls ? "https" : "http"}://127.0.0.1:${authority.server.address().port}/token`;
    t.after(() => {
      authority.server.closeAllConnections();
      authority.server.close();
    });
    return authority;
  }

  // The keys of a webhook's section.
  get keys() {
    return { oauth_token_url: this.url, oauth_client_id: CLIENT, oauth_client_secret: CLIENT_SECRET };
  }

  revokeAll() {
    this.good.clear();
  }

  // What a receiver answers that takes only good tokens.
  judge = ({ headers }) => {
    const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
    return this.good.has(token) ? { status: 204 } : { status: 401 };
  };

  // Every token that was given, good or not.
  get given() {
    return this.requests.map(({ token }) => token).filter(Boolean);
  }

  async #handle(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const record = { form, headers: request.headers, client: credentials(request.headers, form) };
    this.requests.push(record);
    const { status, headers = {}, body } = (await this.answer(form)) ?? this.#grant(record);
    response.writeHead(status, headers);
    response.end(body);
  }

  #grant(record) {
    if (record.client.id !== CLIENT || record.client.secret !== this.secret)
      return { status: 401, body: JSON.stringify({ error: "invalid_client" }) };
    record.token = `tok3n-${this.requests.length}-${Math.random().toString(36).slice(2)}`;
    this.good.add(record.token);
    const { token: access_token } = record;
    return { status: 200, body: JSON.stringify({ access_token, token_type: "Bearer", expires_in: this.expires_in }) };
  }
}
