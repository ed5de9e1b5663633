/**
 * What follows from the columns of a row, in one place: shapes of accesses, parts of signatures, letters of types.
 *
 * Invariant: pure functions of the row; no code elsewhere takes a signature apart.
 */
import type { InstructionRow } from "./table.ts";

/** What a load or store looks like, from its row's columns. */
export interface AccessShape {
  readonly isStore: boolean;
  /** Bytes of memory. */
  readonly width: number;
  readonly isSigned: boolean;
  /** Whether a signed load extends into the high word. */
  readonly isWide: boolean;
}

/** The shape of a scalar load or store; undefined for any other row. */
export function accessShape(row: InstructionRow): AccessShape | undefined {
  const { access, width } = row;
  if ((access !== "load" && access !== "store") || width === undefined) return undefined;
  if (row.form !== undefined) return undefined;
  return {
    isStore: access === "store",
    width,
    isSigned: row.signExtends !== undefined,
    isWide: row.signExtends === 64,
  };
}

/** Whether the row computes: a signature, a kernel, no instruction fields. */
export function isNumeric({ family }: InstructionRow): boolean {
  return family === "integer" || family === "float" || family === "conversion";
}

/** Letters of operand types, the last operand on top of the stack, and of result types. */
export interface Signature {
  readonly params: string;
  readonly results: string;
}

/** The parts of a signature's text; of no operands and no results where a row has none. */
export function signatureParts(signature: string | null): Signature {
  const text = signature ?? ":";
  let parts = knownParts.get(text);
  if (parts === undefined) {
    const [params = "", results = ""] = text.split(":");
    parts = { params, results };
    knownParts.set(text, parts);
  }
  return parts;
}

/** Translators ask for every instruction of a program; the table has a few dozen signatures. */
const knownParts = new Map<string, Signature>();

/** What the letters of a signature stand for. */
export const letterNames = { i: "i32", I: "i64", f: "f32", F: "f64", v: "v128" } as const;
export type TypeLetter = keyof typeof letterNames;

/** Slots that the values of letters take together (docs/machine.md §1). */
export function slotsOfLetters(letters: string): number {
  let slots = letters.length;
  for (const letter of letters) if (letter === "v") slots++;
  return slots;
}

/** A table by letter from one by type name: `byLetter({ i32: 0x7f, … }).i` is `0x7f`. */
export function byLetter<T>(
  byName: Readonly<Record<(typeof letterNames)[TypeLetter], T>>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(letterNames).map(([letter, name]) => [letter, byName[name]]),
  );
}

/** The letters with floats as integers of their width: how instructions that work on bits see them. */
export function asBits(letters: string): string {
  return letters.replaceAll("f", "i").replaceAll("F", "I");
}
