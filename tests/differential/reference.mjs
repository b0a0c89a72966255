// SPDX-License-Identifier: MIT
// The same as strict_cli.c, with node's own parser: strict UTF-8 first, a byte order mark is no space.
import { readFileSync } from 'node:fs';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const input = readFileSync(0);
const verdicts = [];
for (let at = 0; at < input.length; ) {
  const size = input.readUInt32LE(at);
  const bytes = input.subarray(at + 4, at + 4 + size);
  at += 4 + size;
  try {
    JSON.parse(decoder.decode(bytes));
    verdicts.push('+');
  } catch {
    verdicts.push('-');
  }
}
process.stdout.write(verdicts.join('') + '\n');
