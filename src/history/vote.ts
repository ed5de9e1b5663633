/**
 * Precommits: the bytes that a worker signs (CometBFT `CanonicalVote`) and who signed them. secp256k1 over SHA-256,
 * low s, as a contract can verify with the precompiles 2 (SHA-256) and 1 (ecrecover).
 *
 * Invariant: `precommitBytes` equals what contracts/src/network/libraries/Precommit.sol rebuilds; the time is each
 * vote's own, so two votes for one block have different digests.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { computeAddress, SigningKey } from "ethers";
import { type BlockId, blockIdBytes, type Timestamp, timestampBytes } from "./block.ts";
import { HistoryError } from "./historyError.ts";
import { bytesField, delimited, fixed64Field, messageField, varintField } from "./wire.ts";

/** `SignedMsgType` of CometBFT. */
export const voteTypes = { prevote: 1n, precommit: 2n } as const;

const signatureBytes = 64;
/** Half of the group's order: greater values of s are the mirror images that CometBFT refuses. */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** What a vote says, without who says it. */
export interface VoteContent {
  readonly type: bigint;
  readonly chainId: string;
  readonly height: bigint;
  readonly round: number;
  /** The nil vote has an empty hash. */
  readonly blockId: BlockId;
  readonly time: Timestamp;
}

/** A signature as ecrecover takes it. */
export interface RecoverableSignature {
  readonly r: string;
  readonly s: string;
  readonly v: 27 | 28;
}

/** The bytes that are signed: the vote behind its length. */
export function voteBytes(vote: VoteContent): Uint8Array {
  const { blockId } = vote;
  return delimited(
    concatBytes(
      varintField(1, vote.type),
      fixed64Field(2, vote.height),
      fixed64Field(3, BigInt(vote.round)),
      blockId.hash.length === 0 ? new Uint8Array() : messageField(4, blockIdBytes(blockId)),
      messageField(5, timestampBytes(vote.time)),
      bytesField(6, utf8ToBytes(vote.chainId)),
    ),
  );
}

/** SHA-256 of the bytes that are signed: what ecrecover gets. */
export function voteDigest(vote: VoteContent): Uint8Array {
  return sha256(voteBytes(vote));
}

/** The account of a consensus key, as ecrecover gives it. */
export function accountOf(publicKey: Uint8Array): string {
  return computeAddress(`0x${bytesToHex(publicKey)}`);
}

/**
 * Finds the recovery bit that CometBFT does not carry.
 * Throws `invalid-signature` if `publicKey` (33 bytes) did not sign, `malformed-vote` if `signature` is not 64 bytes
 * of r and s in range, s in the lower half.
 */
export function recoverable(
  vote: VoteContent,
  signature: Uint8Array,
  publicKey: Uint8Array,
): RecoverableSignature {
  const scalars = scalarsOf(signature);
  if (typeof scalars === "string") throw new HistoryError("malformed-vote", scalars);
  const digest = voteDigest(vote);
  const expected = `0x${bytesToHex(publicKey)}`;
  for (const v of [27, 28] as const) {
    if (recoveredKey(digest, { ...scalars, v }) === expected) return { ...scalars, v };
  }
  throw new HistoryError("invalid-signature");
}

/** Position among public keys (33 bytes) of the one that signed a vote; −1 if none did, or the signature is malformed. */
export function signerAmong(
  vote: VoteContent,
  signature: Uint8Array,
  publicKeys: readonly Uint8Array[],
): number {
  const scalars = scalarsOf(signature);
  if (typeof scalars === "string") return -1;
  const digest = voteDigest(vote);
  const found = ([27, 28] as const).map((v) => recoveredKey(digest, { ...scalars, v }));
  return publicKeys.findIndex((publicKey) => found.includes(`0x${bytesToHex(publicKey)}`));
}

/** r and s of a signature in hex, or why it is none. */
function scalarsOf(signature: Uint8Array): Omit<RecoverableSignature, "v"> | string {
  if (signature.length !== signatureBytes) return `${signature.length} bytes`;
  const r = `0x${bytesToHex(signature.subarray(0, 32))}`;
  const s = `0x${bytesToHex(signature.subarray(32))}`;
  return BigInt(s) > halfOrder ? "s is in the upper half" : { r, s };
}

/** The compressed public key in hex, or `undefined` where no point belongs to the signature. */
function recoveredKey(digest: Uint8Array, signature: RecoverableSignature): string | undefined {
  try {
    return SigningKey.computePublicKey(SigningKey.recoverPublicKey(digest, signature), true);
  } catch {
    return undefined;
  }
}
