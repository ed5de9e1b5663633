/**
 * Manifests (paper 5.7): what of a block is kept where everybody finds it: M_i = (header, votes, H_VM, R_PREV, R_TXS).
 * H_VM stands in the preimage of the application hash, R_TXS in the block record, which names the transactions as the
 * machine's input; R_PREV is the content of the manifest before.
 *
 * Invariant: a manifest has one encoding (the ABI's, of exactly these fields), and so one content; a manifest proves
 * nothing by itself, since anybody can write a second one over a true header: chainRules.ts says what must hold.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { AbiCoder, ParamType } from "ethers";
import type { Hash } from "../game/index.ts";
import { inputRoot } from "../merkle/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import type { ApplicationState } from "./applicationHash.ts";
import type { BlockId, Header, Timestamp } from "./block.ts";
import { decodeCanonical } from "./canonicalAbi.ts";
import type { Commit } from "./commit.ts";
import { HistoryError } from "./historyError.ts";

/** The first transaction of a block and its path under the data hash. */
export interface RecordProof {
  readonly transaction: Uint8Array;
  /** Right-hand siblings, lowest first. */
  readonly siblings: readonly Uint8Array[];
}

/** Identity of stored bytes: H_ST and length. */
export interface Content {
  readonly root: Hash;
  /** Bytes. */
  readonly length: number;
}

/** M_i. */
export interface Manifest {
  readonly header: Header;
  /** Votes for the block before; none at the chain's first height. */
  readonly votes: Commit;
  /** Preimage of the header's application hash: the state *before* this block. */
  readonly application: ApplicationState;
  /** Content of M_{i−1}; zero at the chain's first height. */
  readonly previous: Content;
  /** The block's record; an empty transaction and no siblings if the block is empty. */
  readonly record: RecordProof;
}

const blockIdTuple = "tuple(bytes hash, uint32 total, bytes partsHash)";
const timeTuple = "tuple(int64 secs, uint32 nanos)";
const hashNames = [
  "lastCommitHash",
  "dataHash",
  "validatorsHash",
  "nextValidatorsHash",
  "consensusHash",
  "appHash",
  "lastResultsHash",
  "evidenceHash",
  "proposerAddress",
] as const;
const headerTuple = `tuple(uint64 versionBlock, uint64 versionApp, string chainId, uint64 height, ${timeTuple} time, ${blockIdTuple} lastBlockId, ${hashNames.map((name) => `bytes ${name}`).join(", ")})`;
const signatureTuple = `tuple(uint8 flag, bytes validatorAddress, ${timeTuple} time, bytes signature)`;
const commitTuple = `tuple(uint64 height, uint32 round, ${blockIdTuple} blockId, ${signatureTuple}[] signatures)`;
const applicationTuple =
  "tuple(bytes32 result, bytes32 base, uint64 fuel, uint64 steps, bytes32 receiptsHash)";
const manifestType = ParamType.from(
  `tuple(${headerTuple} header, ${commitTuple} votes, ${applicationTuple} application, tuple(bytes32 root, uint32 length) previous, tuple(bytes transaction, bytes32[] siblings) record)`,
);

const hex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;
const bytes = (text: string): Uint8Array => hexToBytes(text.slice(2));

const timeFields = ({ seconds, nanos }: Timestamp) => ({ secs: seconds, nanos });
const blockIdFields = ({ hash, parts }: BlockId) => ({
  hash: hex(hash),
  total: parts.total,
  partsHash: hex(parts.hash),
});

