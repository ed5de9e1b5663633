/**
 * Builds the Keccak-256 kernel as a WebAssembly module: leaves and nodes of Merkle arrays are hashed straight
 * from linear memory (docs/proof-format.md §1), two at a time where the host has SIMD.
 *
 * Exports: `memory`; `batch(source, target, count, stride, lane8, lane16)` for `count` consecutive preimages of
 * `stride` (128 or 64) bytes, with the zero rule; `listed(list, count, stride, lane8, lane16)` for preimages here and
 * there, the list giving source and target of each; `take(fresh, kept, leaves)` (take.ts); `block(source, target)`
 * for one padded 136-byte block, without the zero rule.
 */
import {
  assemble,
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
  type ValueName,
  when,
} from "./assembler.ts";
import { hashBytes, kernelMemory, leafStride, listEntryBytes } from "./kernelLayout.ts";
import {
  hashPermutation,
  type LaneOps,
  roundConstants,
  scalarOps,
  vectorOps,
  workLocals,
} from "./permutation.ts";
import { takeFunction } from "./take.ts";

const laneCount = 25;
const rateLanes = 17;

const repeat = <T>(count: number, item: T): T[] => new Array<T>(count).fill(item);
const call = (index: number): Bytes => op("call", unsigned(index));

/** Function indices; the scalar build lacks `pair` and keeps the others' order. */
interface Indices {
  readonly isZero: number;
  readonly clear: number;
  readonly single: number;
  readonly pair: number | undefined;
}

/** isZero(pointer, bytes) → 1 if all bytes are 0; bytes is a multiple of 32. */
function isZeroFunction(): FunctionSource {
  const [pointer, size, seen] = [0, 1, 2];
  const body = [
    ...loop(
      [...get(seen)],
      ...[0, 8, 16, 24].map((offset) => [
        ...[...get(pointer), ...op("i64.load", at(3, offset)), ...op("i64.or")],
      ]),
      set(seen),
      [...get(pointer), ...i32(32), ...op("i32.add"), ...set(pointer)],
      [...get(size), ...i32(32), ...op("i32.sub"), ...op("local.tee", unsigned(size))],
      op("br_if", unsigned(0)),
    ),
    ...[...get(seen), ...op("i64.eqz")],
  ];
  return { name: undefined, params: ["i32", "i32"], results: ["i32"], locals: ["i64"], body };
}

function clearFunction(): FunctionSource {
  const body = [0, 8, 16, 24].flatMap((offset) => [
    ...[...get(0), ...i64(0n), ...op("i64.store", at(3, offset))],
  ]);
  return { name: undefined, params: ["i32"], results: [], locals: [], body };
}

/** Fills the 25 lanes: `load(i)` pushes lane i of the data; the rest is padding or zero. */
function absorb(
  ops: LaneOps,
  lanes: number,
  isLeaf: Bytes,
  load: (lane: number) => Bytes,
  lane8: Bytes,
  lane16: Bytes,
): Bytes {
  const zero = ops.value === "i64" ? i64(0n) : [...i64(0n), ...op("i64x2.splat")];
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const node = [
    ...[...lane8, ...set(lanes + 8)],
    ...range(9, 16).flatMap((i) => [...zero, ...set(lanes + i)]),
  ];
  return [
    ...range(0, 8).flatMap((i) => [...load(i), ...set(lanes + i)]),
    ...[
      ...isLeaf,
      ...when(
        range(8, 16).flatMap((i) => [...load(i), ...set(lanes + i)]),
        node,
      ),
    ],
    ...[...lane16, ...set(lanes + 16)],
    ...range(rateLanes, laneCount).flatMap((i) => [...zero, ...set(lanes + i)]),
  ];
}

