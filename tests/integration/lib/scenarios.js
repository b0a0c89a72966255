// SPDX-License-Identifier: MIT
// What must hold whatever SQS is behind it: run against the sandbox and against an emulator that is
// not ours.
import assert from "node:assert/strict";
import { notificationId, withId } from "./messages.js";

// Sends the traffic and proves that each id arrives once, in the order of its order.
export async function checkTraffic(world, { ids, bodies }) {
  await world.sqs.send(bodies);
  await world.until("every id is delivered", () => world.receiver.delivered.size === ids.length);
  await world.settled();
  assert.deepEqual([...world.receiver.delivered.keys()].sort(), [...ids].sort());
  assert.deepEqual(world.receiver.repeated, []);
  assert.deepEqual(world.receiver.faults, []);
  const { notifications, deliveries } = await world.status();
  assert.equal(notifications.received, notifications.accepted + notifications.duplicates);
  assert.equal(notifications.accepted, ids.length);
  assert.equal(deliveries.delivered, ids.length);
  for (const request of world.receiver.requests) {
    const sent = bodies.find((body) => notificationId(body) === request.id);
    assert.ok(request.body.toString("utf8").endsWith(`"notification":${sent}}}`), request.id);
  }
}

// Sends the samples, each with an id of its own, and proves that their bytes arrive.
export async function checkSamples(world, samples) {
  const sent = samples
    .filter(({ body }) => !body.includes("newClientSecret"))
    .map(({ name, body }, i) => ({ name, id: `sample-${i}`, body: withId(body, `sample-${i}`) }));
  assert.ok(sent.length >= 12);
  await world.sqs.send(sent.map(({ body }) => body));
  await world.until("every sample is delivered", () => world.receiver.delivered.size === sent.length);
  await world.settled();
  for (const { name, id, body } of sent) {
    const [request, ...more] = world.receiver.byId.get(id);
    assert.equal(more.length, 0, name);
    const text = request.body.toString("utf8");
    assert.ok(text.endsWith(`"notification":${body.trim()}}}`), name);
    const { type, data } = JSON.parse(text);
    assert.equal(data.id, id, name);
    assert.equal(data.notificationType, request.type, name);
    assert.equal(type, `amazon.${data.notificationType.toLowerCase().replace(/[^a-z0-9_]/g, "_")}`, name);
  }
  assert.deepEqual(world.receiver.faults, []);
}
