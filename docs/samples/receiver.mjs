// SPDX-License-Identifier: MIT
// A receiver for Dockbell: verifies, stores, answers, then works. Node 18, nothing else.
// WEBHOOK_SECRET (whsec_..., two separated by a comma while rotating), PORT, STATE (a directory).
//
// It has no database: the inbox is a directory with one file for each webhook-id. With a database,
// let it be a table with webhook-id as its primary key.
import { createHmac, timingSafeEqual } from "node:crypto";
import { link, mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import http from "node:http";
import path from "node:path";

const TOLERANCE_S = 300;
const BODY_MAX = 4 * 1024 * 1024;
const keys = process.env.WEBHOOK_SECRET.split(",").map((secret) =>
  Buffer.from(secret.trim().replace(/^whsec_/, ""), "base64"),
);
const inbox = path.join(process.env.STATE, "inbox");
const orders = new Map(); // the state of each order; a database in real life

function whyNotGenuine(headers, body) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id) || !/^[0-9]{1,12}$/.test(timestamp))
    return "no webhook-id or webhook-timestamp";
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S)
    return "timestamp too far from our clock";
  const given = (headers["webhook-signature"] ?? "").split(" ").map((text) => Buffer.from(text));
  for (const key of keys) {
    const sum = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
    const wanted = Buffer.from(`v1,${sum.digest("base64")}`);
    if (given.some((one) => one.length === wanted.length && timingSafeEqual(one, wanted))) return null;
  }
  return "wrong signature";
}

// Dedupe and store in one step: on disk first, then under its name, which only one can take.
async function store(id, sequence, body) {
  const draft = path.join(inbox, `.${id}.${process.pid}.${sequence}.${Math.random()}`);
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(Buffer.concat([Buffer.from(`${sequence}\n`), body]));
    await file.sync();
    await link(draft, path.join(inbox, id));
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    await file.close();
    await unlink(draft);
  }
  const directory = await open(inbox);
  await directory.sync();
  await directory.close();
  return true;
}

// Not a tip, not an event about one item: the state of the whole order.
const reportsState = ({ changeType, level }) =>
  changeType === "OrderStatusChange" && (level ?? "OrderLevel") === "OrderLevel";

// What the event changes. Late states change nothing, and doing it twice does no harm.
function apply(id, sequence, event) {
  // Ping, and types that we do not know.
  if (event.type !== "amazon.order_change") return console.log("ignored", id, event.type);
  const { data, timestamp } = event;
  // The buyer wants to cancel. Act on it whenever it arrives: stop the parcel if it is still here.
  if (data.cancelRequested) {
    console.log("requested", id, data.orderId);
    if (!reportsState(data)) return;
  }
  // Act on it if you need it, but never compare it with a state.
  if (!reportsState(data)) return console.log("ignored", id, event.type);
  if (typeof timestamp !== "string") throw new Error("no timestamp");
  const key = `${data.sellerId}/${data.orderId}`;
  const known = orders.get(key);
  if (known && (timestamp < known.timestamp || (timestamp === known.timestamp && sequence <= known.sequence)))
    return console.log("stale", id, data.orderId);
  orders.set(key, { timestamp, sequence, status: data.status });
  console.log("applied", id, data.orderId, data.status, timestamp);
}

// One bad event must not stop the rest. Its file stays in the inbox, for the next start.
function workOn(id, sequence, body) {
  try {
    apply(id, sequence, JSON.parse(body));
  } catch (error) {
    console.log("failed", id, error.message);
  }
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks); // the raw bytes, before any parser
}

async function receive(request, response) {
  const body = await bodyOf(request);
  if (!body) return response.writeHead(413, { connection: "close" }).end();
  const why = whyNotGenuine(request.headers, body);
  // Not 400: Dockbell keeps the event and tries again, until the secret is right.
  if (why) return response.writeHead(401).end(why);
  const id = request.headers["webhook-id"];
  const sequence = Number(request.headers["dockbell-sequence"] ?? 0) || 0;
  const isNew = await store(id, sequence, body);
  if (isNew) setImmediate(workOn, id, sequence, body);
  else console.log("repeat", id);
  response.writeHead(204).end(); // only what is on disk is answered with 2xx
}

// What was stored before the last stop. Old files may be deleted after 7 days or more.
async function replay() {
  await mkdir(inbox, { recursive: true });
  for (const id of (await readdir(inbox)).filter((name) => !name.startsWith("."))) {
    const text = await readFile(path.join(inbox, id), "utf8");
    const end = text.indexOf("\n");
    workOn(id, Number(text.slice(0, end)), text.slice(end + 1));
  }
}

await replay();
const server = http.createServer((request, response) => {
  receive(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end(); // Dockbell tries again
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () =>
  console.log("listening on", server.address().port),
);
