/**
 * The package as its users get it: packed, installed into an empty project, used from JavaScript, TypeScript, the
 * command line, and, bundled, in a browser. The README's example is what runs.
 *
 * A copy of the repository is packed, because packing rewrites package.json for a moment.
 */
import { execFile, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../cli/commandLine.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = temporaryFolder();
const consumer = folder.file("consumer");
afterAll(() => folder.end());

/** The first JavaScript block of the README. */
function readmeExample(): string {
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, "utf8"))?.[1];
  if (example === undefined) throw new Error("the README has no example");
  return example;
}

async function packCopy(): Promise<string> {
  const copy = folder.file("copy");
  mkdirSync(copy);
  const parts = ["src", "scripts", "docs", "contracts/src", "examples", "sdk", "package.json"];
  for (const part of [
    ...parts,
    "README.md",
    "LICENSE",
    "tsconfig.json",
    "tsconfig.build.json",
    ".npmrc",
  ]) {
    cpSync(`${root}${part}`, `${copy}/${part}`, { recursive: true });
  }
  symlinkSync(`${root}node_modules`, `${copy}/node_modules`);
  await run("npm", ["pack", "--silent"], { cwd: copy });
  expect(existsSync(`${copy}/package.json.original`)).toBe(false);
  expect(readFileSync(`${copy}/package.json`)).toEqual(readFileSync(`${root}package.json`));
  const packed = readdirSync(copy).find((file) => file.endsWith(".tgz"));
  if (packed === undefined) throw new Error("npm pack wrote no package");
  return `${copy}/${packed}`;
}

beforeAll(async () => {
  const tarball = await packCopy();
  mkdirSync(consumer);
  writeFileSync(`${consumer}/package.json`, '{"name":"consumer","private":true,"type":"module"}');
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--silent"];
  await run("npm", ["install", ...quiet, tarball], { cwd: consumer });
  writeFileSync(`${consumer}/example.js`, readmeExample());
}, 300_000);

