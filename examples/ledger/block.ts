/**
 * Blocks of transactions for the ledger example: the encoding that examples/ledger/assembly/index.ts reads.
 *
 * Invariant: `randomBlock` depends on its arguments alone, so a benchmark's input is the same everywhere.
 */
export const transactionKinds = { deposit: 1, withdrawal: 2, transfer: 3 } as const;

export interface Transaction {
  readonly kind: keyof typeof transactionKinds;
  /** Account that is credited (deposit) or pays (withdrawal, transfer); below 65,536. */
  readonly account: number;
  /** Account that receives a transfer. */
  readonly counterpart?: number;
  /** Transactions of `account` accepted so far. */
  readonly nonce: number;
  readonly amount: bigint;
}

export const transactionBytes = 24;

export function encodeBlock(transactions: readonly Transaction[]): Uint8Array {
  const bytes = new Uint8Array(transactions.length * transactionBytes);
  const view = new DataView(bytes.buffer);
  transactions.forEach((transaction, i) => {
    const at = i * transactionBytes;
    view.setUint32(at, transactionKinds[transaction.kind], true);
    view.setUint32(at + 4, transaction.account, true);
    view.setUint32(at + 8, transaction.counterpart ?? 0, true);
    view.setUint32(at + 12, transaction.nonce, true);
    view.setBigUint64(at + 16, transaction.amount, true);
  });
  return bytes;
}

/** Marsaglia's xorshift, as in examples/c/arbiter.h. */
export function randomWords(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** A first block for a fresh ledger: deposits, then all kinds mixed; about one in sixteen is to be refused. */
export function randomBlock(count: number, seed: number): Uint8Array {
  const next = randomWords(seed);
  const nonces = new Map<number, number>();
  const transactions: Transaction[] = [];
  for (let i = 0; i < count; i++) {
    const account = next() % 1024;
    const nonce = nonces.get(account) ?? 0;
    const refused = next() % 16 === 0;
    const kind =
      nonce === 0 ? "deposit" : (["deposit", "withdrawal", "transfer"] as const)[next() % 3];
    const counterpart = (account + 1 + (next() % 1023)) % 1024;
    const amount =
      kind === "deposit" ? BigInt(1_000_000 + (next() % 1_000_000)) : BigInt(next() % 100);
    transactions.push({ kind, account, counterpart, nonce: refused ? nonce + 7 : nonce, amount });
    if (!refused) nonces.set(account, nonce + 1);
  }
  return encodeBlock(transactions);
}
