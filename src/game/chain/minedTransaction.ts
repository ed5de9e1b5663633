/**
 * What became of a transaction whose sendings cannot be told by their hashes alone (docs/game.md §7): a node may take one
 * and its answer be lost.
 *
 * Invariant: a transaction is known by what it does (receiver, data, value) and by its account's nonce, which is used
 * once; nothing else is taken for it.
 */
import type { ContractTransaction, Provider, TransactionReceipt } from "ethers";

/** A transaction that was sent, or was tried to be. */
export interface SentTransaction {
  readonly transaction: ContractTransaction;
  readonly nonce: number;
  /** Of the sendings whose answers have come. */
  readonly hashes: readonly string[];
  /** Newest block before it was first sent. */
  readonly sentAfter: number;
}

/** Blocks that are searched for a transaction, the newest ones. */
const mostBlocks = 1024;

/** What tells calls apart that one account makes. */
export const contentOf = ({ to, data, value }: ContractTransaction): string =>
  [to?.toLowerCase(), data.toLowerCase(), value ?? 0n].join();

/** The receipt of a transaction whose nonce is used; undefined if something else has used it. */
export async function receiptOf(
  provider: Provider,
  from: string,
  { transaction, nonce, hashes, sentAfter }: SentTransaction,
): Promise<TransactionReceipt | undefined> {
  for (const hash of hashes) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) return receipt;
  }
  const newest = await provider.getBlockNumber();
  const oldest = Math.max(sentAfter + 1, newest - mostBlocks);
  for (let number = newest; number >= oldest; number--) {
    const block = await provider.getBlock(number, true);
    const found = block?.prefetchedTransactions.find(
      (each) => each.nonce === nonce && each.from.toLowerCase() === from.toLowerCase(),
    );
    if (found === undefined) continue;
    const content = { to: found.to ?? "", data: found.data, value: found.value };
    if (contentOf(content) !== contentOf(transaction)) return undefined;
    return (await provider.getTransactionReceipt(found.hash)) ?? undefined;
  }
  return undefined;
}
