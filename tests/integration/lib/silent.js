// SPDX-License-Identifier: MIT
// A host that does not answer: connections to it are neither accepted nor refused.
import { Program } from "./program.js";
import { until } from "./wait.js";

// {port, url, end()}; ends with the test at the latest. The port is free again after end().
export async function silentHost(t, port = 0) {
  const program = new Program("dockbell-silent-host", [String(port)]);
  t.after(() => program.stop());
  await until("the silent host stands", () => program.stdout.includes("\n"), { context: () => program.tail() });
  port = Number(program.stdout);
  return { port, url: `http://127.0.0.1:${port}/hook`, end: () => program.stop("SIGTERM") };
}
