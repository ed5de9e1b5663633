/**
 * The documents: every relative link leads somewhere, also its anchor; every command of the tutorial runs and prints
 * what the tutorial says. (The README's example runs in test/package/.)
 */
import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChainProcess, startChain } from "./chainProcess.ts";
import { temporaryFolder } from "./cli/commandLine.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../", import.meta.url));
const folder = temporaryFolder();
let chain: ChainProcess | undefined;
afterAll(() => {
  chain?.process.kill("SIGKILL");
  folder.end();
});

const documents = [
  ...["README.md", "CONTRIBUTING.md", "examples/README.md", "examples/node/README.md"],
  ...readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && !file.startsWith("api"))
    .map((file) => `docs/${file}`),
];

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(join(root, file), "utf8").matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, text]) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe("documents", () => {
  for (const file of documents) {
    test(`${file} › every link leads somewhere`, () => {
      const text = readFileSync(join(root, file), "utf8").replaceAll(/```[\s\S]*?```/g, "");
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
      const broken = links.filter((link) => {
        if (/^(https?|mailto):/.test(link)) return false;
        const [path, anchor] = link.split("#");
        const target = path === "" ? file : normalize(join(dirname(file), path));
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && !anchorsOf(target).has(anchor);
      });
      expect(broken).toEqual([]);
    });
  }

  test("the documents › are those that a reader needs", () => {
    const needed = [
      "architecture",
      "tutorial",
      "guide",
      "machine",
      "proof-format",
      "game",
      "errors",
    ];
    expect(documents).toEqual(expect.arrayContaining(needed.map((name) => `docs/${name}.md`)));
  });
});

describe("README", () => {
  test("the dearest instructions › are those of the last measurement (bench/gas-snapshot.json)", () => {
    const { instructions } = JSON.parse(readFileSync(`${root}bench/gas-snapshot.json`, "utf8"));
    const dearest = (isMeant: (name: string) => boolean) => {
      const gas = Object.keys(instructions).filter(isMeant);
      return Math.max(...gas.map((name) => instructions[name])).toLocaleString("en-US");
    };
    const isVector = (name: string) => /^[vif]\d+x\d|^v128/.test(name);
    const text = readFileSync(`${root}README.md`, "utf8");
    const told = /dearest instruction takes ([\d,]+) \(.*?vector instructions ([\d,]+)\)/.exec(
      text,
    );
    expect(told?.slice(1)).toEqual([dearest((name) => !isVector(name)), dearest(isVector)]);
  });
});

describe("the API's pages", () => {
  test("every export says what it is; what a signature speaks of is exported", async () => {
    const typedoc = join(root, "node_modules/typedoc/bin/typedoc");
    // Types are checked by `npm run check`.
    const args = [typedoc, "--emit", "none", "--skipErrorChecking"];
    const { stderr, stdout } = await run(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1" },
    });
    const said = `${stdout}${stderr}`.split("\n");
    expect(said.some((line) => line.includes("Found 0 errors"))).toBe(true);
    const breach = /not included in the doc|any documentation|Failed to resolve/;
    expect(said.filter((line) => breach.test(line))).toEqual([]);
  });
});

