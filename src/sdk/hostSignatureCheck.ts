/**
 * The signature check of the wrapper itself, run by the host's own engine: some three times as fast as JavaScript.
 *
 * Invariant: the wrapper looks at a signature before it looks at nonces, so what it says of a block with one transaction
 * tells whether its client signed it. Its memory is nobody's state.
 */
import { frameTransactions } from "../history/index.ts";
import type { SignatureCheck } from "./checkTransaction.ts";
import { type TransactionStatus, transactionStatuses } from "./status.ts";
import { encodeTransaction } from "./transaction.ts";
import { wrapperBytes, wrapperLayout } from "./wrapper.ts";

/** What the wrapper says of transactions whose signatures hold. */
const signed: readonly TransactionStatus[] = [
  "executed",
  "nonce-used",
  "nonce-gap",
  "sessions-full",
];
const greatestHeight = 2n ** 63n - 1n;

/** Instantiates the wrapper in the host's engine, for `CheckState`. */
export function hostSignatureCheck(): SignatureCheck {
  const memory = new WebAssembly.Memory({ initial: 2 });
  let input: Uint8Array = new Uint8Array();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wrapperBytes()), {
    application: { memory, request_buffer: () => 0, handle: () => 0n },
    arbiter: {
      input_size: () => input.length,
      input_read(destination: number, offset: number, length: number): void {
        new Uint8Array(memory.buffer).set(input.subarray(offset, offset + length), destination);
      },
    },
  });
  const gateway = instance.exports.gateway as () => number;
  const own = new DataView((instance.exports.memory as WebAssembly.Memory).buffer);
  const { counters, results, resultEntries, resultEntryBytes } = wrapperLayout;
  return (transaction, chainId) => {
    // At its last height every transaction is in time.
    const height = transaction.expiryHeight;
    if (height > greatestHeight) return false;
    input = frameTransactions({ chainId, height }, [encodeTransaction(transaction)]);
    const place = Number(own.getBigUint64(counters, true) % BigInt(resultEntries));
    gateway();
    const status = own.getUint32(results + place * resultEntryBytes + 40, true);
    return signed.includes(transactionStatuses[status]);
  };
}
