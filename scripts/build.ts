/**
 * Builds the published package into dist/: JavaScript and declarations from src/, the contracts' ABIs and bytecode
 * as JSON. No Solidity compiler is needed, here or by users: src/game/generated/artifacts.json is committed.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = fileURLToPath(
  new URL("../node_modules/typescript-native/bin/tsc", import.meta.url),
);

rmSync(`${root}/dist`, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
copyFileSync(`${root}/src/cli/start.js`, `${root}/dist/cli/start.js`);
chmodSync(`${root}/dist/cli/start.js`, 0o755);
for (const file of [
  "index.js",
  "index.d.ts",
  "game/generated/artifacts.json",
  "cli/main.js",
  "cli/start.js",
]) {
  if (!existsSync(`${root}/dist/${file}`)) throw new Error(`the build lacks dist/${file}`);
}
