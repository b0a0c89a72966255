// SPDX-License-Identifier: MIT
// Receivers with certificates of a private authority, and plain ones that note what they get.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

// A CA and what it signs: {ca, server: {cert, key}, client: {cert, key}}, all paths.
export async function certificates(directory) {
  const at = (name) => path.join(directory, name);
  const openssl = (...args) => run("openssl", args);
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...ec, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2", "-subj", "/CN=Warehouse CA");
  await writeFile(at("san"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
  for (const name of ["server", "client"]) {
    await openssl("req", ...ec, "-keyout", at(`${name}.key`), "-out", at(`${name}.csr`), "-subj", `/CN=${name}`);
    await openssl("x509", "-req", "-in", at(`${name}.csr`), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial",
      "-out", at(`${name}.pem`), "-days", "2", "-extfile", at("san"));
  }
  const pair = (name) => ({ cert: at(`${name}.pem`), key: at(`${name}.key`) });
  return { ca: at("ca.pem"), server: pair("server"), client: pair("client") };
}

// Listens, notes every request in server.requests and answers 204; ends with the test.
export async function listen(t, server, port = 0) {
  server.requests = [];
  server.on("request", async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const subject = request.socket.getPeerCertificate?.()?.subject?.CN;
    server.requests.push({ headers: request.headers, body: Buffer.concat(chunks), subject });
    response.writeHead(204).end();
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections?.(); // a server of TCP has none
    server.close();
  });
  return server.address().port;
}

// A proxy that leads every CONNECT to the port; what it was asked stands in `asked`.
export async function proxyTo(t, port) {
  const proxy = http.createServer();
  const asked = [];
  proxy.on("connect", (request, socket) => {
    asked.push(request);
    const onward = net.connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on("error", () => onward.destroy());
    t.after(() => socket.destroy());
  });
  return { asked, url: `http://127.0.0.1:${await listen(t, proxy)}` };
}
