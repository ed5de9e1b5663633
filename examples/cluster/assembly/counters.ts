/**
 * Counters: a gateway program that reads a block's transactions as a cluster frames them (docs/history.md §2), and
 * holds 4,096 counters. It is what `npm run cluster` and the cluster's tests run.
 *
 * Input: chain u256 · height u64 · count u32 · count + 1 offsets u32 · transactions. A transaction is 24 bytes,
 * little-endian: kind u32 · counter u32 · amount u64 · tag u64 (any, so that two clients may say the same).
 * Kind 1 adds; kind 2 traps; kind 3 turns a loop `amount` times. Anything else is refused, and changes nothing but the
 * number of refused ones.
 *
 * State: `output` = accepted u64 · refused u64 · height of the last block u64; `counters`, 8 bytes each, behind it.
 */
@external("arbiter", "input_read")
declare function inputRead(destination: usize, offset: u32, length: u32): void;

const headBytes: u32 = 40;
const transactionBytes: u32 = 24;
const counterCount: u32 = 4096;

export const output: usize = memory.data(24, 16);
export const counters: usize = memory.data(4096 * 8, 16);
const scratch: usize = memory.data(32, 16);

function wordAt(offset: u32): u32 {
  inputRead(scratch, offset, 4);
  return load<u32>(scratch);
}

/** Applies the block; returns the number of transactions accepted in it. */
export function gateway(): u32 {
  inputRead(scratch, 32, 8);
  store<u64>(output, load<u64>(scratch), 16);
  const count = wordAt(headBytes);
  let accepted: u32 = 0;
  let from = wordAt(headBytes + 4);
  for (let i: u32 = 0; i < count; i++) {
    const to = wordAt(headBytes + 8 + 4 * i);
    accepted += u32(apply(from, to - from));
    from = to;
  }
  store<u64>(output, load<u64>(output) + accepted);
  store<u64>(output, load<u64>(output, 8) + count - accepted, 8);
  return accepted;
}

function apply(from: u32, length: u32): bool {
  if (length != transactionBytes) return false;
  inputRead(scratch, from, transactionBytes);
  const kind = load<u32>(scratch);
  const counter = load<u32>(scratch, 4);
  const amount = load<u64>(scratch, 8);
  if (counter >= counterCount) return false;
  const at = counters + ((counter as usize) << 3);
  if (kind == 1) {
    store<u64>(at, load<u64>(at) + amount);
    return true;
  }
  if (kind == 2) unreachable();
  if (kind == 3) {
    for (let i: u64 = 0; i < amount; i++) store<u64>(at, load<u64>(at) * 3 + i);
    return true;
  }
  return false;
}