/** single(source, target, stride, lane8, lane16) */
function singleFunction(): FunctionSource {
  const [source, target, stride, lane8, lane16, lanes] = [0, 1, 2, 3, 4, 5];
  const locals = { lanes, work: lanes + laneCount, address: lanes + laneCount + workLocals };
  const load = (i: number) => [...get(source), ...op("i64.load", at(3, i * 8))];
  const isLeaf = [...get(stride), ...i32(leafStride), ...op("i32.eq")];
  const body = [
    ...absorb(scalarOps, lanes, isLeaf, load, get(lane8), get(lane16)),
    ...hashPermutation(scalarOps, locals),
    ...[0, 1, 2, 3].flatMap((i) => [
      ...[...get(target), ...get(lanes + i), ...op("i64.store", at(3, i * 8))],
    ]),
  ];
  return {
    name: undefined,
    params: ["i32", "i32", "i32", "i64", "i64"],
    results: [],
    locals: [...repeat<ValueName>(laneCount + workLocals, "i64"), "i32"],
    body,
  };
}

/** pair(sourceA, targetA, sourceB, targetB, stride, lane8, lane16) */
function pairFunction(): FunctionSource {
  const [sourceA, targetA, sourceB, targetB, stride, lane8, lane16, lanes] = [
    0, 1, 2, 3, 4, 5, 6, 7,
  ];
  const locals = { lanes, work: lanes + laneCount, address: lanes + laneCount + workLocals };
  const load = (i: number) => [
    ...[...get(sourceB), ...get(sourceA), ...op("v128.load64_zero", at(3, i * 8))],
    ...op("v128.load64_lane", at(3, i * 8), [1]),
  ];
  const splat = (local: number) => [...get(local), ...op("i64x2.splat")];
  const isLeaf = [...get(stride), ...i32(leafStride), ...op("i32.eq")];
  const store = (i: number, target: number, lane: number) => [
    ...[...get(target), ...get(lanes + i)],
    ...op("v128.store64_lane", at(3, i * 8), [lane]),
  ];
  const body = [
    ...absorb(vectorOps, lanes, isLeaf, load, splat(lane8), splat(lane16)),
    ...hashPermutation(vectorOps, locals),
    ...[0, 1, 2, 3].flatMap((i) => [...store(i, targetA, 0), ...store(i, targetB, 1)]),
  ];
  return {
    name: undefined,
    params: ["i32", "i32", "i32", "i32", "i32", "i64", "i64"],
    results: [],
    locals: [...repeat<ValueName>(laneCount + workLocals, "v128"), "i32"],
    body,
  };
}

const advance = (local: number, amount: Bytes): Bytes => [
  ...[...get(local), ...amount, ...op("i32.add"), ...set(local)],
];

/** Locals of a function that hashes many preimages. */
interface ManyLocals {
  readonly count: number;
  readonly stride: number;
  readonly lane8: number;
  readonly lane16: number;
  /** Source and target of the two preimages at hand, and whether they are zero. */
  readonly sourceA: number;
  readonly targetA: number;
  readonly sourceB: number;
  readonly targetB: number;
  readonly zeroA: number;
  readonly zeroB: number;
}

/** Where the preimages of a turn lie, and how to go on behind `preimages` of them. */
interface Walk {
  readonly placeOne: Bytes;
  readonly placeTwo: Bytes;
  advance(preimages: 1 | 2): Bytes;
}

