/**
 * Signed transactions in any number, for load tests: clients take turns, each with a session of its own.
 *
 * Invariant: given all options, the bytes are the same in every run; whatever is left out of a session's beginning, its
 * later transactions are of no use, so a sender keeps the order of each client.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { ClientSession, randomSession } from "./session.ts";
import { ClientKey } from "./transaction.ts";

/** What is to be signed. */
export interface WorkloadOptions {
  readonly chainId: string;
  /** How many transactions. */
  readonly transactions: number;
  /** How many clients sign them in turn, 100 unless given. */
  readonly clients?: number;
  /** Last height at which they may be executed. */
  readonly expiryHeight: bigint;
  /** What transaction `index` asks for; `clients` are the accounts that take part. */
  readonly payload: (index: number, clients: readonly ClientKey[]) => Uint8Array;
  /** Whose keys the clients have, any text: the same text gives the same keys. */
  readonly seed?: string;
  /** Number of each client's session, a random one unless given. */
  readonly session?: bigint;
}

/** Signs as it is asked for the next one; some 2,000 a second. */
export function* workload(options: WorkloadOptions): Generator<Uint8Array, void> {
  const { chainId, transactions, clients = 100, expiryHeight, payload, seed = "load" } = options;
  if (clients < 1) throw new RangeError(`expected at least one client, got ${clients}`);
  const { session = randomSession() } = options;
  const keys = Array.from(
    { length: Math.min(clients, transactions) },
    (_, index) => new ClientKey(sha256(utf8ToBytes(`${seed} ${index}`))),
  );
  const sessions = keys.map((key) => new ClientSession(key, chainId, session));
  for (let index = 0; index < transactions; index++) {
    yield sessions[index % sessions.length].sign(payload(index, keys), expiryHeight);
  }
}
