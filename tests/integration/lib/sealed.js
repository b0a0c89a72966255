// SPDX-License-Identifier: MIT
// Opens what Dockbell has sealed, by docs/decisions/0032 and 0033 and with Node's own cryptography.
import { createDecipheriv, hkdfSync } from "node:crypto";

// Nonce, ciphertext and tag; `place`: the kind and the id that the value is bound to.
export function open(sealed, secret, purpose, place = { kind: 0, id: 0n }) {
  const made = Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), purpose, 40));
  const bound = Buffer.alloc(12);
  bound.writeUInt32LE(place.kind, 0);
  bound.writeBigInt64LE(BigInt(place.id), 4);
  const gcm = createDecipheriv("aes-256-gcm", made.subarray(0, 32), sealed.subarray(0, 12));
  gcm.setAAD(bound);
  gcm.setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([gcm.update(sealed.subarray(12, -16)), gcm.final()]);
  return { plain, keyId: made.subarray(32).toString("hex") };
}

// The plain form of the client secret's file, which must be sealed with the configured secret.
export function openClientSecret(text, configured) {
  const [, by, value] = /^sealed_by=([0-9a-f]{16})\nsealed=([A-Za-z0-9+/=]+)\n$/.exec(text) ?? [];
  if (!by) throw new Error(`not sealed: ${text.length} bytes`);
  const { plain, keyId } = open(Buffer.from(value, "base64"), configured, "dockbell client secret 1");
  if (keyId !== by) throw new Error(`sealed with ${by}, not ${keyId}`);
  return plain.toString();
}
