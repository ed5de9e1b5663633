/**
 * What differs between two states of one program: registers, input, stack, frames, globals, memories, tables.
 *
 * Invariant: the list is empty if and only if the state hashes are equal, except that it is cut at `limit` entries.
 */

import { haltedPc } from "../../interpreter/program/program.ts";
import { outputOf } from "../../interpreter/state/callOutput.ts";
import { type MachineState, registerNames } from "../../interpreter/state/machineState.ts";

/** One place at which two states differ. */
export interface Difference {
  /** Register name, or component with index: `memory 0 at 0x1f40`, `stack slot 7`. */
  readonly where: string;
  /** Values in the first and in the second state, as text. */
  readonly before: string;
  readonly after: string;
}

/** Differences that are listed if nobody asks for more. */
export const defaultDifferences = 64;

/**
 * Where two states of one program differ, in a fixed order: registers first, memory by rows of 8 bytes. Compares
 * the arrays themselves, so it costs time in proportion to the memories. At most `limit` places are told.
 */
export function stateDifference(
  one: MachineState,
  other: MachineState,
  limit = defaultDifferences,
): Difference[] {
  const found: Difference[] = [];
  const add = (where: string, before: unknown, after: unknown) => {
    if (before !== after && found.length < limit) {
      found.push({ where, before: String(before), after: String(after) });
    }
  };
  for (const name of registerNames) add(name, register(one, name), register(other, name));
  add("inputLength", one.input.length, other.input.length);
  compareBytes("input", one.input, other.input, add);
  add("outputLength", one.outputLength, other.outputLength);
  compareBytes("output", outputOf(one), outputOf(other), add);
  compareSlots("stack slot", one.stack, one.sp, other.stack, other.sp, add);
  compareSlots(
    "global",
    one.globals,
    one.globals.length / 2,
    other.globals,
    one.globals.length / 2,
    add,
  );
  for (let i = 0; i < Math.max(one.depth, other.depth); i++) {
    add(`frame ${i}`, frame(one, i), frame(other, i));
  }
  one.memories.forEach((memory, m) => {
    const others = other.memories[m];
    add(`pages of memory ${m}`, memory.pages, others.pages);
    compareBytes(`memory ${m}`, memory.bytes, others.bytes, add);
    const dirty = (chunks: readonly number[]) => [...chunks].sort((a, b) => a - b).join(" ");
    add(`dirty chunks of memory ${m}`, dirty(memory.dirtyChunks), dirty(others.dirtyChunks));
  });
  one.tables.forEach((table, t) => {
    const others = other.tables[t];
    add(`size of table ${t}`, table.size, others.size);
    for (let i = 0; i < Math.min(table.size, others.size); i++) {
      add(`table ${t} entry ${i}`, table.entries[i], others.entries[i]);
    }
  });
  one.dropped.forEach((value, i) => {
    add(`dropped segment ${i}`, value, other.dropped[i]);
  });
  return found;
}

/** The pc of a halted machine is written −1, as everywhere in the documents. */
function register(state: MachineState, name: (typeof registerNames)[number]): number {
  const value = state[name];
  return name === "pc" && value === haltedPc ? -1 : value;
}

type Add = (where: string, before: unknown, after: unknown) => void;

/** A slot as 0x and 16 digits. */
export function slotText(slots: Int32Array, slot: number): string {
  const word = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
  return `0x${word(slots[2 * slot + 1])}${word(slots[2 * slot])}`;
}

function compareSlots(
  name: string,
  one: Int32Array,
  oneCount: number,
  other: Int32Array,
  otherCount: number,
  add: Add,
): void {
  for (let i = 0; i < Math.max(oneCount, otherCount); i++) {
    add(
      `${name} ${i}`,
      i < oneCount ? slotText(one, i) : "–",
      i < otherCount ? slotText(other, i) : "–",
    );
  }
}

function frame(state: MachineState, i: number): string {
  if (i >= state.depth) return "–";
  return `return to pc ${state.frames[2 * i]}, fp ${state.frames[2 * i + 1]}`;
}

/** By rows of 8 bytes, so that one changed value is one line. */
function compareBytes(name: string, one: Uint8Array, other: Uint8Array, add: Add): void {
  const rowBytes = 8;
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] === other[at]) continue;
    const start = at - (at % rowBytes);
    const row = (bytes: Uint8Array) =>
      Array.from(bytes.subarray(start, start + rowBytes), (b) => b.toString(16).padStart(2, "0"));
    const where = `${name} at 0x${start.toString(16)}`;
    add(where, row(one).join(" "), row(other).join(" "));
    at = start + rowBytes - 1;
  }
}
