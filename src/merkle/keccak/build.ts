/**
 * Builds the Keccak-256 kernel as a WebAssembly module: leaves and nodes of Merkle arrays are hashed straight
 * from linear memory (docs/proof-format.md §1), two at a time where the host has SIMD.
 *
 * Exports: `memory`; `batch(source, target, count, stride, lane8, lane16)` for `count` consecutive preimages of
 * `stride` (128 or 64) bytes, with the zero rule; `block(source, target)` for one padded 136-byte block, without it.
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
  vector,
  when,
} from "./assembler.ts";
import {
  type LaneOps,
  permutation,
  roundConstants,
  scalarOps,
  vectorOps,
  workLocals,
} from "./permutation.ts";

/** Memory of an instance: constants, then an input and an output area for a batch of chunks. */
export const kernelMemory = { pages: 16, input: 4096, output: 524288 } as const;

const laneCount = 25;
const rateLanes = 17;
const hashBytes = 32;
const leafStride = 128;

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
  const zero = ops.value === "i64" ? i64(0n) : [...i64(0n), ...vector("i64x2.splat")];
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
    ...permutation(scalarOps, locals),
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

/** pair(source, target, stride, lane8, lane16): the preimages at source and source + stride. */
function pairFunction(): FunctionSource {
  const [source, target, stride, lane8, lane16, second, lanes] = [0, 1, 2, 3, 4, 5, 6];
  const locals = { lanes, work: lanes + laneCount, address: lanes + laneCount + workLocals };
  const load = (i: number) => [
    ...[...get(second), ...get(source), ...vector("v128.load64_zero", at(3, i * 8))],
    ...vector("v128.load64_lane", at(3, i * 8), [1]),
  ];
  const splat = (local: number) => [...get(local), ...vector("i64x2.splat")];
  const isLeaf = [...get(stride), ...i32(leafStride), ...op("i32.eq")];
  const store = (i: number, lane: number) => [
    ...[...get(target), ...get(lanes + i)],
    ...vector("v128.store64_lane", at(3, lane * hashBytes + i * 8), [lane]),
  ];
  const body = [
    ...[...get(source), ...get(stride), ...op("i32.add"), ...set(second)],
    ...absorb(vectorOps, lanes, isLeaf, load, splat(lane8), splat(lane16)),
    ...permutation(vectorOps, locals),
    ...[0, 1, 2, 3].flatMap((i) => [...store(i, 0), ...store(i, 1)]),
  ];
  return {
    name: undefined,
    params: ["i32", "i32", "i32", "i64", "i64"],
    results: [],
    locals: ["i32", ...repeat<ValueName>(laneCount + workLocals, "v128"), "i32"],
    body,
  };
}

/** Locals of `batch`: its six parameters and the zero flags of the preimages at hand. */
const [source, target, count, stride, lane8, lane16, zeroA, zeroB] = [0, 1, 2, 3, 4, 5, 6, 7];

const zeroFlag = (index: Indices, pointer: Bytes, flag: number): Bytes => [
  ...[...pointer, ...get(stride), ...call(index.isZero), ...set(flag)],
];
const advance = (local: number, amount: Bytes): Bytes => [
  ...[...get(local), ...amount, ...op("i32.add"), ...set(local)],
];
const hashArguments = [source, target, stride, lane8, lane16].flatMap(get);

/** One preimage, then on to the next. */
function singleTurn(index: Indices): Bytes {
  return [
    ...zeroFlag(index, get(source), zeroA),
    ...get(zeroA),
    ...when([...get(target), ...call(index.clear)], [...hashArguments, ...call(index.single)]),
    ...[...advance(source, get(stride)), ...advance(target, i32(hashBytes))],
    ...advance(count, i32(-1)),
  ];
}

/** Two preimages, then on to the next two; a zero one is cleared after the fact. */
function pairTurn(index: Indices, pair: number): Bytes {
  const secondSource = [...get(source), ...get(stride), ...op("i32.add")];
  const secondTarget = [...get(target), ...i32(hashBytes), ...op("i32.add")];
  return [
    ...[...zeroFlag(index, get(source), zeroA), ...zeroFlag(index, secondSource, zeroB)],
    ...[...get(zeroA), ...get(zeroB), ...op("i32.and"), ...op("i32.eqz")],
    ...when([...hashArguments, ...call(pair)]),
    ...[...get(zeroA), ...when([...get(target), ...call(index.clear)])],
    ...[...get(zeroB), ...when([...secondTarget, ...call(index.clear)])],
    ...[...advance(source, get(stride)), ...advance(source, get(stride))],
    ...[...advance(target, i32(2 * hashBytes)), ...advance(count, i32(-2))],
  ];
}

function batchFunction(index: Indices): FunctionSource {
  const { pair } = index;
  const turn =
    pair === undefined
      ? singleTurn(index)
      : [
          ...[...get(count), ...i32(1), ...op("i32.gt_u")],
          ...when(pairTurn(index, pair), singleTurn(index)),
        ];
  const body = block(
    loop(
      [...get(count), ...op("i32.eqz"), ...op("br_if", unsigned(1))],
      turn,
      op("br", unsigned(0)),
    ),
  );
  return {
    name: "batch",
    params: ["i32", "i32", "i32", "i32", "i64", "i64"],
    results: [],
    locals: ["i32", "i32"],
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
  functions.push(batchFunction(index), blockFunction(index));
  return assemble(functions, kernelMemory.pages, roundConstants());
}
