/**
 * The ledger: applies a block of deposits, withdrawals and transfers to 65,536 accounts. The gateway program of
 * the README and the tutorial (AssemblyScript, no run-time library, no allocation).
 *
 * Input: transactions of 24 bytes, little-endian: kind u32 (1 deposit, 2 withdrawal, 3 transfer) · account u32 ·
 * counterpart u32 · nonce u32 · amount u64. A transaction is refused, never a trap, if its kind or an account is
 * unknown, its nonce is not the account's next one, the balance does not suffice or would overflow. A block
 * whose last transaction is cut short loses that transaction only.
 *
 * State: balances and nonces, both kept between calls; `output` = digest u64 · accepted u32 · refused u32.
 * The digest is a quick check for people; what commits to the ledger is the machine's state hash.
 */
@external("arbiter", "input_size")
declare function inputSize(): u32;
@external("arbiter", "input_read")
declare function inputRead(destination: usize, offset: u32, length: u32): void;

const accountCount: u32 = 65536;
const transactionBytes: u32 = 24;
const deposit: u32 = 1;
const withdrawal: u32 = 2;
const transfer: u32 = 3;

/** Balance u64 and next nonce u32 of each account, 16 bytes apart. */
const accounts: usize = memory.data(65536 * 16, 16);
const transaction: usize = memory.data(24, 8);
export const output: usize = memory.data(32, 16);

export function balanceOf(account: u32): u64 {
  return account < accountCount ? load<u64>(accountAt(account)) : 0;
}

export function nonceOf(account: u32): u32 {
  return account < accountCount ? load<u32>(accountAt(account), 8) : 0;
}

/** Applies the block; returns the number of transactions accepted in it. */
export function gateway(): u32 {
  const count = inputSize() / transactionBytes;
  let accepted: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    inputRead(transaction, i * transactionBytes, transactionBytes);
    const done = apply();
    accepted += u32(done);
    absorb(done);
  }
  store<u32>(output, load<u32>(output, 8) + accepted, 8);
  store<u32>(output, load<u32>(output, 12) + count - accepted, 12);
  return accepted;
}

function accountAt(account: u32): usize {
  return accounts + ((account as usize) << 4);
}

/** Checks everything first, then writes: a refused transaction changes nothing. */
function apply(): bool {
  const kind = load<u32>(transaction);
  const account = load<u32>(transaction, 4);
  const amount = load<u64>(transaction, 16);
  if (account >= accountCount) return false;
  const at = accountAt(account);
  const balance = load<u64>(at);
  const nonce = load<u32>(at, 8);
  if (load<u32>(transaction, 12) != nonce) return false;
  if (kind == deposit) {
    if (balance + amount < balance) return false;
    store<u64>(at, balance + amount);
  } else if (kind == withdrawal) {
    if (balance < amount) return false;
    store<u64>(at, balance - amount);
  } else if (kind == transfer) {
    const counterpart = load<u32>(transaction, 8);
    if (counterpart >= accountCount || counterpart == account || balance < amount) return false;
    const to = accountAt(counterpart);
    const theirs = load<u64>(to);
    if (theirs + amount < theirs) return false;
    store<u64>(at, balance - amount);
    store<u64>(to, theirs + amount);
  } else {
    return false;
  }
  store<u32>(at, nonce + 1, 8);
  return true;
}

/** FNV-1a over the transaction's three 64-bit words and its fate. */
function absorb(done: bool): void {
  let digest = load<u64>(output) ^ 0xcbf29ce484222325;
  for (let word: usize = 0; word < 24; word += 8) {
    digest = (digest ^ load<u64>(transaction + word)) * 0x100000001b3;
    digest ^= digest >> 29;
  }
  store<u64>(output, (digest ^ u64(done)) * 0x100000001b3);
}
