/**
 * The rows of the instruction table by dense number: one number for every code, prefixed ones after those of one byte
 * (table.ts says how they are numbered). What the cursor looks up for each instruction that it reads.
 *
 * Invariant: a dense number has a row exactly if a binary may hold its code under some set of features.
 */
import type { Features } from "./features.ts";
import type { InstructionFeature, InstructionRow } from "./table.ts";
import { codePages, denseCode, denseCodes, densePage, instructions, isDecoded } from "./table.ts";

/** The dense numbers of a prefix's codes: [start, end). */
export interface DensePage {
  readonly start: number;
  readonly end: number;
}

function pageOf(prefix: number): DensePage {
  const page = densePage(prefix);
  if (page === undefined) throw new RangeError(`expected a prefix of the table, got ${prefix}`);
  return { start: page.start, end: page.start + page.size };
}

/** The pages of the prefixes 0xfc, 0xfd and 0xfe. */
export const densePages = {
  extended: pageOf(codePages.extended),
  vector: pageOf(codePages.vector),
  atomic: pageOf(codePages.atomic),
} as const;

/** Whether a dense number is that of a vector instruction. */
export function isVectorCode(dense: number): boolean {
  return dense >= densePages.vector.start && dense < densePages.vector.end;
}

const rows: (InstructionRow | undefined)[] = new Array(denseCodes).fill(undefined);
for (const row of instructions as readonly InstructionRow[]) {
  if (isDecoded(row)) rows[denseCode(row.code)] = row;
}

/** Row of a dense number, or undefined where no instruction has it. */
export function rowOfDense(dense: number): InstructionRow | undefined {
  return rows[dense];
}

function isEnabled(feature: InstructionFeature, features: Features): boolean {
  return feature === "mvp" || (feature !== "host" && features[feature]);
}

/** One array a set of features: listings make a cursor for every instruction. */
const enabledCache = new WeakMap<Features, Uint8Array>();

/** 1 for each dense number whose instruction the features switch on. */
export function enabledRows(features: Features): Uint8Array {
  let enabled = enabledCache.get(features);
  if (enabled === undefined) {
    enabled = Uint8Array.from(rows, (row) =>
      row !== undefined && isEnabled(row.feature, features) ? 1 : 0,
    );
    enabledCache.set(features, enabled);
  }
  return enabled;
}
