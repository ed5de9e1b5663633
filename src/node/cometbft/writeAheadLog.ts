/**
 * CometBFT's write-ahead log (0.38, consensus/wal.go): what a node has heard, precommits and proposed blocks among it,
 * also those that were never decided. A halted honest node finds there what it accuses with.
 *
 *   file = (CRC-32C u32 ‖ length u32 ‖ TimedWALMessage) …, numbers big-endian
 *
 * CometBFT writes what a peer sends before it looks at it, so anybody can have anything written there, up to 1 GiB: only the
 * files from the height's beginning on are read.
 *
 * Invariant: a precommit is given out with the header that it is for, whose hash it names; everything else about both is
 * proven by whoever relies on it, so the checksum is not. Parts are put together by the root that each proves to be
 * under, so none takes another's place; what cannot be read is passed over. A tail that is cut off ends the reading.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex } from "@noble/hashes/utils.js";
import { BinaryReader, WireType } from "cosmjs-types/binary";
import { Block as BlockMessage } from "cosmjs-types/tendermint/types/block";
import { type Header as HeaderMessage, Part, Vote } from "cosmjs-types/tendermint/types/types";
import { type BlockId, type Header, headerHash, rootOfPath, sidesOf } from "../../history/index.ts";
import type { StrayPrecommit } from "../consensus.ts";

/** Fields on the way from a TimedWALMessage to what is looked for. */
const path = { message: 2, info: 2, consensus: 1, endHeight: 4 } as const;
const kinds = { part: 5, vote: 6 } as const;
const precommitType = 2;
const headBytes = 8;
/** CometBFT's own bound: 100 MiB in parts of 64 KiB. */
const mostParts = 1601;

/** What was said at one height. */
interface Heard {
  readonly votes: Vote[];
  /** Parts by the root that they are under, by their position. */
  readonly parts: Map<string, Map<number, Part>>;
  /** Whether a lower height's end was read: what stands before it was said at lower heights. */
  isWhole: boolean;
}

/** Precommits for blocks at a height, with the headers of those blocks as far as they are in the log. */
export function precommitsInLog(folder: string, height: bigint): StrayPrecommit[] {
  const heard: Heard = { votes: [], parts: new Map(), isWhole: false };
  for (const bytes of filesOf(folder)) {
    // A peer that is ahead may have spoken of the height before this node came to it: one file more.
    const isLast = heard.isWhole;
    readFile(bytes, height, heard);
    if (isLast) break;
  }
  const headers = new Map<string, Header>();
  for (const parts of heard.parts.values()) {
    const header = passOver(() => headerOf(parts));
    if (header !== undefined) headers.set(bytesToHex(headerHash(header)), header);
  }
  return heard.votes.flatMap((vote) => {
    const { round, blockId, timestamp: time, signature, validatorIndex: worker } = vote;
    const header = headers.get(bytesToHex(blockId.hash));
    if (header === undefined) return [];
    return [{ header, worker, precommit: { round, blockId: idOf(blockId), time, signature } }];
  });
}

/** The log's files, newest first: `wal`, which is written, …, and `wal.000`. */
function* filesOf(folder: string): Generator<Uint8Array> {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder).filter((name) => /^wal(\.\d+)?$/.test(name));
  // CometBFT counts on beyond three digits.
  const numberOf = (name: string) => Number(name.slice(4) || Number.POSITIVE_INFINITY);
  for (const name of names.sort((a, b) => numberOf(b) - numberOf(a))) {
    yield new Uint8Array(readFileSync(join(folder, name)));
  }
}

function readFile(bytes: Uint8Array, height: bigint, heard: Heard): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + headBytes <= bytes.length) {
    const length = view.getUint32(at + 4);
    const end = at + headBytes + length;
    if (end > bytes.length) return;
    passOver(() => hear(bytes.subarray(at + headBytes, end), height, heard));
    at = end;
  }
}

/** Does what may fail on a stranger's bytes. */
function passOver<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The bytes of a field that is a message or a byte string. */
function fieldOf(message: Uint8Array | undefined, wanted: number): Uint8Array | undefined {
  if (message === undefined) return undefined;
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted && type === WireType.Bytes) return reader.bytes();
    reader.skipType(type);
  }
  return undefined;
}

function hear(entry: Uint8Array, height: bigint, heard: Heard): void {
  const { votes, parts } = heard;
  const written = fieldOf(entry, path.message);
  const ended = fieldOf(written, path.endHeight);
  if (ended !== undefined) {
    const reader = new BinaryReader(ended);
    // The field is left out at 0, where every log begins.
    const at = reader.len > 0 && reader.tag()[0] === 1 ? reader.int64() : 0n;
    if (at < height) heard.isWhole = true;
    return;
  }
  const info = fieldOf(written, path.info);
  const message = fieldOf(info, path.consensus);
  const voted = fieldOf(fieldOf(message, kinds.vote), 1);
  if (voted !== undefined) {
    const vote = Vote.decode(voted);
    const isForBlock = vote.type === precommitType && vote.blockId.hash.length > 0;
    if (vote.height === height && isForBlock) votes.push(vote);
    return;
  }
  const part = fieldOf(message, kinds.part);
  if (part === undefined) return;
  const reader = new BinaryReader(part);
  let heardAt = 0n;
  let bytes: Uint8Array | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1) heardAt = reader.int64();
    else if (field === 3) bytes = reader.bytes();
    else reader.skipType(type);
  }
  if (heardAt !== height || bytes === undefined) return;
  const found = Part.decode(bytes);
  const root = rootOver(found);
  if (root === undefined) return;
  parts.set(root, (parts.get(root) ?? new Map()).set(found.index, found));
}

/** The root that a part proves to be under, with the number of parts there; undefined if its proof is none. */
function rootOver({ index, bytes, proof }: Part): string | undefined {
  const total = Number(proof.total);
  if (total > mostParts || index >= total) return undefined;
  const sides = sidesOf(index, total);
  if (sides.length !== proof.aunts.length) return undefined;
  const path = sides.map((left, level) => ({ left, hash: proof.aunts[level] }));
  return `${total} ${bytesToHex(rootOfPath(bytes, path))}`;
}

/** The header of a block that is there in all its parts. */
function headerOf(parts: ReadonlyMap<number, Part>): Header | undefined {
  const ordered = [...parts.values()].sort((a, b) => a.index - b.index);
  if (ordered.length !== Number(ordered[0]?.proof.total)) return undefined;
  const { header } = BlockMessage.decode(Buffer.concat(ordered.map(({ bytes }) => bytes)));
  return headerFields(header);
}

function idOf({ hash, partSetHeader }: HeaderMessage["lastBlockId"]): BlockId {
  return { hash, parts: { total: partSetHeader.total, hash: partSetHeader.hash } };
}

function headerFields(header: HeaderMessage): Header {
  const { version, lastBlockId, time, ...rest } = header;
  return {
    ...rest,
    version: { block: version.block, app: version.app },
    time: { seconds: time.seconds, nanos: time.nanos },
    lastBlockId: idOf(lastBlockId),
  };
}
