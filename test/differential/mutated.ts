/**
 * What becomes of mutated modules: a typed error or a module that links and runs, and V8's verdict on validity.
 *
 * Invariant: V8 and the decoder are compared on every module except those that fail for want of a proposal or by a
 * limit of this machine (codes `unsupported-…`, `limit-…`) and flags of limits, of which V8 has more.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import type { Module } from "../../src/interpreter/binary/module.ts";
import { InvalidError, LinkError, MalformedError } from "../../src/interpreter/errors.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { realModules } from "../interpreter/binary/realModules.ts";
import { generateModule } from "./generator.ts";
import { mutate } from "./mutation.ts";
import { Random } from "./random.ts";

const stepsPerRun = 2_000;
const runnablePages = 64;
const smallBytes = 16_000;
const generatedBases = 60;

export interface MutationReport {
  readonly modules: number;
  readonly valid: number;
  /** Modules whose validity V8 was asked about. */
  readonly compared: number;
  /** Longest time that one module took, in milliseconds. */
  readonly slowest: number;
  readonly codes: ReadonlySet<string>;
  /** Disagreements and untyped errors, one line each. */
  readonly findings: readonly string[];
}

function bases(): Uint8Array[] {
  const generated = Array.from({ length: generatedBases }, (_, seed) => generateModule(seed).bytes);
  const real = realModules().filter(({ bytes }) => bytes.length < smallBytes);
  return [...generated, ...real.map(({ bytes }) => bytes)];
}

function isOurLimit(code: string): boolean {
  return /^(unsupported|limit)-|^malformed-limits-flags$/.test(code);
}

/** Runs each exported function without arguments for a while. Throws what the machine should not throw. */
function exercise(module: Module): void {
  const pages = [...module.memories, ...module.imports.flatMap(memoryOf)].map(({ min }) => min);
  const entries = module.tables.map(({ limits }) => limits.min);
  if (Math.max(0, ...pages) > runnablePages || Math.max(0, ...entries) > 100_000) return;
  try {
    const program = link([{ name: "mutated", module }], { unknownImports: "trap" });
    const machine = new Machine(program);
    machine.run({ steps: stepsPerRun });
    for (const { kind, index } of module.exports) {
      const target = kind === "function" ? program.modules[0].functions[index] : -1;
      if (target < 0 || machine.isRunning) continue;
      const args = new Array<bigint>(program.functions[target].params).fill(1n);
      machine.invoke(target, args);
      machine.run({ steps: stepsPerRun });
    }
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
  }
}

function memoryOf(item: Module["imports"][number]) {
  return item.kind === "memory" ? [item.type] : [];
}

/** The code of a typed error, undefined for a valid module. Any other error goes on up. */
function verdict(bytes: Uint8Array): string | undefined {
  try {
    exercise(decodeModule(bytes));
    return undefined;
  } catch (error) {
    if (error instanceof MalformedError || error instanceof InvalidError) return error.code;
    throw error;
  }
}

export function checkMutations(count: number, firstSeed: number): MutationReport {
  const originals = bases();
  const findings: string[] = [];
  const codes = new Set<string>();
  let valid = 0;
  let compared = 0;
  let slowest = 0;
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const bytes = mutate(originals[seed % originals.length], new Random(seed));
    const start = performance.now();
    try {
      const code = verdict(bytes);
      slowest = Math.max(slowest, performance.now() - start);
      if (code === undefined) valid++;
      else codes.add(code);
      if (code !== undefined && isOurLimit(code)) continue;
      compared++;
      if (WebAssembly.validate(bytes as BufferSource) !== (code === undefined)) {
        findings.push(`seed ${seed}: V8 disagrees with ${code ?? "valid"}`);
      }
    } catch (error) {
      findings.push(`seed ${seed}: ${(error as Error).stack}`);
    }
  }
  return { modules: count, valid, compared, slowest, codes, findings };
}
