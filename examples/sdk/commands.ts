/**
 * Payloads and answers of the ledger on the SDK (assembly/ledger.ts tells them), and a model of it.
 *
 * Invariant: the model decides as the three programs do, but for the number of accounts, which it does not limit.
 */
import { getBytes } from "ethers";

/** What a client asks of the ledger. */
export type Command =
  | { readonly kind: "deposit" | "withdrawal"; readonly amount: bigint }
  | { readonly kind: "transfer"; readonly amount: bigint; readonly receiver: string }
  | { readonly kind: "balance" };

const kinds = ["deposit", "withdrawal", "transfer", "balance"] as const;
export const outcomes = ["done", "unknown", "insufficient", "overflow", "full"] as const;
const greatest = 2n ** 64n - 1n;

/** A command as a transaction's payload. */
export function encodeCommand(command: Command): Uint8Array {
  const bytes = new Uint8Array(
    { balance: 1, transfer: 29, deposit: 9, withdrawal: 9 }[command.kind],
  );
  bytes[0] = kinds.indexOf(command.kind) + 1;
  if (command.kind !== "balance") {
    new DataView(bytes.buffer).setBigUint64(1, command.amount, true);
  }
  if (command.kind === "transfer") bytes.set(getBytes(command.receiver), 9);
  return bytes;
}

/** What the ledger answers. */
export interface Answer {
  readonly outcome: (typeof outcomes)[number];
  /** The client's balance afterwards. */
  readonly balance: bigint;
}

/** Reads the 16 bytes of an answer. */
export function readAnswer(bytes: Uint8Array): Answer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { outcome: outcomes[view.getUint32(0, true)], balance: view.getBigUint64(8, true) };
}

/** The ledger in a few lines, for tests. */
export class LedgerModel {
  readonly #balances = new Map<string, bigint>();

  apply(client: string, command: Command): Answer {
    const own = client.toLowerCase();
    const outcome = this.#outcome(own, command);
    return { outcome, balance: this.#of(own) };
  }

  #of(account: string): bigint {
    return this.#balances.get(account) ?? 0n;
  }

  #outcome(own: string, command: Command): Answer["outcome"] {
    if (command.kind === "balance") return "done";
    const { kind, amount } = command;
    const balance = this.#of(own);
    if (kind === "deposit") {
      if (balance + amount > greatest) return "overflow";
      this.#balances.set(own, balance + amount);
      return "done";
    }
    if (balance < amount) return "insufficient";
    if (kind === "transfer") {
      const to = command.receiver.toLowerCase();
      if (to === own) return "done";
      if (this.#of(to) + amount > greatest) return "overflow";
      this.#balances.set(to, this.#of(to) + amount);
    }
    this.#balances.set(own, balance - amount);
    return "done";
  }
}
