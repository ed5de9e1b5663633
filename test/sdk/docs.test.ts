/** docs/sdk.md: its application is compiled as it says, and its program prints what it says. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "../cli/commandLine.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.end());
const text = readFileSync(`${root}docs/sdk.md`, "utf8");
const tutorial = text.slice(0, text.indexOf("## 2."));

const blocksOf = (head: string) =>
  [...tutorial.matchAll(new RegExp(`\`\`\`${head}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, code]) => code,
  );

/** The sources for the package. */
function here(code: string): string {
  const source = (path: string) => JSON.stringify(pathToFileURL(`${root}src/${path}`).href);
  return code
    .replaceAll('"wasm-arbiter"', source("index.ts"))
    .replaceAll(/"wasm-arbiter\/(\w+)"/g, (_, part) => source(`${part}/index.ts`));
}

test("the tutorial › compiles its application and prints what it says", async () => {
  const [application] = blocksOf("ts counter\\.ts");
  const [compile] = blocksOf("sh");
  const program = blocksOf("js");
  const expected = blocksOf("text");
  expect(program.length).toBe(3);
  expect(expected.length).toBe(3);
  mkdirSync(folder.file("out"));
  const at = folder.file("out");
  symlinkSync(`${root}sdk`, `${at}/sdk`);
  symlinkSync(`${root}node_modules`, `${at}/node_modules`);
  writeFileSync(`${at}/counter.ts`, application);
  writeFileSync(`${at}/tutorial.mjs`, here(program.join("\n")));
  writeFileSync(`${at}/package.json`, '{"type":"module"}');
  await run("bash", ["-euc", compile], { cwd: at });
  const { stdout } = await run(process.execPath, [`${at}/tutorial.mjs`], { cwd: at });
  expect(stdout).toBe(expected.join(""));
});
