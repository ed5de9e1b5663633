/**
 * A block's header as CometBFT 0.38 hashes it (paper 5.3, 5.4): an RFC 6962 tree over its 14 fields, each encoded as
 * a protobuf message of its own. The application hash of the state *before* the block is leaf 10.
 *
 * Invariant: `headerHash` is the block id's hash; contracts/src/network/libraries/Header.sol computes the same.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { treeRoot } from "./sha256Tree.ts";
import { bytesField, messageField, varintField } from "./wire.ts";

/** Number of a block's parts, and the root over them: how CometBFT gossips a block. */
export interface PartSetHeader {
  readonly total: number;
  readonly hash: Uint8Array;
}

/** What a vote is for: 32 bytes of header hash; empty for nil and for the parent of the first block. */
export interface BlockId {
  readonly hash: Uint8Array;
  readonly parts: PartSetHeader;
}

/** UTC, seconds since 1970 (negative before) and nanoseconds below 10^9. */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** CometBFT's header (spec/core/data_structures.md); every hash has 32 bytes, an application hash any number. */
export interface Header {
  readonly version: { readonly block: bigint; readonly app: bigint };
  readonly chainId: string;
  readonly height: bigint;
  readonly time: Timestamp;
  readonly lastBlockId: BlockId;
  readonly lastCommitHash: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly validatorsHash: Uint8Array;
  readonly nextValidatorsHash: Uint8Array;
  readonly consensusHash: Uint8Array;
  readonly appHash: Uint8Array;
  readonly lastResultsHash: Uint8Array;
  readonly evidenceHash: Uint8Array;
  /** 20 bytes. */
  readonly proposerAddress: Uint8Array;
}

/** Position of the parent among the 14 leaves. */
export const lastBlockIdLeaf = 4;
/** Position of the application hash among the 14 leaves. */
export const appHashLeaf = 10;

/** `google.protobuf.Timestamp`. */
export function timestampBytes(time: Timestamp): Uint8Array {
  return concatBytes(varintField(1, time.seconds), varintField(2, BigInt(time.nanos)));
}

/** `BlockID`, and in votes `CanonicalBlockID`: the same bytes. */
export function blockIdBytes(id: BlockId): Uint8Array {
  const parts = concatBytes(varintField(1, BigInt(id.parts.total)), bytesField(2, id.parts.hash));
  return concatBytes(bytesField(1, id.hash), messageField(2, parts));
}

/** The 14 leaves, in the order of the header's fields. */
export function headerLeaves(header: Header): Uint8Array[] {
  const { version } = header;
  return [
    concatBytes(varintField(1, version.block), varintField(2, version.app)),
    bytesField(1, utf8ToBytes(header.chainId)),
    varintField(1, header.height),
    timestampBytes(header.time),
    blockIdBytes(header.lastBlockId),
    bytesField(1, header.lastCommitHash),
    bytesField(1, header.dataHash),
    bytesField(1, header.validatorsHash),
    bytesField(1, header.nextValidatorsHash),
    bytesField(1, header.consensusHash),
    bytesField(1, header.appHash),
    bytesField(1, header.lastResultsHash),
    bytesField(1, header.evidenceHash),
    bytesField(1, header.proposerAddress),
  ];
}

/** The header's hash, 32 bytes. */
export function headerHash(header: Header): Uint8Array {
  return treeRoot(headerLeaves(header));
}

/** Hash of a transaction: the leaf under which it stands in the data hash. */
export function transactionHash(transaction: Uint8Array): Uint8Array {
  return sha256(transaction);
}

/** The header's data hash, from all of a block's transactions in order. */
export function dataHash(transactions: readonly Uint8Array[]): Uint8Array {
  return treeRoot(transactions.map(transactionHash));
}
