// SPDX-License-Identifier: MIT
// AWS credentials from everywhere that an AWS program takes them: each source reads the queue through the real binary,
// and no secret shows up anywhere.
import assert from "node:assert/strict";
import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { Authority } from "./lib/aws_authority.js";
import { traffic } from "./lib/messages.js";
import { FIXED } from "./lib/sandbox.js";
import { World } from "./lib/world.js";

const ROLE = "arn:aws:iam::444455556666:role/dockbell";
const { key_id, secret, token } = FIXED.temporary;
const SECRETS = [FIXED.secret_access_key, secret, token, "web.identity.token", "imds-token"];

// A world whose [aws] section, or its absence (null), is the test's.
async function create(t, makeAws, more = {}) {
  const world = await World.create(t, more);
  world.options.config = (sections) => {
    const aws = makeAws(world);
    if (aws) sections.aws = aws;
    else delete sections.aws;
    more.sections?.(sections, world);
  };
  await world.writeConfig();
  return world;
}

// Everything of a small traffic arrives, and nothing shows a secret.
async function delivers(world, env = {}) {
  await world.start({ env });
  const { ids, bodies } = traffic({ count: 30 });
  await world.sqs.send(bodies);
  await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
  const status = await world.dockbell("status", { env });
  const check = await world.dockbell("check", { env });
  const pid = world.daemon.child.pid;
  const files = [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`];
  for (const name of await readdir(world.stateDirectory)) if (name.startsWith("dockbell.db")) files.push(path.join(world.stateDirectory, name));
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  const seen = [world.daemon.stderr, status.stdout, status.stderr, check.stdout, check.stderr, ...texts].join("\n");
  for (const secret of SECRETS) assert.ok(!seen.includes(secret), `${secret} is shown`);
  assert.equal(check.code, 0, check.stderr);
  return { check: check.stdout, status: status.stdout };
}

const awsFiles = async (world, config, credentials = "") => {
  const directory = path.join(world.directory, "aws");
  await mkdir(directory);
  await writeFile(path.join(directory, "config"), config, { mode: 0o600 });
  await writeFile(path.join(directory, "credentials"), credentials, { mode: 0o600 });
  return { AWS_CONFIG_FILE: path.join(directory, "config"), AWS_SHARED_CREDENTIALS_FILE: path.join(directory, "credentials") };
};

const KEYS = `aws_access_key_id = ${FIXED.access_key_id}\naws_secret_access_key = ${FIXED.secret_access_key}\n`;

describe("AWS credentials", { concurrency: 4 }, () => {
  it("of the environment", async (t) => {
    const world = await create(t, () => null);
    const { check } = await delivers(world, { AWS_ACCESS_KEY_ID: FIXED.access_key_id, AWS_SECRET_ACCESS_KEY: FIXED.secret_access_key });
    assert.match(check, /AWS credentials: .*AWS_ACCESS_KEY_ID/);
  });

  it("of a profile of the AWS files, which hides later sources", async (t) => {
    const world = await create(t, () => ({ profile: "work" }));
    const env = await awsFiles(world, "", `[work]\n${KEYS}`);
    const { check } = await delivers(world, { ...env, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/container" });
    assert.match(check, /AWS credentials: .*profile work/);
    assert.match(check, /hides .*container/i);
  });

  it("of a role that a profile assumes: STS gets a good signature, the external id and the duration", async (t) => {
    const sts = await new Authority().listen(t);
    const world = await create(t, () => ({ profile: "work", region: "eu-west-1" }));
    const env = await awsFiles(world, `[profile work]\nrole_arn = ${ROLE}\nsource_profile = base\nexternal_id = shared secret/1\nduration_seconds = 900\nrole_session_name = dock\n`, `[base]\n${KEYS}`);
    await delivers(world, { ...env, AWS_ENDPOINT_URL_STS: sts.endpoint });
    assert.deepEqual(sts.wrong, []);
    const { form } = sts.requests[0];
    assert.deepEqual([form.Action, form.RoleArn, form.ExternalId, form.DurationSeconds, form.RoleSessionName], ["AssumeRole", ROLE, "shared secret/1", "900", "dock"]);
    const status = JSON.parse((await world.dockbell("status", "--output=json", { env })).stdout);
    assert.ok(status.aws[0].expires, JSON.stringify(status.aws));
  });

  it("of a web identity: unsigned, with the token of the file", async (t) => {
    const sts = await new Authority().listen(t);
    const world = await create(t, () => ({ region: "eu-west-1" }));
    const file = path.join(world.directory, "token");
    await writeFile(file, "web.identity.token\n");
    await delivers(world, { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: ROLE, AWS_ENDPOINT_URL_STS: sts.endpoint });
    assert.equal(sts.requests[0].headers.authorization, undefined);
    assert.equal(sts.requests[0].form.WebIdentityToken, "web.identity.token");
  });

  it("of a container, with the token of the file", async (t) => {
    const container = await new Authority().listen(t);
    container.token = "Bearer pod";
    const world = await create(t, () => null);
    const file = path.join(world.directory, "token");
    await writeFile(file, "Bearer pod\n");
    const { check } = await delivers(world, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.endpoint}/container`, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file });
    assert.match(check, /AWS credentials: .*container/i);
    assert.ok(container.requests.length >= 1);
  });

  it("of EC2, with a session token of IMDSv2", async (t) => {
    const imds = await new Authority().listen(t);
    const world = await create(t, () => ({ source: "imds" }));
    await delivers(world, { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint });
    const [session, role, keys] = imds.requests;
    assert.equal(session.method, "PUT");
    assert.ok(session.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
    assert.match(role.url, /security-credentials\/$/);
    assert.match(keys.url, /warehouse-role$/);
  });

  const helper = async (world, body) => {
    const file = path.join(world.directory, "helper");
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
    return file;
  };
  const output = (expiration) => JSON.stringify({ Version: 1, AccessKeyId: key_id, SecretAccessKey: secret, SessionToken: token, Expiration: expiration });

  it("of a program, without a shell", async (t) => {
    let command;
    const world = await create(t, () => (command ? { credential_process: `${command} credential-process "two words" $HOME` } : null));
    command = await helper(world, `[ "$#" = 3 ] && [ "$2" = "two words" ] && [ "$3" = '$HOME' ] || exit 9\ncat <<'X'\n${output(new Date(Date.now() + 3_600_000).toISOString())}\nX`);
    await world.writeConfig();
    const { check } = await delivers(world);
    assert.match(check, /AWS credentials: .*credential_process/);
  });

  it("of a program that fails: the start reports its first line of stderr and nothing of its output", async (t) => {
    let command;
    const world = await create(t, () => (command ? { credential_process: command } : null));
    command = await helper(world, `echo '${output("2099-01-01T00:00:00Z")}'; echo "no certificate at /etc/pki" >&2; echo second >&2; exit 3`);
    await world.writeConfig();
    await world.start({ ready: false });
    await world.says(/no certificate at \/etc\/pki/);
    assert.doesNotMatch(world.daemon.stderr, /DockbellSandbox|second/);
  });

  it("that live 8 seconds under load: no failed poll, and one fetch for each", async (t) => {
    const container = await new Authority({ life: 8 }).listen(t);
    const begun = performance.now();
    const world = await create(t, () => null);
    await world.start({ env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.endpoint}/container` } });
    const { ids, bodies } = traffic({ count: 400, orders: 100 });
    const part = Math.ceil(bodies.length / 5);
    for (let fetched = 1; bodies.length; fetched++) {
      await world.sqs.send(bodies.splice(0, part));
      await world.until(`${fetched} were fetched`, () => container.requests.length >= fetched, { seconds: 30 });
    }
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
    assert.doesNotMatch(world.daemon.stderr, /cannot be read|refuse|failed/);
    const lives = (performance.now() - begun) / 4000; // they are renewed after half of their life
    assert.ok(container.requests.length <= lives + 2, `${container.requests.length} fetches in ${lives} half lives`);
  });

  it("STS refuses: its words, the role and a remedy; check --online shows the identity", async (t) => {
    const sts = await new Authority().listen(t);
    sts.refusal = "User is not authorized to perform: sts:AssumeRole";
    const world = await create(t, () => ({ access_key_id: FIXED.access_key_id, secret_access_key: FIXED.secret_access_key, role_arn: ROLE, region: "eu-west-1" }));
    const env = { AWS_ENDPOINT_URL_STS: sts.endpoint };
    await world.start({ ready: false, env });
    await world.says(/not authorized to perform: sts:AssumeRole/);
    assert.ok(world.daemon.stderr.includes(ROLE));
    sts.refusal = null;
    const online = await world.dockbell("check", "--online", { env });
    assert.match(online.stdout + online.stderr, /arn:aws:sts::444455556666:assumed-role\/dockbell\/session/);
    assert.deepEqual(sts.wrong, []);
  });

  it("of a role for one queue, with its external id, on top of the keys of [aws]", async (t) => {
    const sts = await new Authority().listen(t);
    const world = await create(t, () => ({ access_key_id: FIXED.access_key_id, secret_access_key: FIXED.secret_access_key }), {
      queue: { role_arn: "arn:aws:iam::777788889999:role/reader", external_id: "acme-3pl" },
    });
    await delivers(world, { AWS_ENDPOINT_URL_STS: sts.endpoint });
    const { form } = sts.requests[0];
    assert.deepEqual([form.RoleArn, form.ExternalId], ["arn:aws:iam::777788889999:role/reader", "acme-3pl"]);
    assert.deepEqual(sts.wrong, []);
    const names = JSON.parse((await world.dockbell("status", "--output=json")).stdout).aws.map(({ identity }) => identity);
    assert.deepEqual(names, ["default", "arn:aws:iam::777788889999:role/reader"]);
  });

  it("that are refused: the file is corrected, and reading goes on without a reload", async (t) => {
    const world = await create(t, (world) => ({ access_key_id: FIXED.access_key_id, secret_access_key: `file:${world.directory}/secret` }));
    const file = path.join(world.directory, "secret");
    await writeFile(file, "a-secret-that-was-rotated-away\n", { mode: 0o600 });
    await world.start({ ready: false });
    await world.says(/403|signature/i);
    await writeFile(file, `${FIXED.secret_access_key}\n`, { mode: 0o600 });
    const { ids, bodies } = traffic({ count: 30 });
    await world.sqs.send(bodies);
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length, { seconds: 90 });
  });

  it("that end while renewing fails: the alarm credentials-expire, and its end", async (t) => {
    const container = await new Authority({ life: 20 }).listen(t);
    const world = await create(t, () => null);
    await world.start({ env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.endpoint}/container` } });
    container.token = "nobody has it";
    const alarms = async () => (await world.status()).alarms.map(({ event }) => event);
    await world.until("the alarm is raised", async () => (await alarms()).includes("credentials-expire"), { seconds: 60 });
    container.token = null;
    await world.until("it is over", async () => !(await alarms()).includes("credentials-expire"), { seconds: 90 });
    const { ids, bodies } = traffic({ count: 30 });
    await world.sqs.send(bodies);
    await world.until("all are delivered", () => world.receiver.delivered.size === ids.length);
  });
});
