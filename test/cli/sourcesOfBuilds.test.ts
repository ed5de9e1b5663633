/**
 * Builds with debugging data as a user makes them: the ledger in AssemblyScript, a C and a Rust program for WASI. The lines that
 * `trace` and the report of a dispute name are those of the compiler's own map, and of llvm-dwarfdump.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { codeSection } from "../../src/debug/codeSection.ts";
import { instantiate, load, type Program, pack } from "../../src/index.ts";
import { runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const longestMs = 300_000;

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
type Step = { readonly step: number; readonly pc: number; readonly source: Place | null };

/** Compares the places of traced steps with an oracle's, and returns how many places there are. */
function expectPlaces(steps: readonly Step[], oracle: (pc: number) => Place | undefined): number {
  const found = steps.filter(({ source }) => source !== null);
  for (const { step, pc, source } of found) {
    const { file, line, column } = source as Place;
    const expected = oracle(pc);
    expect({ step, line, column }).toEqual({
      step,
      line: expected?.line,
      column: expected?.column,
    });
    expect(file.endsWith((expected as Place).file), `${file}, ${expected?.file}`).toBe(true);
  }
  return new Set(found.map(({ source }) => source?.line)).size;
}

interface Disputed {
  readonly program: Program;
  readonly input: Uint8Array;
  /** Arguments that name program and input. */
  readonly given: readonly string[];
}

/** Disputes a step: the judged line is the oracle's, in JSON and in the report. */
async function expectReport(
  { program, input, given }: Disputed,
  step: number,
  oracle: (pc: number) => Place | undefined,
): Promise<void> {
  const out = folder.file(`dispute${step}`);
  const fault = ["--fault", `flip-memory@${step}`];
  const { value } = await runJson("dispute", ...given, ...fault, "--out", out);
  expect(value).toMatchObject({ verdict: "step", loser: "faulty" });
  const machine = instantiate(program);
  machine.begin(input);
  machine.runTo(value.judgedStep);
  const expected = oracle(machine.state.pc) as Place;
  expect(value.source).toMatchObject({ line: expected.line, column: expected.column });
  const report = readFileSync(value.report, "utf8");
  expect(report).toContain(`${expected.file}:${expected.line}:${expected.column}`);
}

/** Segments of a source map: generated column, source, line and column from 0 (ECMA-426, "mappings"), of its only line. */
function segmentsOf(mappings: string): number[][] {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const running = [0, 0, 0, 0, 0];
  return mappings.split(",").map((text) => {
    let [value, shift, field] = [0, 0, 0];
    for (const letter of text) {
      const digit = digits.indexOf(letter);
      value |= (digit & 31) << shift;
      shift += 5;
      if ((digit & 32) !== 0) continue;
      running[field++] += (value & 1) === 1 ? -(value >> 1) : value >> 1;
      [value, shift] = [0, 0];
    }
    return running.slice(0, field);
  });
}

describe("the ledger, by AssemblyScript", () => {
  test(
    "trace and report name the lines of the compiler's map",
    async () => {
      const binary = folder.file("ledger.wasm");
      const args = ["--runtime", "stub", "-O2", "--use", "abort=", "--debug", "--sourceMap"];
      const built = spawnSync(
        process.execPath,
        [
          at("node_modules/assemblyscript/bin/asc.js"),
          ...[at("examples/ledger/assembly/index.ts"), ...args, "-o", binary],
        ],
        { encoding: "utf8", cwd: folder.file("") },
      );
      expect(built.status, built.stderr).toBe(0);
      const map = JSON.parse(readFileSync(`${binary}.map`, "utf8"));
      const segments = segmentsOf(map.mappings);
      const program = load(new Uint8Array(readFileSync(binary)));
      const oracle = (pc: number): Place | undefined => {
        const { offset } = program.locate(pc);
        const last = segments.findLast(([column]) => column <= offset);
        if (last === undefined || last.length < 4) return undefined;
        const [, source, line, column] = last;
        return { file: map.sources[source].split("/").at(-1), line: line + 1, column: column + 1 };
      };
      const given = [binary, "--input", at("examples/ledger/block.bin")];
      const span = ["--from-step", "40000", "--to-step", "41000"];
      const { value } = await runJson("trace", ...given, ...span);
      const steps = value.steps as Step[];
      expect(steps.length).toBe(1000);
      expect(expectPlaces(steps, oracle)).toBeGreaterThan(5);
      // Of some instructions the map says that they have no line.
      const known = steps.filter(
        ({ pc, source }) => (source !== null) === (oracle(pc) !== undefined),
      );
      expect(known.length).toBe(1000);
      const input = new Uint8Array(readFileSync(at("examples/ledger/block.bin")));
      await expectReport({ program, input, given }, known[500].step, oracle);
    },
    longestMs,
  );
});

/** Without npm's own tools: clang runs a wasm-opt that it finds, which makes other code and other debugging data. */
const env = {
  ...process.env,
  PATH: (process.env.PATH ?? "")
    .split(delimiter)
    .filter((each) => !each.includes("node_modules"))
    .join(delimiter),
};

/** What llvm-dwarfdump says of an instruction of the program. */
function dwarfdump(binary: string, program: Program): (pc: number) => Place | undefined {
  const known = new Map<number, Place | undefined>();
  const { module } = program.modules[0];
  return (pc) => {
    const { module: index, offset } = program.locate(pc);
    if (index !== 0) return undefined;
    if (!known.has(pc)) {
      const address = offset - codeSection(module).start;
      const { stdout } = spawnSync("llvm-dwarfdump", [`--lookup=${address}`, binary], {
        encoding: "utf8",
      });
      const [, file, line, column] =
        /Line info: file '([^']*)', line (\d+), column (\d+)/.exec(stdout) ?? [];
      known.set(pc, file === undefined ? undefined : { file, line: +line, column: +column });
    }
    return known.get(pc);
  };
}

describe.each([
  ["C", "lines.c", "descending", ["clang", "--target=wasm32-wasi", "-g", "-O1"]],
  ["Rust", "lines.rs", "lines::main", ["rustc", "--target=wasm32-wasip1", "-g", "-Copt-level=1"]],
])("a program for WASI in %s", (_, source, entered, [tool, ...args]) => {
  test(
    "trace and report name the lines that llvm-dwarfdump does",
    async () => {
      const binary = folder.file(`${source}.wasm`);
      const path = at(`test/debug/programs/${source}`);
      const built = spawnSync(tool, [...args, "-o", binary, path], { encoding: "utf8", env });
      const hasLlvm = spawnSync("llvm-dwarfdump", ["--version"]).status === 0;
      if (built.status !== 0 || !hasLlvm) {
        const why = hasLlvm ? (built.error?.message ?? built.stderr) : "there is no llvm-dwarfdump";
        console.error(`NOT RUN: ${source}: ${why.slice(0, 300)}`);
        return;
      }
      const packed = folder.file(`${source}.packed`);
      await runJson("pack", binary, "-o", packed);
      const given = ["--project", `${packed}/wasm-arbiter.json`];
      const options = { args: [`${source}.wasm`] };
      const program = load(pack(new Uint8Array(readFileSync(binary)), options));
      const oracle = dwarfdump(binary, program);
      const { value } = await runJson("trace", ...given, "--break", entered);
      const steps = value.steps as Step[];
      expect(expectPlaces(steps.slice(0, 40), oracle)).toBeGreaterThan(1);
      const input = new Uint8Array(0);
      await expectReport({ program, input, given }, steps[10].step, oracle);
    },
    longestMs,
  );
});