/** The manifest's bytes, as they are stored. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { header, votes, record } = manifest;
  const hashes = Object.fromEntries(hashNames.map((name) => [name, hex(header[name])]));
  const fields = {
    header: {
      versionBlock: header.version.block,
      versionApp: header.version.app,
      chainId: header.chainId,
      height: header.height,
      time: timeFields(header.time),
      lastBlockId: blockIdFields(header.lastBlockId),
      ...hashes,
    },
    votes: {
      height: votes.height,
      round: votes.round,
      blockId: blockIdFields(votes.blockId),
      signatures: votes.signatures.map((vote) => ({
        flag: vote.flag,
        validatorAddress: hex(vote.validatorAddress),
        time: timeFields(vote.time),
        signature: hex(vote.signature),
      })),
    },
    application: manifest.application,
    previous: manifest.previous,
    record: { transaction: hex(record.transaction), siblings: record.siblings.map(hex) },
  };
  return bytes(AbiCoder.defaultAbiCoder().encode([manifestType], [fields]));
}

interface EncodedTime {
  readonly secs: bigint;
  readonly nanos: bigint;
}
interface EncodedBlockId {
  readonly hash: string;
  readonly total: bigint;
  readonly partsHash: string;
}
interface EncodedHeader extends Readonly<Record<(typeof hashNames)[number], string>> {
  readonly versionBlock: bigint;
  readonly versionApp: bigint;
  readonly chainId: string;
  readonly height: bigint;
  readonly time: EncodedTime;
  readonly lastBlockId: EncodedBlockId;
}
interface EncodedVotes {
  readonly height: bigint;
  readonly round: bigint;
  readonly blockId: EncodedBlockId;
  readonly signatures: readonly {
    readonly flag: bigint;
    readonly validatorAddress: string;
    readonly time: EncodedTime;
    readonly signature: string;
  }[];
}
/** A manifest's fields as they are encoded. */
interface EncodedManifest {
  readonly header: EncodedHeader;
  readonly votes: EncodedVotes;
  readonly application: ApplicationState;
  readonly previous: { readonly root: Hash; readonly length: bigint };
  readonly record: { readonly transaction: string; readonly siblings: readonly string[] };
}

const readTime = ({ secs, nanos }: EncodedTime): Timestamp => ({
  seconds: secs,
  nanos: Number(nanos),
});
const readBlockId = ({ hash, total, partsHash }: EncodedBlockId): BlockId => ({
  hash: bytes(hash),
  parts: { total: Number(total), hash: bytes(partsHash) },
});

function readHeader(fields: EncodedHeader): Header {
  const { versionBlock, versionApp, chainId, height, time, lastBlockId } = fields;
  const hashes = Object.fromEntries(hashNames.map((name) => [name, bytes(fields[name])]));
  return {
    version: { block: versionBlock, app: versionApp },
    chainId,
    height,
    time: readTime(time),
    lastBlockId: readBlockId(lastBlockId),
    ...(hashes as Record<(typeof hashNames)[number], Uint8Array>),
  };
}

function readVotes({ height, round, blockId, signatures }: EncodedVotes): Commit {
  return {
    height,
    round: Number(round),
    blockId: readBlockId(blockId),
    signatures: signatures.map(({ flag, validatorAddress, time, signature }) => ({
      flag: Number(flag),
      validatorAddress: bytes(validatorAddress),
      time: readTime(time),
      signature: bytes(signature),
    })),
  };
}

function decode(encoded: Uint8Array): Manifest {
  const fields = decodeCanonical<EncodedManifest>(manifestType, encoded);
  const { header, votes, application, previous, record } = fields;
  return {
    header: readHeader(header),
    votes: readVotes(votes),
    application,
    previous: { root: previous.root, length: Number(previous.length) },
    record: { transaction: bytes(record.transaction), siblings: record.siblings.map(bytes) },
  };
}

/** Reads a manifest. Throws `malformed-manifest` for anything but its one encoding. */
export function readManifest(encoded: Uint8Array): Manifest {
  let manifest: Manifest;
  try {
    manifest = decode(encoded);
  } catch {
    throw new HistoryError("malformed-manifest", "its fields");
  }
  if (!sameBytes(encodeManifest(manifest), encoded)) {
    throw new HistoryError("malformed-manifest", "not the canonical encoding");
  }
  return manifest;
}

/** Identity of stored bytes: root of the input array and length. */
export function contentOf(stored: Uint8Array): Content {
  return { root: hex(inputRoot(stored)), length: stored.length };
}

/** What the manifest at a chain's first height names as its predecessor. */
export const noContent: Content = contentOf(new Uint8Array());
