/**
 * DWARF held against LLVM's own reader: every instruction of programs in C and Rust, versions 4 and 5, with and without
 * optimisation; and small binaries that are committed, so that something is compared wherever the tests run.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { decodeModule } from "../../src/interpreter/index.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { codeStart, framesText, instructionOffsets, linesOf } from "./debugSections.ts";

const path = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.end());

/** Without npm's own tools: clang runs a wasm-opt that it finds, which makes other code and other debugging data. */
const env = {
  ...process.env,
  PATH: (process.env.PATH ?? "")
    .split(delimiter)
    .filter((each) => !each.includes("node_modules"))
    .join(delimiter),
};
const symbolizer = spawnSync("llvm-symbolizer", ["--version"]).status === 0;
/** More instructions than these are sampled. */
const mostCompared = 10_000;

interface Symbol {
  readonly FunctionName: string;
  readonly FileName: string;
  readonly Line: number;
  readonly Column: number;
}

/** What LLVM says of addresses: the frames of each, innermost first. */
function symbolized(binary: string, addresses: readonly number[]): string[][] {
  const { status, stdout, stderr } = spawnSync(
    "llvm-symbolizer",
    [`--obj=${binary}`, "--output-style=JSON", "--no-demangle", "--inlines", "--functions=linkage"],
    {
      input: addresses.map((address) => `0x${address.toString(16)}\n`).join(""),
      encoding: "utf8",
      maxBuffer: 1 << 30,
    },
  );
  expect(status, stderr).toBe(0);
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).Symbol as Symbol[]);
  return answers.map((symbols) =>
    symbols.map((s) => `${s.FunctionName} ${s.FileName}:${s.Line}:${s.Column}`),
  );
}

/** Compares every instruction; how many LLVM knows. */
function expectSameAsLlvm(binary: string): number {
  const module = decodeModule(new Uint8Array(readFileSync(binary)));
  const all = instructionOffsets(module);
  const stride = Math.ceil(all.length / mostCompared);
  const offsets = all.filter((_, i) => i % stride === 0);
  const lines = linesOf(module);
  const start = codeStart(module);
  const expected = symbolized(
    binary,
    offsets.map((offset) => offset - start),
  );
  let known = 0;
  for (const [i, offset] of offsets.entries()) {
    // Of addresses without line LLVM still tells the function's name, from the name section.
    const isKnown = !expected[i][0].endsWith(" :0:0");
    if (isKnown) known++;
    const own = framesText(lines, offset);
    if (isKnown || own.length > 0) expect(own, `byte ${offset}`).toEqual(expected[i]);
  }
  expect(lines.notes).toEqual([]);
  return known;
}

const c = ["clang", "--target=wasm32-wasi"];
const rows = [
  [4, 0],
  [5, 2],
].flatMap(([version, level]) => [
  {
    name: `C, DWARF ${version}, -O${level}`,
    command: [...c, "-g", `-gdwarf-${version}`, `-O${level}`, path("lines.c")],
  },
  {
    name: `Rust, DWARF ${version}, -O${level}`,
    command: [
      "rustc",
      "--target=wasm32-wasip1",
      "-g",
      `-Cdwarf-version=${version}`,
      `-Copt-level=${level}`,
      path("lines.rs"),
    ],
  },
]);

describe("all lines, functions and inlined calls are LLVM's", () => {
  test.each(rows)("$name", ({ name, command: [tool, ...args] }) => {
    const binary = folder.file(`${name.replaceAll(/\W+/g, "-")}.wasm`);
    const { status, error, stderr } = spawnSync(tool, [...args, "-o", binary], {
      encoding: "utf8",
      env,
    });
    if (!symbolizer || status !== 0) {
      const why = symbolizer ? (error?.message ?? stderr) : "there is no llvm-symbolizer";
      console.error(`NOT RUN: ${name}: ${why.slice(0, 300)}`);
      return;
    }
    expect(expectSameAsLlvm(binary)).toBeGreaterThan(1000);
  });
});

describe.each([4, 5])("the committed program, DWARF %i", (version) => {
  const binary = path(`inlined.dwarf${version}.wasm`);
  const module = decodeModule(new Uint8Array(readFileSync(binary)));
  const source = readFileSync(path("inlined.c"), "utf8").split("\n");
  const lineOf = (code: string) => source.findIndex((line) => line.includes(code)) + 1;

  test("instructions stand in the lines that they come from, through inlined calls", () => {
    const lines = linesOf(module);
    const all = instructionOffsets(module).map((offset) => lines.find(offset) ?? []);
    const at = (code: string) => all.filter(([frame]) => frame?.line === lineOf(code));
    expect(new Set(all.map(([frame]) => frame?.file))).toEqual(new Set(["/src/inlined.c"]));
    expect(
      at("table[at & 15] = value").map((frames) => frames.map((frame) => frame.function)),
    ).toContainEqual(["store"]);
    // square in squares in gateway, at three lines.
    const inlined = at("return x * x").find((frames) => frames.length === 3) ?? [];
    expect(inlined.map((frame) => frame.function)).toEqual(["square", "squares", "gateway"]);
    expect(inlined.map((frame) => frame.line)).toEqual(
      ["return x * x", "sum += square", "squares(1, size"].map(lineOf),
    );
    expect(at("return table[size").length).toBeGreaterThan(3);
  });

  test("it is LLVM's answer", () => {
    if (!symbolizer) return console.error("NOT RUN: there is no llvm-symbolizer");
    expect(expectSameAsLlvm(binary)).toBeGreaterThan(50);
  });

  test("it is what clang makes of the source", () => {
    const built = spawnSync("clang", ["--version"], { encoding: "utf8" }).stdout ?? "";
    if (!built.startsWith("Debian clang version 14.0.6")) {
      return console.error(`NOT RUN: the binary was made by clang 14.0.6: ${built || "none"}`);
    }
    const output = folder.file(`inlined.dwarf${version}.wasm`);
    const { status, stderr } = spawnSync(
      "clang",
      [
        ...["--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-g", `-gdwarf-${version}`, "-O1"],
        ...["-fdebug-compilation-dir=/src", "-o", output, "inlined.c"],
      ],
      { encoding: "utf8", cwd: path(""), env },
    );
    expect(status, stderr).toBe(0);
    expect(existsSync(output)).toBe(true);
    expect(Buffer.compare(readFileSync(output), readFileSync(binary))).toBe(0);
  });
});
