/**
 * A cluster's workers as CometBFT knows them: secp256k1 public keys and voting powers, and the hash that headers
 * carry (spec/core/data_structures.md, SimpleValidator).
 *
 * Invariant: the order is CometBFT's own; a set in another order has another hash.
 */
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { treeRoot } from "./sha256Tree.ts";
import { bytesField, messageField, varintField } from "./wire.ts";

/** Field of `PublicKey`'s oneof that holds a secp256k1 key. */
const secp256k1Field = 2;

/** A worker in the validator set. */
export interface Validator {
  /** 33 bytes, compressed. */
  readonly publicKey: Uint8Array;
  /** Votes are counted by power, not by heads. */
  readonly power: bigint;
}

/** CometBFT's address of a secp256k1 key: 20 bytes, ripemd160(sha256(key)). */
export function validatorAddress(publicKey: Uint8Array): Uint8Array {
  return ripemd160(sha256(publicKey));
}

/** The hash that a header names as `validators_hash` or `next_validators_hash`. */
export function validatorsHash(validators: readonly Validator[]): Uint8Array {
  return treeRoot(
    validators.map(({ publicKey, power }) =>
      concatBytes(messageField(1, bytesField(secp256k1Field, publicKey)), varintField(2, power)),
    ),
  );
}

/** Sum of all powers. */
export function totalPower(validators: readonly Validator[]): bigint {
  return validators.reduce((sum, { power }) => sum + power, 0n);
}

/** Whether votes of this power decide: more than two thirds of all (CometBFT's rule; the paper's ⌈2γ/3⌉ is less). */
export function isQuorum(power: bigint, total: bigint): boolean {
  return 3n * power > 2n * total;
}
