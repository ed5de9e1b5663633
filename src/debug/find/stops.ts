/**
 * Which instructions a question has to stop at: where a function begins, and behind what changes the globals and locals of a
 * predicate (docs/debugging.md, "How find runs").
 *
 * Invariant: a predicate's truth changes only in steps after which the next instruction is one of its stops, or which write its bytes,
 * or at the beginning and the end of a call.
 */

import { BlockCode } from "../../interpreter/blocks/blockCode.ts";
import { tableBranches } from "../../interpreter/blocks/translateControl.ts";
import { executedRow, type Mnemonic } from "../../interpreter/isa/table.ts";
import { readU16, readU32 } from "../../interpreter/program/bigEndian.ts";
import { instructionBytes, type Program } from "../../interpreter/program/program.ts";
import type { Predicate } from "./predicate.ts";
import type { GlobalTerm, LocalTerm, MemoryTerm } from "./terms.ts";
import type { Watch } from "./watchedRun.ts";

const mnemonicAt = ({ code }: Program, pc: number) =>
  executedRow(readU16(code, pc * instructionBytes))?.mnemonic as Mnemonic | undefined;

/** First field of an instruction: a target, or the number of a variable. */
const firstField = ({ code }: Program, pc: number) => readU32(code, pc * instructionBytes + 4);

/** First and past-the-last pc of a function. */
function rangeOf(
  program: Program,
  functionIndex: number,
): { readonly start: number; readonly end: number } {
  const start = program.functions[functionIndex].entryPc;
  const entries = [...program.functions, ...(program.boot === undefined ? [] : [program.boot])];
  const end = entries.reduce(
    (least, { entryPc }) => (entryPc > start ? Math.min(least, entryPc) : least),
    program.code.length / instructionBytes,
  );
  return { start, end };
}

const branches: readonly (Mnemonic | undefined)[] = ["br", "br_if", "br_table"];
const calls: readonly (Mnemonic | undefined)[] = ["call", "call_indirect"];
const localSets: readonly (Mnemonic | undefined)[] = ["local.set", "local.tee"];
const globalSet: Mnemonic = "global.set";

/** Branches of a function that may lead back to its first instruction: they enter nothing. */
export function backBranches(program: Program, functionIndex: number): number[] {
  const { start, end } = rangeOf(program, functionIndex);
  const found: number[] = [];
  const blocks = new BlockCode(program);
  for (let pc = start; pc < end; pc++) {
    const mnemonic = mnemonicAt(program, pc);
    if (!branches.includes(mnemonic)) continue;
    const targets =
      mnemonic === "br_table"
        ? tableBranches(blocks, pc).map(({ target }) => target)
        : [firstField(program, pc)];
    if (targets.includes(start)) found.push(pc);
  }
  return found;
}

/** Sets of globals, by pc. */
export function globalSets(program: Program, globals: ReadonlySet<number>): number[] {
  const found: number[] = [];
  const count = program.code.length / instructionBytes;
  for (let pc = 0; pc < count; pc++) {
    if (mnemonicAt(program, pc) === globalSet && globals.has(firstField(program, pc)))
      found.push(pc);
  }
  return found;
}

/** Sets of locals of a function, by pc. */
export function localSetsIn(
  program: Program,
  functionIndex: number,
  locals: ReadonlySet<number>,
): number[] {
  const { start, end } = rangeOf(program, functionIndex);
  const found: number[] = [];
  for (let pc = start; pc < end; pc++) {
    if (localSets.includes(mnemonicAt(program, pc)) && locals.has(firstField(program, pc)))
      found.push(pc);
  }
  return found;
}

/** Where control arrives from or in another function: entries, and what follows calls. */
function arrivals(program: Program): number[] {
  const found = program.functions.map(({ entryPc }) => entryPc);
  const count = program.code.length / instructionBytes;
  for (let pc = 0; pc < count; pc++) {
    if (calls.includes(mnemonicAt(program, pc))) found.push(pc + 1);
  }
  return found;
}

/** What a predicate's truth depends on. */
export function predicateWatch(program: Program, predicate: Predicate): Watch {
  const { terms } = predicate;
  const memories = terms.filter((term): term is MemoryTerm => term.kind === "memory");
  const globals = terms.filter((term): term is GlobalTerm => term.kind === "global");
  const locals = terms.filter((term): term is LocalTerm => term.kind === "local");
  const wanted = new Set(globals.map(({ index }) => index));
  const stops = new Set<number>();
  if (globals.length > 0) for (const pc of globalSets(program, wanted)) stops.add(pc + 1);
  for (const { function: owner, index } of locals) {
    const { start, end } = rangeOf(program, owner);
    stops.add(start);
    for (const pc of localSetsIn(program, owner, new Set([index]))) stops.add(pc + 1);
    // Behind a call the function runs again: what others wrote meanwhile counts from here on.
    for (let pc = start; pc < end; pc++) {
      if (calls.includes(mnemonicAt(program, pc))) stops.add(pc + 1);
    }
  }
  if (predicate.deniesLocals) for (const pc of arrivals(program)) stops.add(pc);
  return {
    stops: [...stops],
    ranges: memories.map(({ memory, address, type }) => ({ memory, address, length: type.bytes })),
  };
}
