/**
 * Questions as the command line writes them, for `find` and `trace`: address ranges, functions, predicates.
 *
 * Invariant: a question that cannot be asked of the program is refused before anything runs, with what is wrong and where.
 */
import {
  type FindQuery,
  functionNamed,
  Predicate,
  PredicateError,
  programScope,
  type WrittenRange,
} from "../../debug/index.ts";
import type { MachineState, Program } from "../../interpreter/index.ts";
import { UsageError } from "../terminal/failure.ts";
import { visibleName } from "../terminal/visible.ts";
import { demangled } from "./demangle.ts";

export interface QueryOptions {
  readonly writes?: string;
  readonly memory?: number;
  readonly enters?: string;
  readonly nth?: number;
  readonly where?: string;
  readonly before?: number;
}

const shownBytes = 16;

export function queryOf(program: Program, options: QueryOptions): FindQuery {
  const { writes, enters, where, before, memory, nth } = options;
  const asked = [writes, enters, where].filter((each) => each !== undefined).length;
  if (asked !== 1) {
    throw new UsageError(
      asked === 0 ? "nothing is asked" : "more than one thing is asked",
      "give one of --writes, --enters, --where",
    );
  }
  if (before !== undefined && writes === undefined) {
    throw new UsageError("--before is for --writes", "leave it out, or ask for a write");
  }
  if (memory !== undefined && writes === undefined) {
    throw new UsageError("--memory is for --writes", "in a predicate write memory2[…]");
  }
  if (nth !== undefined && enters === undefined) {
    throw new UsageError("--nth is for --enters", "go on behind a step with --from-step");
  }
  if (writes !== undefined) {
    const range = rangeOf(program, writes, memory ?? 0);
    return { kind: before === undefined ? "write" : "lastWrite", range };
  }
  if (enters !== undefined) {
    if (nth === 0) throw new UsageError("--nth is 0", "entries are counted from 1");
    return { kind: "entry", function: functionOf(program, enters), nth: nth ?? 1 };
  }
  return { kind: "predicate", predicate: predicateOf(program, where as string) };
}

/** A function by its name, demangled or not, or its program-wide number. */
export function functionOf(program: Program, name: string): number {
  const index = functionNamed(program, name, demangled);
  if (index !== undefined) return index;
  const isNumber = /^\d+$/.test(name);
  throw new UsageError(
    isNumber
      ? `the program has ${program.functions.length} functions, no function ${name}`
      : `there is no one function ${visibleName(name)}`,
    "name one by its number: profile and trace show names, inspect lists them",
  );
}

export function predicateOf(program: Program, text: string): Predicate {
  try {
    return Predicate.parse(text, programScope(program, demangled));
  } catch (error) {
    if (!(error instanceof PredicateError)) throw error;
    throw new UsageError(
      `no predicate: ${visibleName(error.message)}`,
      "write one such as 'memory[0x400].i32 == 7 && global[0] > 3' (docs/debugging.md)",
    );
  }
}

const number = "(0x[\\da-f]+|\\d+)";
const ranges = new RegExp(`^${number}(?:(\\.\\.|\\+)${number})?$`, "i");

function rangeOf(program: Program, text: string, memory: number): WrittenRange {
  const [, first, operator, second] = ranges.exec(text) ?? [];
  if (first === undefined) {
    throw new UsageError(
      `${visibleName(text)} is no range of addresses`,
      "write ADDRESS, FROM..TO or FROM+LENGTH",
    );
  }
  if (memory >= program.memories.length) {
    throw new UsageError(
      `the program has no memory ${memory}`,
      program.memories.length === 0 ? "it has none" : `choose 0 to ${program.memories.length - 1}`,
    );
  }
  const address = Number(first);
  const length = operator === ".." ? Number(second) - address : Number(second ?? 1);
  if (!(length > 0 && address + length <= 2 ** 32)) {
    throw new UsageError(
      `the range ${text} is empty or too long`,
      "give at least one byte below 2^32",
    );
  }
  return { memory, address, length };
}

/** Bytes as they lie in memory now. */
export function bytesText(state: MachineState, { memory, address, length }: WrittenRange): string {
  const bytes = state.memories[memory].bytes.subarray(
    address,
    address + Math.min(length, shownBytes),
  );
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return length > shownBytes ? `${text} …` : text;
}
