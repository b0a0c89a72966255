// SPDX-License-Identifier: MIT
// nginx, which is not ours, in front of a world's receiver: it ends TLS, closes idle connections, and
// logs the attempt of each request.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { certificates } from "./reached.js";
import { freePort } from "./port.js";
import { installed, Program } from "./program.js";
import { until } from "./wait.js";

const config = ({ folder, cert, key, port, statusPort, idle, receiver }) => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr notice;
events { worker_connections 2000; }
http {
  log_format attempts '$http_webhook_id $http_dockbell_attempt $connection';
  access_log ${folder}/requests attempts;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    keepalive_timeout ${idle};
    location / { proxy_pass ${receiver}; }
  }
  server {
    listen 127.0.0.1:${statusPort};
    access_log off;
    keepalive_timeout 0;
    location / { stub_status; }
  }
}
`;

export class Nginx {
  // `idle`: after how long it closes a connection, such as "2s".
  static async create(t, world, { idle }) {
    const nginx = new Nginx();
    const folder = path.join(world.directory, "nginx");
    await mkdir(folder);
    nginx.log = path.join(folder, "requests");
    const { ca, server } = await certificates(world.directory);
    nginx.ca = ca;
    const [port, statusPort] = [await freePort(), await freePort()];
    nginx.url = `https://127.0.0.1:${port}/`;
    nginx.statusUrl = `http://127.0.0.1:${statusPort}/`;
    const file = path.join(folder, "nginx.conf");
    await writeFile(file, config({ folder, ...server, port, statusPort, idle, receiver: world.receiver.url }));
    nginx.program = new Program(installed("nginx"), ["-p", folder, "-c", file]);
    t.after(() => nginx.program.stop());
    await until("nginx answers", () => nginx.connections(), { context: () => nginx.program.tail() });
    return nginx;
  }

  // Open connections of clients, that of this question included.
  async connections() {
    const text = await (await fetch(this.statusUrl)).text();
    return Number(/Active connections: (\d+)/.exec(text)[1]);
  }

  // The requests so far, in the order of their answers.
  async requests() {
    const lines = (await readFile(this.log, "utf8")).split("\n").filter(Boolean);
    return lines.map((line) => {
      const [id, attempt, connection] = line.split(" ");
      return { id, attempt: Number(attempt), connection };
    });
  }
}
