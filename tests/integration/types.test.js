// SPDX-License-Identifier: MIT
// The table of types against Amazon's notification schemas, where they lie beside the project.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { root } from "./lib/program.js";

const folder = process.env.DOCKBELL_TEST_SCHEMAS ?? path.resolve(root, "../shared/data/schemas");
const skip = existsSync(folder) ? false : "there are no schemas";

// The paths that docs/webhook.md, which is made from the table, has for each type.
function table() {
  const guide = readFileSync(path.join(root, "docs/webhook.md"), "utf8");
  const types = [];
  for (const [, type, object, rows] of guide.matchAll(/^\*\*([A-Z0-9_]+)\*\*, in `(\w+)`\n\n((?:\|.*\n)+)/gm)) {
    const members = [...rows.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, member, from]) => [member, from]);
    types.push({ type, object, members });
  }
  return types;
}

const sameName = (a, b) => a.slice(1) === b.slice(1) && a[0].toLowerCase() === b[0].toLowerCase();

// The schema of a path; `*` is any member.
function follow(schema, names) {
  if (!names.length || !schema) return schema;
  const { properties = {}, items } = schema;
  if (items) return follow(items, names);
  const [name, ...rest] = names;
  const key = Object.keys(properties).find((k) => name === "*" || sameName(k, name));
  return follow(properties[key], rest);
}

describe("the table of types", { skip }, () => {
  const schemas = skip ? [] : readdirSync(folder).map((name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")));
  for (const { type, object, members } of table()) {
    const schema = schemas.map((s) => follow(s, ["Payload", object])).find(Boolean);
    if (!schema) continue;
    it(`${type}: every path is one of Amazon's`, () => {
      const pathsIn = (from) => [...from.matchAll(/`([^`]+)`/g)].map(([, p]) => p.split("."));
      const items = pathsIn(members.find(([member]) => member === "items")?.[1] ?? "");
      const inItems = items.length ? items.map((p) => follow(schema, p)) : [schema];
      for (const [member, from] of members) {
        const places = member.startsWith("items[]") ? inItems : [schema];
        if (member === "cancelRequested") continue; // made of two others
        const paths = pathsIn(from);
        assert.ok(!paths.length || paths.some((p) => places.some((at) => follow(at, p))), `${member} from ${from}`);
      }
    });
  }
});
