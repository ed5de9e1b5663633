/**
 * Emits `take(fresh, kept, leaves)`: compares the leaves of a chunk with those that a memo keeps, copies the ones
 * that differ into the memo, and returns which (bit i for leaf i of at most 32).
 *
 * Invariant: afterwards the kept content equals the fresh one.
 */
import {
  at,
  type Bytes,
  block,
  type FunctionSource,
  get,
  i32,
  i64,
  loop,
  op,
  set,
  unsigned,
  when,
} from "./assembler.ts";
import { leafStride } from "./kernelLayout.ts";

const laneAlignment = 3;

/** Moving and comparing a leaf in the widest moves that the host has. */
interface Moves {
  readonly value: "i64" | "v128";
  readonly bytes: number;
  load(offset: number): Bytes;
  store(offset: number): Bytes;
  readonly xor: Bytes;
  readonly or: Bytes;
  /** 1 if the value on the stack is not 0. */
  readonly isSet: Bytes;
}

const scalarMoves: Moves = {
  value: "i64",
  bytes: 8,
  load: (offset) => op("i64.load", at(laneAlignment, offset)),
  store: (offset) => op("i64.store", at(laneAlignment, offset)),
  xor: op("i64.xor"),
  or: op("i64.or"),
  isSet: [...i64(0n), ...op("i64.ne")],
};

const vectorMoves: Moves = {
  value: "v128",
  bytes: 16,
  load: (offset) => op("v128.load", at(laneAlignment, offset)),
  store: (offset) => op("v128.store", at(laneAlignment, offset)),
  xor: op("v128.xor"),
  or: op("v128.or"),
  isSet: op("v128.any_true"),
};

export function takeFunction(simd: boolean): FunctionSource {
  const [fresh, kept, leaves, leaf, changed] = [0, 1, 2, 3, 4];
  const moves = simd ? vectorMoves : scalarMoves;
  const offsets = Array.from({ length: leafStride / moves.bytes }, (_, i) => i * moves.bytes);
  const difference = offsets.flatMap((offset, i) => [
    ...[...get(fresh), ...moves.load(offset), ...get(kept), ...moves.load(offset)],
    ...[...moves.xor, ...(i === 0 ? [] : moves.or)],
  ]);
  const copy = offsets.flatMap((offset) => [
    ...[...get(kept), ...get(fresh), ...moves.load(offset), ...moves.store(offset)],
  ]);
  const mark = [
    ...[...get(changed), ...i32(1), ...get(leaf), ...op("i32.shl"), ...op("i32.or")],
    ...set(changed),
  ];
  const next = (local: number, amount: number) => [
    ...[...get(local), ...i32(amount), ...op("i32.add"), ...set(local)],
  ];
  const body = [
    ...block(
      loop(
        [...get(leaf), ...get(leaves), ...op("i32.eq"), ...op("br_if", unsigned(1))],
        [...difference, ...moves.isSet, ...when([...copy, ...mark])],
        [...next(fresh, leafStride), ...next(kept, leafStride), ...next(leaf, 1)],
        op("br", unsigned(0)),
      ),
    ),
    ...get(changed),
  ];
  return {
    name: "take",
    params: ["i32", "i32", "i32"],
    results: ["i32"],
    locals: ["i32", "i32"],
    body,
  };
}
