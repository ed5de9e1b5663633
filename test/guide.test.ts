/**
 * docs/guide.md: its blocks are one program, which runs and prints what the guide says; its light client is bundled for a
 * browser and needs nothing of Node.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChainProcess, startChain } from "./chainProcess.ts";
import { temporaryFolder } from "./cli/commandLine.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../", import.meta.url));
const folder = temporaryFolder();
const text = readFileSync(`${root}docs/guide.md`, "utf8");
let chain: ChainProcess;

beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => {
  chain?.process.kill("SIGKILL");
  folder.end();
});

const blocksOf = (head: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${head}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, code]) => code);

/** The sources for the package, a chain of its own for the guide's. */
function here(code: string): string {
  const source = (path: string) => JSON.stringify(pathToFileURL(`${root}src/${path}`).href);
  return code
    .replaceAll('"wasm-arbiter"', source("index.ts"))
    .replaceAll(/"wasm-arbiter\/(\w+)"/g, (_, part) => source(`${part}/index.ts`))
    .replaceAll('"ethers"', JSON.stringify(import.meta.resolve("ethers")))
    .replaceAll("http://127.0.0.1:8545", chain.url);
}

test("the guide's program › prints what the guide says", async () => {
  const program = blocksOf("js");
  const [client] = blocksOf("js client\\.js");
  const expected = blocksOf("text");
  expect(program.length).toBeGreaterThan(6);
  expect(expected.length).toBeGreaterThan(5);
  writeFileSync(folder.file("client.js"), here(client));
  writeFileSync(folder.file("guide.mjs"), here(program.join("\n")));
  writeFileSync(folder.file("package.json"), '{"type":"module"}');
  const { stdout } = await run(process.execPath, [folder.file("guide.mjs")], { cwd: root });
  expect(stdout).toBe(expected.join(""));
});

test("its light client › is a small bundle without anything of Node", async () => {
  const [client] = blocksOf("js client\\.js");
  writeFileSync(folder.file("browser.js"), client);
  const result = await build({
    entryPoints: [folder.file("browser.js")],
    alias: { "wasm-arbiter/merkle": `${root}src/merkle/index.ts` },
    nodePaths: [`${root}node_modules`],
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.some((path) => path.endsWith("proofs.ts"))).toBe(true);
  expect(result.outputFiles[0].contents.length).toBeLessThan(50_000);
});
