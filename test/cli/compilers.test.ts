/**
 * The compiler switches that refusals recommend, held against the compilers: code that needs a proposal is refused by its
 * code and names the switch, and with that switch the same source runs; what needs atomic instructions or 64-bit addresses
 * runs as it is.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const locks = `static int lock;
__attribute__((export_name("gateway"))) int gateway(void) {
  return __atomic_fetch_add(&lock, 1, __ATOMIC_SEQ_CST);
}`;
const throwing = `extern "C" int risky() { return 3; }
extern "C" int (*volatile pointer)() = risky;
extern "C" __attribute__((export_name("gateway"))) int gateway() {
#ifdef __cpp_exceptions
  try { return pointer(); } catch (...) { return 4; }
#else
  return pointer();
#endif
}`;

interface Row {
  readonly compiler: "clang" | "clang++";
  readonly source: string;
  /** Flags that make the compiler need the proposal, and those that the refusal recommends. */
  readonly needing: readonly string[];
  readonly recommended: readonly string[];
}

const wasm32 = "--target=wasm32";
const shared = ["-matomics", "-mbulk-memory", "-Wl,--shared-memory,--max-memory=1048576"];
const rows: Readonly<Record<string, Row>> = {
  "unsupported-exceptions": {
    compiler: "clang++",
    source: throwing,
    needing: [wasm32, "-fwasm-exceptions", "-Wl,--allow-undefined"],
    recommended: [wasm32, "-fno-exceptions"],
  },
};

function compile(row: Row, flags: readonly string[], output: string): void {
  const source = folder.file(row.compiler === "clang" ? "source.c" : "source.cpp");
  writeFileSync(source, row.source);
  const common = ["-O3", "-nostdlib", "-Wl,--no-entry", "-o", output, source];
  const { status, stderr } = spawnSync(row.compiler, [...flags, ...common], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
}

const targets = spawnSync("clang", ["--print-targets"], { encoding: "utf8" }).stdout ?? "";
const isThere = targets.includes("wasm32");

describe("clang", () => {
  test("is there in CI", () => {
    if (!isThere) console.error("NOT RUN: recommended switches of clang: there is none here");
    expect(isThere || process.env.CI !== "true").toBe(true);
  });

  for (const [code, row] of Object.entries(rows)) {
    test.runIf(isThere)(`${code} › the recommended switch avoids it`, async () => {
      const output = folder.file("program.wasm");
      compile(row, row.needing, output);
      const { value, exitCode } = await runJson("run", output);
      expect([exitCode, value.error.code]).toEqual([2, code]);
      const own = row.recommended.filter((flag) => !row.needing.includes(flag));
      for (const flag of own) expect(value.error.message).toContain(flag);
      compile(row, row.recommended, output);
      expect((await runCommandLine("run", output)).exitCode).toBe(0);
    });
  }
});

test.runIf(isThere).each([
  ["atomic instructions on a shared memory", [wasm32, ...shared]],
  ["64-bit addresses", ["--target=wasm64"]],
])("clang › %s run as they are", async (_, flags) => {
  const output = folder.file("program.wasm");
  compile({ compiler: "clang", source: locks, needing: flags, recommended: [] }, flags, output);
  expect((await runCommandLine("run", output)).exitCode).toBe(0);
});

test("asc › with --enable simd and without it makes what runs", async () => {
  const source = folder.file("vectors.ts");
  const lanes = "i32x4.extract_lane(i32x4.splat(3), 1)";
  writeFileSync(
    source,
    `export function gateway(): i32 { return ASC_FEATURE_SIMD ? ${lanes} : 3; }`,
  );
  const output = folder.file("vectors.wasm");
  const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
  const make = (...flags: string[]) => {
    const args = [asc, source, "--use", "abort=", "-o", output, ...flags];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
  };
  for (const flags of [["--enable", "simd"], []]) {
    make(...flags);
    const { value, exitCode } = await runJson("run", output);
    expect([exitCode, value.results]).toEqual([0, ["3"]]);
  }
});
