/**
 * Next nonces by client and session as they lie in the wrapper's memory: the twin of sdk/wrapper/src/sessions.rs over
 * bytes that it only reads, with what it decides kept beside them.
 *
 * Invariant: buckets change as the wrapper would change them, in the order of the calls of `advance`.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { getBytes, hexlify } from "ethers";
import type { Address } from "../game/index.ts";
import type { TransactionStatus } from "./status.ts";
import type { ClientTransaction } from "./transaction.ts";
import { wrapperLayout } from "./wrapper.ts";

const { sessions, sessionBuckets, sessionsABucket, sessionBytes } = wrapperLayout;
const bucketBytes = sessionsABucket * sessionBytes;

/** One session. */
export interface Session {
  /** Lower-case hex. */
  readonly client: string;
  readonly session: bigint;
  /** Nonce of its next transaction; 0 in an entry that was never used. */
  readonly next: bigint;
  /** Latest expiry height of its executed transactions: afterwards its nonces begin again at 0. */
  readonly expiryHeight: bigint;
}

/** Address in the wrapper's memory of the bucket that holds a session, 1,024 bytes. */
export function sessionBucketAddress(client: Address, session: bigint): number {
  const key = new Uint8Array(28);
  key.set(getBytes(client));
  new DataView(key.buffer).setBigUint64(20, session, true);
  const word = new DataView(keccak_256(key).buffer).getUint32(0, true);
  return sessions + (word % sessionBuckets) * bucketBytes;
}

/** The sessions in a bucket's bytes. */
export function readSessionBucket(bytes: Uint8Array): Session[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: sessionsABucket }, (_, index) => {
    const at = index * sessionBytes;
    return {
      client: hexlify(bytes.subarray(at, at + 20)),
      session: view.getBigUint64(at + 32, true),
      next: view.getBigUint64(at + 40, true),
      expiryHeight: view.getBigUint64(at + 48, true),
    };
  });
}

/** Whether a session's nonces still count at a height. */
function isLive({ next, expiryHeight }: Session, height: bigint): boolean {
  return next !== 0n && expiryHeight >= height;
}

/** The sessions of a memory as it was, and what transactions since then have made of them. */
export class SessionTable {
  readonly #memory: Uint8Array;
  /** Buckets that were looked at, by address. */
  readonly #buckets = new Map<number, Session[]>();

  /** `memory` holds the wrapper's bytes. */
  constructor(memory: Uint8Array) {
    this.#memory = memory.slice(sessions, sessions + sessionBuckets * bucketBytes);
  }

  /** The nonce that a session wants next at a height. */
  next(client: Address, session: bigint, height: bigint): bigint {
    const found = this.#bucket(client, session).find(
      (each) => isLive(each, height) && isOf(each, client, session),
    );
    return found?.next ?? 0n;
  }

  /** What the wrapper would say of a transaction's nonce; if it is the next one, the one after it is next. */
  advance(transaction: ClientTransaction, height: bigint): TransactionStatus {
    const { client, session, nonce, expiryHeight } = transaction;
    const next = this.next(client, session, height);
    if (nonce < next) return "nonce-used";
    if (nonce > next) return "nonce-gap";
    const bucket = this.#bucket(client, session);
    const own = (each: Session) => isLive(each, height) && isOf(each, client, session);
    const place = bucket.findIndex(next > 0n ? own : (each) => !isLive(each, height));
    if (place < 0) return "sessions-full";
    const latest = next > 0n ? bucket[place].expiryHeight : 0n;
    bucket[place] = {
      client: client.toLowerCase(),
      session,
      next: next + 1n,
      expiryHeight: latest > expiryHeight ? latest : expiryHeight,
    };
    return "executed";
  }

  #bucket(client: Address, session: bigint): Session[] {
    const address = sessionBucketAddress(client, session);
    const known = this.#buckets.get(address);
    if (known !== undefined) return known;
    const from = address - sessions;
    const read = readSessionBucket(this.#memory.subarray(from, from + bucketBytes));
    this.#buckets.set(address, read);
    return read;
  }
}

function isOf(entry: Session, client: Address, session: bigint): boolean {
  return entry.session === session && entry.client === client.toLowerCase();
}
