/**
 * Builds the published package into dist/: JavaScript and declarations from src/, the contracts' ABIs and bytecode
 * as JSON. No Solidity compiler is needed, here or by users: src/game/generated/artifacts.json is committed.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import typescript from "typescript";
import { bundleOptions } from "../src/node/gateway/gatewayPage.ts";
import { bundleCommandLine } from "./bundleCommandLine.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = fileURLToPath(
  new URL("../node_modules/typescript-native/bin/tsc", import.meta.url),
);

rmSync(`${root}/dist`, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
await bundleCommandLine(`${root}/dist`);
copyFileSync(`${root}/src/cli/start.js`, `${root}/dist/cli/start.js`);
chmodSync(`${root}/dist/cli/start.js`, 0o755);
/** The client's page as one script, since a gateway's users have no bundler. */
await build({
  ...bundleOptions,
  entryPoints: [`${root}/dist/node/client/clientPage.js`],
  outfile: `${root}/dist/node/client/page.bundle.js`,
  write: true,
});
for (const file of [
  "node/client/page.bundle.js",
  "index.js",
  "index.d.ts",
  "game/generated/artifacts.json",
  "cli/main.js",
  "cli/start.js",
]) {
  if (!existsSync(`${root}/dist/${file}`)) throw new Error(`the build lacks dist/${file}`);
}

/** The example node as JavaScript that imports the package, since Node runs no TypeScript in node_modules. */
const [from, to] = [`${root}/examples/node`, `${root}/dist/examples/node`];
const compilerOptions = {
  target: typescript.ScriptTarget.ES2022,
  module: typescript.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};
mkdirSync(to, { recursive: true });
for (const file of readdirSync(from)) {
  const text = readFileSync(`${from}/${file}`, "utf8");
  if (!file.endsWith(".ts")) continue;
  const { outputText } = typescript.transpileModule(text, { compilerOptions });
  const published = outputText
    .replaceAll('"../../src/index.ts"', '"wasm-arbiter"')
    .replaceAll(/"\.\.\/\.\.\/src\/(\w+)\/index\.ts"/g, '"wasm-arbiter/$1"')
    .replaceAll(/"(\.\/\w+)\.ts"/g, '"$1.js"')
    .replaceAll('"../wasm/', '"../../../examples/wasm/');
  if (/\.ts"|\/src\//.test(published)) throw new Error(`${file} imports what is not published`);
  writeFileSync(`${to}/${file.replace(/\.ts$/, ".js")}`, published);
}
