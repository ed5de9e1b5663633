/**
 * Emits the Keccak-f[1600] permutation (FIPS 202 §3.3) over lanes held in WebAssembly locals, for one state
 * (i64) or for two states side by side (i64x2).
 *
 * Two rounds a loop iteration: measured faster than full unrolling, whose code no longer fits the
 * instruction cache, and than one round, which has to move the 25 lanes back. Of the last round only the four lanes
 * of a hash are computed.
 */
import { at, type Bytes, get, i32, i64, op, set, tee, unsigned } from "./assembler.ts";

const rounds = 24;
/** Bytes of the round constants, which lie at address 0 of the kernel's memory. */
export const roundConstantBytes = rounds * 8;

/** The operations that differ between one state and two side by side. */
export interface LaneOps {
  readonly value: "i64" | "v128";
  readonly xor: Bytes;
  readonly or: Bytes;
  /** Operands x, y on the stack: x & ~y. */
  andNot(x: Bytes, y: Bytes): Bytes;
  /** Rotates the value that `lane` pushes left by `amount`; `scratch` is a free local. */
  rotate(lane: Bytes, amount: number, scratch: number): Bytes;
  /** The round constant at address local + offset, in every lane. */
  constant(addressLocal: number, offset: number): Bytes;
}

export const scalarOps: LaneOps = {
  value: "i64",
  xor: op("i64.xor"),
  or: op("i64.or"),
  andNot: (x, y) => [...y, ...i64(-1n), ...op("i64.xor"), ...x, ...op("i64.and")],
  rotate: (lane, amount) =>
    amount === 0 ? lane : [...lane, ...i64(BigInt(amount)), ...op("i64.rotl")],
  constant: (local, offset) => [...get(local), ...op("i64.load", at(3, offset))],
};

export const vectorOps: LaneOps = {
  value: "v128",
  xor: op("v128.xor"),
  or: op("v128.or"),
  andNot: (x, y) => [...x, ...y, ...op("v128.andnot")],
  rotate(lane, amount, scratch) {
    if (amount === 0) return lane;
    return [
      ...[...lane, ...tee(scratch), ...i32(amount), ...op("i64x2.shl")],
      ...[...get(scratch), ...i32(64 - amount), ...op("i64x2.shr_u")],
      ...op("v128.or"),
    ];
  },
  constant: (local, offset) => [...get(local), ...op("v128.load64_splat", at(3, offset))],
};

/** Locals of the permutation, by number of the first of each group. */
export interface PermutationLocals {
  /** 25 lanes, input and output. */
  readonly lanes: number;
  /** 25 lanes between two rounds, 5 parities, 5 theta effects, 5 of a row, 1 scratch. */
  readonly work: number;
  /** i32 */
  readonly address: number;
}
export const workLocals = 25 + 5 + 5 + 5 + 1;

const five = [0, 1, 2, 3, 4] as const;
/** Lanes of a hash of 32 bytes. */
const hashLanes = [0, 1, 2, 3] as const;

/** Rotation of lane x + 5y (FIPS 202 §3.2.2), by the walk that defines it. */
const rotations = (() => {
  const offsets = new Array<number>(25).fill(0);
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t++) {
    offsets[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  return offsets;
})();

/** Round constants (FIPS 202 §3.2.5), by the linear feedback shift register that defines them. */
export function roundConstants(): Uint8Array {
  const bytes = new Uint8Array(roundConstantBytes);
  const view = new DataView(bytes.buffer);
  let register = 1;
  for (let round = 0; round < rounds; round++) {
    let constant = 0n;
    for (let j = 0; j <= 6; j++) {
      if (register & 1) constant |= 1n << BigInt((1 << j) - 1);
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    }
    view.setBigUint64(round * 8, constant, true);
  }
  return bytes;
}

/**
 * One round from the lanes at `from` to the lanes at `to`; the constant lies at address + offset. Of the last round
 * only the lanes of the hash are computed, all in its first row.
 */
function round(
  ops: LaneOps,
  from: number,
  to: number,
  locals: PermutationLocals,
  offset: number,
  isLast = false,
): Bytes {
  const parity = locals.work + 25;
  const effect = parity + 5;
  const row = effect + 5;
  const scratch = row + 5;
  const code: number[] = [];
  for (const x of five) {
    code.push(...get(from + x));
    for (const y of [1, 2, 3, 4]) code.push(...get(from + x + 5 * y), ...ops.xor);
    code.push(...set(parity + x));
  }
  for (const x of five) {
    code.push(...get(parity + ((x + 4) % 5)));
    code.push(...ops.rotate(get(parity + ((x + 1) % 5)), 1, scratch), ...ops.xor);
    code.push(...set(effect + x));
  }
  for (const y of isLast ? [0] : five) {
    for (const x of five) {
      // pi: lane (x, y) of the result comes from column (y − 3x) / 2 of row x.
      const sourceX = (3 * (y + 15 - 3 * x)) % 5;
      const source = sourceX + 5 * x;
      const mixed = [...get(from + source), ...get(effect + sourceX), ...ops.xor];
      code.push(...ops.rotate(mixed, rotations[source], scratch), ...set(row + x));
    }
    for (const x of isLast ? hashLanes : five) {
      code.push(...get(row + x));
      code.push(...ops.andNot(get(row + ((x + 2) % 5)), get(row + ((x + 1) % 5))), ...ops.xor);
      if (x === 0 && y === 0) code.push(...ops.constant(locals.address, offset), ...ops.xor);
      code.push(...set(to + x + 5 * y));
    }
  }
  return code;
}

/** The lanes of the hash, in place, of the lanes at `locals.lanes`; the others mean nothing afterwards. */
export function hashPermutation(ops: LaneOps, locals: PermutationLocals): Bytes {
  const { lanes, work, address } = locals;
  return [
    ...[...i32(0), ...set(address)],
    ...op("loop", [0x40]),
    ...round(ops, lanes, work, locals, 0),
    ...round(ops, work, lanes, locals, 8),
    ...[...get(address), ...i32(16), ...op("i32.add"), ...tee(address)],
    ...[...i32(roundConstantBytes - 16), ...op("i32.lt_u"), ...op("br_if", unsigned(0))],
    ...op("end"),
    ...round(ops, lanes, work, locals, 0),
    ...round(ops, work, lanes, locals, 8, true),
  ];
}