describe("the published package", () => {
  test("manifest › carries nothing of the development package", () => {
    const manifest = JSON.parse(
      readFileSync(`${consumer}/node_modules/wasm-arbiter/package.json`, "utf8"),
    );
    expect(Object.keys(manifest.dependencies).sort()).toEqual([
      "@jridgewell/trace-mapping",
      "@noble/curves",
      "@noble/hashes",
      "@openzeppelin/contracts",
      "cli-progress",
      "cli-table3",
      "commander",
      "ethers",
      "fast-string-truncated-width",
      "fastest-levenshtein",
      "gecko-profiler-demangle",
      "picocolors",
      "pprof-format",
    ]);
    for (const key of ["optionalDependencies", "devDependencies", "scripts"]) {
      expect(manifest[key], key).toBeUndefined();
    }
    const installed = readdirSync(`${consumer}/node_modules`);
    expect(installed.filter((name) => /^node(-|$)|hardhat|solc/.test(name))).toEqual([]);
  });

  test("the README's example › prints true in Node", async () => {
    const { stdout } = await run(process.execPath, ["example.js"], { cwd: consumer });
    expect(stdout).toBe("true\n");
  });

  test("types › a strict TypeScript user compiles against all four entries", async () => {
    writeFileSync(
      `${consumer}/user.ts`,
      [
        'import { call, instantiate, load, type Outcome } from "wasm-arbiter";',
        'import { decodeModule, type Program } from "wasm-arbiter/interpreter";',
        'import { StateTree, replayStep } from "wasm-arbiter/merkle";',
        'import { Player, contractArtifact } from "wasm-arbiter/game";',
        "const program: Program = load(new Uint8Array());",
        "const outcome: Outcome = call(instantiate(program));",
        "const bits: readonly bigint[] = outcome.results;",
        "// @ts-expect-error a string is no module",
        'load("main.wasm");',
        "export { bits, decodeModule, StateTree, replayStep, Player, contractArtifact };",
      ].join("\n"),
    );
    const compiler = `${root}node_modules/typescript-native/bin/tsc`;
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
    const result = await run(
      process.execPath,
      [compiler, ...flags, "--lib", "es2024,dom", "user.ts"],
      {
        cwd: consumer,
      },
    ).catch((error) => error);
    expect(result.stdout).toBe("");
  });

  test("command line › runs a module, says its version, ships the contracts", async () => {
    const bin = `${consumer}/node_modules/.bin/wasm-arbiter`;
    const wasm = `${root}examples/wasm/sha256.wasm`;
    const { stdout } = await run(process.execPath, [bin, "run", wasm, "--json"], { cwd: consumer });
    expect(JSON.parse(stdout)).toMatchObject({ status: "returned" });
    const version = await run(process.execPath, [bin, "--version"], { cwd: consumer });
    expect(version.stdout.trim()).toBe(
      JSON.parse(readFileSync(`${root}package.json`, "utf8")).version,
    );
    const artifacts =
      'import { contractArtifact as c } from "wasm-arbiter/game"; console.log(c("Arbiter").bytecode.length > 1000)';
    const shipped = await run(process.execPath, ["--input-type=module", "-e", artifacts], {
      cwd: consumer,
    });
    expect(shipped.stdout).toBe("true\n");
  });

  test("examples › those of the tutorial and of `dispute` are there", async () => {
    const bin = `${consumer}/node_modules/.bin/wasm-arbiter`;
    const wasm = "node_modules/wasm-arbiter/examples/tutorial/tally.c.wasm";
    const inspected = await run(process.execPath, [bin, "inspect", wasm], { cwd: consumer });
    expect(inspected.stdout).toContain("export function gateway");
    // Without arguments it plays the ledger, as far as that goes without a chain.
    const played = await run(process.execPath, [bin, "dispute"], { cwd: consumer }).catch(
      (error) => error,
    );
    expect(played.stderr).toContain("an embedded chain needs the package hardhat");
  });

  test("the example node › runs from the package", async () => {
    const main = `${consumer}/node_modules/wasm-arbiter/dist/examples/node/main.js`;
    const env = {
      ...process.env,
      NODE_KEY: `0x${"11".repeat(32)}`,
      CHAIN_ID: "31337",
      ARBITER: `0x${"12".repeat(20)}`,
    };
    const node = spawn(process.execPath, [main, `${consumer}/ledger`, "0"], { cwd: consumer, env });
    try {
      const said = await new Promise<string>((resolve, reject) => {
        node.stdout.once("data", (text) => resolve(String(text)));
        node.stderr.once("data", (text) => reject(new Error(String(text))));
      });
      const url = /http:\/\/[\w.:]+/.exec(said)?.[0];
      expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ height: 0 });
    } finally {
      node.kill("SIGKILL");
    }
  });

  test("Solidity › every source can be imported, and imports nothing that is not there", () => {
    const require = createRequire(`${consumer}/package.json`);
    expect(require.resolve("wasm-arbiter/package.json")).toContain(consumer);
    const sources = readdirSync(`${root}contracts/src`, { recursive: true, encoding: "utf8" });
    const contracts = sources.filter((file) => file.endsWith(".sol"));
    expect(contracts).toContain("game/IArbiter.sol");
    for (const file of contracts) {
      const path = require.resolve(`wasm-arbiter/contracts/src/${file}`);
      const imports = readFileSync(path, "utf8").matchAll(/^import [^;]*?"([^"]+)";/gm);
      for (const [, target] of imports) {
        const isOwn = /^\.\.?\//.test(target);
        expect(isOwn || target.startsWith("@openzeppelin/contracts/"), file).toBe(true);
        const found = isOwn ? join(dirname(path), target) : require.resolve(target);
        expect(existsSync(found), `${file} imports ${target}`).toBe(true);
      }
    }
  });

  test("documents › links lead into the package, or to what only a checkout has", () => {
    const packed = `${consumer}/node_modules/wasm-arbiter`;
    const docs = readdirSync(`${packed}/docs`, { recursive: true, encoding: "utf8" });
    const documents = docs.filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`);
    expect(documents.filter((file) => file.startsWith("docs/decisions/")).length).toBeGreaterThan(
      5,
    );
    const dead = ["README.md", ...documents].flatMap((file) => {
      const text = readFileSync(`${packed}/${file}`, "utf8");
      return [...text.matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)]
        .map(([, link]) => normalize(join(dirname(file), link)))
        .filter((target) => !existsSync(`${packed}/${target}`));
    });
    const elsewhere =
      /^(src|test|spec-tests|bench|examples|contracts|adapters)\b|^sdk(\/wrapper(\.wasm)?)?$|^CONTRIBUTING\.md$/;
    expect(dead.filter((target) => !elsewhere.test(target))).toEqual([]);
  });

  test("bundled for a browser › no Node built-in, and unused parts are left out", async () => {
    const result = await bundle("example.js");
    const output = Object.values(result.metafile?.outputs ?? {})[0];
    const used = Object.entries(output?.inputs ?? {}).filter(
      ([, { bytesInOutput }]) => bytesInOutput > 0,
    );
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter(([name]) => /ethers|artifacts\.json|\/game\//.test(name))).toEqual([]);
    expect(output?.bytes).toBeLessThan(500_000);
  });

  test.runIf(browser() !== undefined)(
    "the README's example › prints true in Chromium",
    async () => {
      const result = await bundle("example.js");
      const script = (result.outputFiles?.[0].text ?? "").replaceAll("</script", "<\\/script");
      const page = `<!doctype html><pre id="log"></pre><script>console.log = (text) => { document.getElementById("log").textContent += text; };</script><script type="module">${script}</script>`;
      writeFileSync(`${consumer}/page.html`, page);
      const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000"];
      const { stdout } = await run(browser() ?? "", [
        ...flags,
        "--dump-dom",
        `file://${consumer}/page.html`,
      ]);
      expect(stdout).toContain('<pre id="log">true</pre>');
    },
    60_000,
  );

  test("a browser › is there in CI", () => {
    if (browser() === undefined) {
      console.error(
        "NOT RUN: the README's example in a browser: no chromium here (apt-get install chromium)",
      );
    }
    expect(browser() !== undefined || process.env.CI !== "true").toBe(true);
  });
});

function bundle(entry: string) {
  return build({
    absWorkingDir: consumer,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
}

function browser(): string | undefined {
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    existsSync,
  );
}
