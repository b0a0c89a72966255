// SPDX-License-Identifier: MIT
// Law 8: a rotated client secret is never stored, logged or forwarded.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderChange } from "./lib/messages.js";
import { World } from "./lib/world.js";

const SECRET = "amzn1.oa2-cs.v1.d0n0tst0reme";

const message = JSON.stringify({
  notificationVersion: "1.0",
  notificationType: "APPLICATION_OAUTH_CLIENT_NEW_SECRET",
  payloadVersion: "1.0",
  eventTime: "2026-01-11T00:09:53.109Z",
  payload: {
    applicationOAuthClientNewSecret: {
      clientId: "amzn1.application-oa2-client.example",
      newClientSecret: SECRET,
      newClientSecretExpiryTime: "2026-07-10T00:09:53.109Z",
      oldClientSecretExpiryTime: "2026-01-18T00:09:53.109Z",
    },
  },
  notificationMetadata: {
    applicationId: "amzn1.sellerapps.app.example",
    subscriptionId: "s",
    publishTime: "2026-01-11T00:09:54.000Z",
    notificationId: "secret-1",
  },
});

const FORMS = {
  "as Amazon sends it": message,
  "cut in the middle": message.slice(0, message.indexOf(SECRET) + SECRET.length + 1),
  "as a JSON string": JSON.stringify(message),
  "in an SNS envelope": JSON.stringify({ Type: "Notification", Message: message }),
  "with its type escaped": message.replace("NEW_SECRET", "NEW\\u005fSECRET"),
};

describe("a new client secret", { concurrency: 5 }, () => {
  for (const [form, body] of Object.entries(FORMS))
    it(`${form}: stays in the queue and nowhere else`, async (t) => {
      const world = await World.create(t);
      await world.start();
      await world.sqs.send([body]);
      await world.until("it was received", async () => {
        const { calls } = await world.sandbox.state();
        return calls.ChangeMessageVisibility > 0 || calls.ChangeMessageVisibilityBatch > 0;
      });
      await world.says(/secret/i);
      await world.sqs.send([orderChange({ id: "after" })]);
      await world.until("the next one is delivered", () => world.receiver.delivered.has("after"));
      const { notifications, deliveries } = await world.status();
      assert.equal(notifications.received, 1, "it is not counted");
      assert.equal(deliveries.dead, 0);
      assert.equal(world.receiver.requests.length, 1, "it is not forwarded");
      await world.until("the other one is deleted", async () => {
        const { queues } = await world.sandbox.state();
        return queues[0].visible + queues[0].in_flight === 1;
      });
      await world.daemon.stop("SIGTERM");
      for (const [file, bytes] of await world.stateFiles())
        assert.ok(!bytes.includes(SECRET), `${file} contains it`);
      assert.ok(!world.daemon.stderr.includes(SECRET), "it is not logged");
    });
});
