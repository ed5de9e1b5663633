/**
 * The ledger on the SDK, in AssemblyScript: deposits, withdrawals and transfers between clients' accounts. Who asks,
 * for which chain, and that nothing is asked twice, the wrapper has checked.
 *
 * Payload: kind u8 (1 deposit, 2 withdrawal, 3 transfer, 4 balance) · amount u64 (1, 2, 3) · receiver 20 bytes (3).
 * Answer: outcome u32 (0 done, 1 unknown, 2 insufficient, 3 overflow, 4 full) · zero u32 · balance u64 of the client.
 * ledger.rs and ledger.c are the same to the byte of every answer.
 */
import { payloadAt, payloadLength, requestAt, response } from "../../../sdk/assembly/index";

export { request_buffer } from "../../../sdk/assembly/index";

const done: u32 = 0;
const unknown: u32 = 1;
const insufficient: u32 = 2;
const overflow: u32 = 3;
const full: u32 = 4;

/** Accounts of 32 bytes: address 20 · zero 3 · 1 · balance u64. One is sought in 64 places from its address on. */
const accountCount: u32 = 65536;
const accountBytes: usize = 32;
const places: u32 = 64;
const accounts: usize = memory.data(65536 * 32, 32);
const answer: usize = memory.data(16, 8);

export function handle(transaction: usize, length: u32): u64 {
  const request = requestAt(transaction);
  const own = account(request.client0, request.client1, request.client2);
  const outcome = own == 0 ? full : apply(own, payloadAt(transaction), payloadLength(length));
  store<u32>(answer, outcome);
  store<u64>(answer, own == 0 ? 0 : load<u64>(own, 24), 8);
  return response(answer, 16);
}

/** Checks everything first, then writes: what is not done changes nothing. */
function apply(own: usize, payload: usize, length: u32): u32 {
  const kind = length > 0 ? load<u8>(payload) : 0;
  if (kind == 4 && length == 1) return done;
  const isTransfer = kind == 3 && length == 29;
  if (!isTransfer && !((kind == 1 || kind == 2) && length == 9)) return unknown;
  const amount = load<u64>(payload, 1);
  const balance = load<u64>(own, 24);
  if (kind == 1) {
    if (balance + amount < balance) return overflow;
    store<u64>(own, balance + amount, 24);
    return done;
  }
  if (balance < amount) return insufficient;
  if (isTransfer) {
    const to = account(load<u64>(payload, 9), load<u64>(payload, 17), load<u32>(payload, 25));
    if (to == 0) return full;
    if (to == own) return done;
    const theirs = load<u64>(to, 24);
    if (theirs + amount < theirs) return overflow;
    store<u64>(to, theirs + amount, 24);
  }
  store<u64>(own, balance - amount, 24);
  return done;
}

/** An address's account, opened if it is new; 0 if there is no place for it. */
function account(first: u64, second: u64, third: u32): usize {
  for (let i: u32 = 0; i < places; i++) {
    const at = accounts + (((u32(first) + i) % accountCount) as usize) * accountBytes;
    if (load<u8>(at, 23) == 0) {
      store<u64>(at, first);
      store<u64>(at, second, 8);
      store<u32>(at, third, 16);
      store<u8>(at, 1, 23);
      return at;
    }
    const isSame =
      load<u64>(at) == first && load<u64>(at, 8) == second && load<u32>(at, 16) == third;
    if (isSame) return at;
  }
  return 0;
}
