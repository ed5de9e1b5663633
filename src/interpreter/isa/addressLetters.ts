/**
 * Which operands and results of an instruction are addresses of a memory or indices of a table, and so have its address
 * type (spec 3.0 §3.4.5, §3.4.6); the signatures of the table say what they are where all addresses have 32 bits.
 *
 * Invariant: with i for `d`, `s` and `n` each signature here is the one of its row.
 */
import type { AddressType } from "../binary/module.ts";
import type { InstructionRow } from "./instructionRow.ts";

/** `d`: address type of the destination, or of the only one; `s`: of the source; `n`: the narrower of both. */
const signatures: Readonly<Record<string, string>> = {
  "memory.size": ":d",
  "memory.grow": "d:d",
  "memory.fill": "did:",
  "memory.copy": "dsn:",
  "memory.init": "dii:",
  "table.size": ":d",
  "table.copy": "dsn:",
  "table.init": "dii:",
};

/** The row's signature with letters for address types; undefined if it has none or no address is among its values. */
export function addressSignature(row: InstructionRow): string | undefined {
  const { signature, immediates, mnemonic } = row;
  if (signature === null) return undefined;
  const isAccess = immediates === "memarg" || immediates === "memargLane";
  return isAccess ? `d${signature.slice(1)}` : signatures[mnemonic];
}

/** The signature in the table's letters, given the address types of destination and source. */
export function withAddresses(signature: string, d: AddressType, s: AddressType): string {
  const letters = { i32: "i", i64: "I" } as const;
  const narrower = d === "i64" && s === "i64" ? "I" : "i";
  return signature
    .replaceAll("d", letters[d])
    .replaceAll("s", letters[s])
    .replaceAll("n", narrower);
}