/** Hashes `count` preimages, two in a turn where there is a pair function; zero ones are cleared instead. */
function hashMany(index: Indices, locals: ManyLocals, walk: Walk): Bytes {
  const { count, stride, lane8, lane16, sourceA, targetA, sourceB, targetB, zeroA, zeroB } = locals;
  const zeroFlag = (source: number, flag: number): Bytes => [
    ...[...get(source), ...get(stride), ...call(index.isZero), ...set(flag)],
  ];
  const kind = [stride, lane8, lane16].flatMap(get);
  const one = [
    ...[...walk.placeOne, ...zeroFlag(sourceA, zeroA), ...get(zeroA)],
    ...when(
      [...get(targetA), ...call(index.clear)],
      [...get(sourceA), ...get(targetA), ...kind, ...call(index.single)],
    ),
    ...[...walk.advance(1), ...advance(count, i32(-1))],
  ];
  const two = (pair: number): Bytes => [
    ...[...walk.placeTwo, ...zeroFlag(sourceA, zeroA), ...zeroFlag(sourceB, zeroB)],
    ...[...get(zeroA), ...get(zeroB), ...op("i32.and"), ...op("i32.eqz")],
    ...when([...[sourceA, targetA, sourceB, targetB].flatMap(get), ...kind, ...call(pair)]),
    ...[...get(zeroA), ...when([...get(targetA), ...call(index.clear)])],
    ...[...get(zeroB), ...when([...get(targetB), ...call(index.clear)])],
    ...[...walk.advance(2), ...advance(count, i32(-2))],
  ];
  const { pair } = index;
  const turn =
    pair === undefined
      ? one
      : [...get(count), ...i32(1), ...op("i32.gt_u"), ...when(two(pair), one)];
  return block(
    loop(
      [...get(count), ...op("i32.eqz"), ...op("br_if", unsigned(1))],
      turn,
      op("br", unsigned(0)),
    ),
  );
}

function batchFunction(index: Indices): FunctionSource {
  const [sourceA, targetA, count, stride, lane8, lane16] = [0, 1, 2, 3, 4, 5];
  const [sourceB, targetB, zeroA, zeroB] = [6, 7, 8, 9];
  const body = hashMany(
    index,
    { count, stride, lane8, lane16, sourceA, targetA, sourceB, targetB, zeroA, zeroB },
    {
      placeOne: [],
      placeTwo: [
        ...[...get(sourceA), ...get(stride), ...op("i32.add"), ...set(sourceB)],
        ...[...get(targetA), ...i32(hashBytes), ...op("i32.add"), ...set(targetB)],
      ],
      advance: (preimages) => [
        ...repeat(preimages, advance(sourceA, get(stride))).flat(),
        ...advance(targetA, i32(preimages * hashBytes)),
      ],
    },
  );
  return {
    name: "batch",
    params: ["i32", "i32", "i32", "i32", "i64", "i64"],
    results: [],
    locals: repeat<ValueName>(4, "i32"),
    body,
  };
}

function listedFunction(index: Indices): FunctionSource {
  const [list, count, stride, lane8, lane16] = [0, 1, 2, 3, 4];
  const [sourceA, targetA, sourceB, targetB, zeroA, zeroB] = [5, 6, 7, 8, 9, 10];
  const read = (word: number, local: number) => [
    ...[...get(list), ...op("i32.load", at(2, 4 * word)), ...set(local)],
  ];
  const placeOne = [...read(0, sourceA), ...read(1, targetA)];
  const body = hashMany(
    index,
    { count, stride, lane8, lane16, sourceA, targetA, sourceB, targetB, zeroA, zeroB },
    {
      placeOne,
      placeTwo: [...placeOne, ...read(2, sourceB), ...read(3, targetB)],
      advance: (preimages) => advance(list, i32(preimages * listEntryBytes)),
    },
  );
  return {
    name: "listed",
    params: ["i32", "i32", "i32", "i64", "i64"],
    results: [],
    locals: repeat<ValueName>(6, "i32"),
    body,
  };
}

/** block(source, target): one padded block of 136 bytes. */
function blockFunction(index: Indices): FunctionSource {
  const body = [
    ...[...get(0), ...get(1), ...i32(leafStride), ...i64(0n)],
    ...[...get(0), ...op("i64.load", at(3, leafStride)), ...call(index.single)],
  ];
  return { name: "block", params: ["i32", "i32"], results: [], locals: [], body };
}

/** The kernel's bytes, with SIMD or without. */
export function buildKernel(simd: boolean): Uint8Array<ArrayBuffer> {
  const index: Indices = { isZero: 0, clear: 1, single: 2, pair: simd ? 3 : undefined };
  const functions = [isZeroFunction(), clearFunction(), singleFunction()];
  if (simd) functions.push(pairFunction());
  functions.push(batchFunction(index), listedFunction(index), takeFunction(simd));
  functions.push(blockFunction(index));
  return assemble(functions, kernelMemory.pages, roundConstants());
}
