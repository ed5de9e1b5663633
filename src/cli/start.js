#!/usr/bin/env node
/**
 * Where the command line begins: Node's version is looked at before anything is read that an old Node cannot parse.
 *
 * Invariant: plain JavaScript of 2020 and no static import, here and in a checkout, where main is TypeScript.
 */
const needed = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `wasm-arbiter: Node ${process.versions.node} is too old; install Node ${needed.join(".")} or later (https://nodejs.org)\n`,
  );
  process.exitCode = 2;
} else {
  const isCheckout = import.meta.url.endsWith("/src/cli/start.js");
  import(isCheckout ? "./main.ts" : "./main.js").then(({ main }) => main(process.argv.slice(2)));
}
