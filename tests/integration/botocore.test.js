// SPDX-License-Identifier: MIT
// The order of sources of AWS credentials, compared with Debian's python3-botocore, which the AWS command line uses:
// both get the same files and environment.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { World } from "./lib/world.js";

const python = "/usr/bin/python3";
const oracle = fileURLToPath(new URL("lib/botocore_oracle.py", import.meta.url));
const skip = spawnSync(python, ["-c", "import botocore"]).status === 0 ? false : "needs python3-botocore";

const keys = (id) => `aws_access_key_id = ${id}\naws_secret_access_key = secret-${id}\n`;

// botocore's names of the providers that show in Dockbell's words.
function method(source, files) {
  if (source === null || source === undefined) return null;
  if (source.startsWith("AWS_ACCESS_KEY_ID ")) return "env";
  if (source.startsWith("role_arn ")) return "assume-role";
  if (source.startsWith("the web identity token")) return "assume-role-with-web-identity";
  if (source.startsWith("credential_process ")) return "custom-process";
  if (source.includes(files.credentials)) return "shared-credentials-file";
  if (source.includes(files.config)) return "config-file";
  return source;
}

// Every combination of these.
const CHOICES = {
  env: [false, true], // keys in the environment
  profile: ["", "AWS_PROFILE", "profile"], // none, by the environment, by [aws] or the API
  credentials: [false, true], // keys of the profile in the credentials file
  config: ["", "keys", "process", "keys and process", "role"], // the profile in the config file
  web: [false, true], // AWS_WEB_IDENTITY_TOKEN_FILE
};

function combinations() {
  return Object.entries(CHOICES).reduce((all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))), [{}]);
}

async function prepare(world, choice, i) {
  const directory = path.join(world.directory, `case-${i}`);
  const name = choice.profile ? "work" : "default";
  const section = name === "default" ? "[default]" : "[profile work]";
  await mkdir(directory);
  const files = { config: path.join(directory, "config"), credentials: path.join(directory, "credentials") };
  const lines = {
    "": "", keys: keys("CONFIG"), process: `credential_process = ${world.helper}\n`,
    "keys and process": `${keys("CONFIG")}credential_process = ${world.helper}\n`,
    role: "role_arn = arn:aws:iam::444455556666:role/dockbell\nsource_profile = base\n",
  };
  await writeFile(files.config, `${section}\nregion = eu-west-1\n${lines[choice.config]}[profile base]\n${keys("BASE")}`);
  await writeFile(files.credentials, `[other]\n${keys("OTHER")}${choice.credentials ? `[${name}]\n${keys("SHARED")}` : ""}`);
  const env = { AWS_CONFIG_FILE: files.config, AWS_SHARED_CREDENTIALS_FILE: files.credentials, AWS_EC2_METADATA_DISABLED: "true" };
  if (choice.env) Object.assign(env, { AWS_ACCESS_KEY_ID: "ENVIRONMENT", AWS_SECRET_ACCESS_KEY: "secret" });
  if (choice.profile === "AWS_PROFILE") env.AWS_PROFILE = "work";
  if (choice.web) Object.assign(env, { AWS_WEB_IDENTITY_TOKEN_FILE: world.token, AWS_ROLE_ARN: "arn:aws:iam::444455556666:role/dockbell" });
  return { choice, files, env, profile: choice.profile === "profile" ? "work" : null };
}

describe("the order of AWS credentials", { skip }, () => {
  it("is botocore's, for every combination of environment, profiles, files and web identity", async (t) => {
    const world = await World.create(t);
    world.helper = path.join(world.directory, "helper");
    world.token = path.join(world.directory, "token");
    await writeFile(world.token, "token\n");
    await writeFile(world.helper, `#!/bin/sh\necho '{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"secret"}'\n`);
    await chmod(world.helper, 0o755);
    const cases = await Promise.all(combinations().map((choice, i) => prepare(world, choice, i)));
    assert.ok(cases.length >= 60);
    const { stdout, stderr } = spawnSync(python, [oracle], {
      input: cases.map(({ env, profile }) => JSON.stringify({ env, profile })).join("\n"), encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: world.directory },
    });
    const expected = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(expected.length, cases.length, stderr);
    const differences = [];
    for (const profile of [null, "work"]) {
      world.options.config = (sections) => {
        delete sections.aws;
        if (profile) sections.aws = { profile };
      };
      await world.writeConfig();
      for (const [i, one] of cases.entries()) {
        if (one.profile !== profile) continue;
        const { stdout: text } = await world.dockbell("check", "--output=json", { env: { HOME: world.directory, ...one.env } });
        const found = method(JSON.parse(text).aws.source, one.files);
        if (found !== expected[i]) differences.push({ ...one.choice, found, expected: expected[i] });
      }
    }
    t.diagnostic(`${cases.length} cases; providers: ${[...new Set(expected)].join(", ")}`);
    assert.deepEqual(differences, []);
  });
});