describe("docs/contract-errors.md", () => {
  test("lists every error of the contracts, and no other", () => {
    const sources = readdirSync(`${root}contracts/src`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".sol"))
      .map((file) => readFileSync(`${root}contracts/src/${file}`, "utf8"));
    const declared = sources.flatMap((text) =>
      [...text.matchAll(/^\s*error (\w+)\(/gm)].map((match) => match[1]),
    );
    const text = readFileSync(`${root}docs/contract-errors.md`, "utf8");
    const listed = [...text.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    expect(listed.length).toBeGreaterThan(30);
    expect([...listed].sort()).toEqual([...new Set(declared)].sort());
  });
});

describe("tutorial", () => {
  const text = readFileSync(`${root}docs/tutorial.md`, "utf8");
  const blocks = [
    ...text.matchAll(/```sh(?: needs (\w+))?\n([\s\S]*?)```\s*(?:```text\n([\s\S]*?)```)?/g),
  ];

  // What its reader starts in another terminal, and saves.
  beforeAll(async () => {
    chain = await startChain();
    const script = /`tutorial-output\/deploy.mjs`[^`]*`[^`]*`[^`]*```js\n([\s\S]*?)```/.exec(
      text,
    )?.[1];
    if (script === undefined) throw new Error("the tutorial has no script that deploys");
    mkdirSync(folder.file("out"));
    writeFileSync(folder.file("out/deploy.mjs"), here(script));
  });

  test("has commands", () => expect(blocks.length).toBeGreaterThan(6));

  for (const [, compiler, commands, expected = ""] of blocks) {
    const [name] = commands.split("\n");
    const path = compiler === undefined ? undefined : compilerPath(compiler);
    if (compiler !== undefined && path === undefined) {
      test(`${name} › its compiler is there in CI`, () => {
        console.error(`NOT RUN: ${name}: no ${compiler} that makes WebAssembly here`);
        expect(process.env.CI === "true" && installedInCi.includes(compiler)).toBe(false);
      });
      continue;
    }
    test(name, async () => {
      const env = { ...process.env, PATH: [path, process.env.PATH].filter(Boolean).join(":") };
      const { stdout } = await run("bash", ["-euc", here(commands)], { cwd: root, env });
      const lines = stdout.split("\n").map(plain);
      let from = 0;
      for (const line of expected.trim().split("\n").filter(Boolean)) {
        const pattern = new RegExp(plain(here(line)).split("…").map(literally).join(".*"));
        const found = lines.findIndex((candidate, i) => i >= from && pattern.test(candidate));
        expect(found, `${line}\nin\n${stdout}`).toBeGreaterThanOrEqual(from);
        from = found + 1;
      }
    });
  }
});

/**
 * A folder that holds a compiler that can make WebAssembly and nothing else; undefined if there is none on the path, on
 * which one that cannot may come first.
 */
function compilerPath(compiler: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(":").filter((path) => !/node_modules/.test(path));
  const found = folders.find((path) => makesWasm(join(path, compiler), compiler));
  if (found === undefined) return undefined;
  const own = folder.file(`only-${compiler}`);
  mkdirSync(own, { recursive: true });
  for (const name of [compiler, `${compiler}++`]) {
    const [from, to] = [join(found, name), join(own, name)];
    if (existsSync(from) && !existsSync(to)) symlinkSync(from, to);
  }
  return own;
}

const asked: Readonly<Record<string, readonly string[]>> = {
  clang: ["--print-targets"],
  rustc: ["--print", "sysroot"],
  zig: ["version"],
};

/** Compilers that .ci/run installs. */
const installedInCi = ["clang", "rustc"];

function makesWasm(path: string, compiler: string): boolean {
  if (!existsSync(path)) return false;
  const { stdout, status } = spawnSync(path, asked[compiler], { encoding: "utf8" });
  if (status !== 0) return false;
  if (compiler === "clang") return stdout.includes("wasm32");
  if (compiler !== "rustc") return true;
  return existsSync(join(stdout.trim(), "lib/rustlib/wasm32-unknown-unknown/lib"));
}

/**
 * Commands, scripts and output with a folder and a chain of their own in place of the tutorial's, with the sources for
 * the package, and without npm's start-up time.
 */
function here(text: string): string {
  const source = (path: string) => JSON.stringify(pathToFileURL(`${root}src/${path}`).href);
  return text
    .replaceAll('"wasm-arbiter"', source("index.ts"))
    .replaceAll('"wasm-arbiter/game"', source("game/index.ts"))
    .replaceAll('"ethers"', JSON.stringify(import.meta.resolve("ethers")))
    .replaceAll("http://127.0.0.1:8545", chain?.url ?? "")
    .replaceAll("tutorial-output", folder.file("out"))
    .replaceAll("npx asc ", "node node_modules/assemblyscript/bin/asc.js ")
    .replaceAll("npm run -s cli --", "node src/cli/start.js")
    .replaceAll("npm run -s dispute --", "node src/cli/start.js dispute");
}

/** A text as a pattern that matches it and nothing else. */
function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/** Columns are as wide as their longest entry, which may be a path. */
function plain(line: string): string {
  return line.trim().replaceAll(/\s+/g, " ");
}
