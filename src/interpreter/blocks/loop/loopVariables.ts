/**
 * The variables of the block loop as an object, so that its operations can be written as typed functions. The generator
 * (scripts/blockLoop.ts) makes one function of them all: `l.name` becomes the variable, what a function returns says
 * where the loop goes on.
 *
 * Invariant: an operation reads its operands before it writes its result, and moves `p` past its words.
 */
import type { BlockContext } from "../blockContext.ts";

type Arrays = Pick<
  BlockContext,
  | "code"
  | "entries"
  | "gates"
  | "stack"
  | "floats"
  | "singles"
  | "frames"
  | "globals"
  | "globalChanges"
  | "memory"
  | "flags"
  | "stackLimit"
  | "frameLimit"
>;

export interface Loop extends Arrays {
  readonly context: BlockContext;
  /** Bytes of memory 0. */
  readonly bytes: number;
  /** Position in `code`. */
  p: number;
  /** First word of the running frame. */
  base: number;
  depth: number;
  fuel: number;
  trap: number;
  pc: number;
  exit: number;
}

/** Where the loop goes on: with the block's next operation, with the accounting of the next block, or nowhere. */
export const operation = 0;
export const block = 1;
export const leave = 2;
export type Next = typeof operation | typeof block | typeof leave;

export type Operation = (l: Loop) => Next;
