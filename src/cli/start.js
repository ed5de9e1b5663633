#!/usr/bin/env node
/**
 * Where the command line begins: Node's version is looked at before anything is read that an old Node cannot parse.
 *
 * Then the process is replaced by one with a deeper stack, where there is one and a program may run: the frames of deep
 * recursion lie on it (docs/fast-path.md §3), and a machine's limits allow more of them than fit into V8's usual
 * mebibyte.
 *
 * Invariant: plain JavaScript of 2020 and no static import, here and in a checkout, where main is TypeScript.
 */
const needed = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);

/** KiB of V8's stack; what the system gives the process has to be twice as much. */
const stackSize = 3900;

/** Commands that run no program. */
const restful = ["help", "init", "inspect", "disputes", "transcript"];

/** Whether the command line asks for nothing that runs a program. */
function isRestful() {
  const words = process.argv.slice(2);
  const command = words.find((word) => !word.startsWith("-"));
  return command === undefined || restful.includes(command) || words.includes("--help");
}

/** The soft limit of the main thread's stack in KiB; 0 where it is not known. */
async function systemStack() {
  if (process.platform === "darwin") return 8176;
  if (process.platform !== "linux") return 0;
  const { existsSync, readFileSync } = await import("node:fs");
  const file = "/proc/self/limits";
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const [, soft] = /^Max stack size +(\S+)/m.exec(text) || [];
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft || 0) / 1024;
}

/** Begins again with a deeper stack, in the same process; returns where that cannot be. */
async function deepen() {
  const isChosen = process.execArgv.some((argument) => /^--stack[-_]size/.test(argument));
  const isWatched = process.connected || process.execve === undefined;
  if (isRestful() || isChosen || isWatched || (await systemStack()) < 2 * stackSize) return;
  const options = [`--stack-size=${stackSize}`, ...process.execArgv];
  process.execve(process.execPath, [process.execPath, ...options, ...process.argv.slice(1)]);
}

async function start() {
  await deepen();
  const isCheckout = import.meta.url.endsWith("/src/cli/start.js");
  const { main } = await import(isCheckout ? "./main.ts" : "./main.js");
  await main(process.argv.slice(2));
}

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `wasm-arbiter: Node ${process.versions.node} is too old; install Node ${needed.join(".")} or later (https://nodejs.org)\n`,
  );
  process.exitCode = 2;
} else {
  start();
}
