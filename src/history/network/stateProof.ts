/**
 * What a block's hash says about a contract's storage: the proofs that `eth_getProof` gives (EIP-1186), verified.
 *
 * A header's RLP hashes to the block hash and names the state root; a path of the state's Merkle Patricia trie (Ethereum
 * Yellow Paper, Appendix D) leads to the account, one of the account's trie to a slot. ethers decodes RLP and has no
 * proofs; a trie library would be larger than the rest of a light client.
 *
 * Invariant: a path proves a value or that there is none; each node is bound by its hash or stands within a bound one,
 * and none is left over.
 */
import { decodeRlp, keccak256 } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import { HistoryError } from "../historyError.ts";

/** A path through a trie: the RLP of its nodes, from the root on, as hex. */
export type TriePath = readonly string[];

/** The storage of one contract in one block. */
export interface StorageProof {
  /** RLP of the block's header. */
  readonly header: string;
  readonly account: TriePath;
  /** Paths by the slot. */
  readonly slots: Readonly<Record<Hash, TriePath>>;
}

/** Reads a proof that was JSON. Throws `malformed-answer`. */
export function readStorageProof(value: unknown): StorageProof {
  const { header, account, slots } = (value ?? {}) as Record<string, unknown>;
  const isPath = (path: unknown) => Array.isArray(path) && path.every(isHex);
  const isProof =
    isHex(header) &&
    isPath(account) &&
    typeof slots === "object" &&
    slots !== null &&
    Object.values(slots).every(isPath);
  if (!isProof) throw new HistoryError("malformed-answer", "expected a storage proof");
  return { header, account: account as TriePath, slots: slots as StorageProof["slots"] };
}

const stateRootField = 3;
const storageRootField = 2;

/** A reader of slots that a proof shows. Throws `state-not-proven` now, and later for each slot that is not shown. */
export function provenStorage(
  proof: StorageProof,
  blockHash: Hash,
  contract: Address,
): (slot: Hash) => bigint {
  if (!isHex(proof.header) || keccak256(proof.header) !== blockHash) throw unproven("the header");
  const stateRoot = fieldsOf(proof.header, "the header")[stateRootField];
  const account = provenValue(stateRoot, keccak256(contract), proof.account, "the account");
  if (account === undefined) throw unproven("there is no such account");
  const storageRoot = fieldsOf(account, "the account")[storageRootField];
  return (slot) => {
    const path = proof.slots[slot];
    if (path === undefined) throw unproven(`slot ${slot}`);
    // An empty trie has no nodes to show.
    if (storageRoot === emptyRoot) return 0n;
    const value = provenValue(storageRoot, keccak256(slot), path, `slot ${slot}`);
    return value === undefined ? 0n : BigInt(textOf(decoded(value, slot), slot));
  };
}

/** Root of a trie without entries: the hash of the RLP of an empty string. */
const emptyRoot = keccak256("0x80");

type Rlp = ReturnType<typeof decodeRlp>;

/** The value at a key's path; undefined where the trie has none. */
function provenValue(root: string, key: string, path: TriePath, what: string): string | undefined {
  const nibbles = key.slice(2);
  let at = 0;
  let used = 0;
  /** The node that comes next: its hash, or itself where it is shorter than that. */
  let next: Rlp = root;
  const finish = (value: string | undefined): string | undefined => {
    if (used !== path.length) throw unproven(`${what}: a node too many`);
    return value;
  };
  for (;;) {
    let node: Rlp = next;
    if (typeof node === "string") {
      const encoded = path[used++];
      if (!isHex(encoded) || keccak256(encoded) !== node) throw unproven(what);
      node = decoded(encoded, what);
    }
    if (!Array.isArray(node)) throw unproven(what);
    if (node.length === 17) {
      const child: Rlp = at === nibbles.length ? node[16] : node[Number.parseInt(nibbles[at], 16)];
      if (child === "0x") return finish(undefined);
      if (at === nibbles.length) return finish(textOf(child, what));
      at++;
      next = child;
      continue;
    }
    if (node.length !== 2) throw unproven(what);
    const { isLeaf, part } = compactPath(textOf(node[0], what), what);
    if (nibbles.slice(at, at + part.length) !== part) return finish(undefined);
    at += part.length;
    if (isLeaf) return finish(at === nibbles.length ? textOf(node[1], what) : undefined);
    next = node[1];
  }
}

/** A path of nibbles behind its flags (Yellow Paper, Appendix C). */
function compactPath(text: string, what: string): { isLeaf: boolean; part: string } {
  const flags = Number.parseInt(text[2] ?? "f", 16);
  if (flags > 3) throw unproven(what);
  const isOdd = (flags & 1) === 1;
  return { isLeaf: flags >= 2, part: text.slice(isOdd ? 3 : 4) };
}

const isHex = (text: unknown): text is string =>
  typeof text === "string" && /^0x(?:[\da-f]{2})*$/i.test(text);

function decoded(encoded: string, what: string): Rlp {
  try {
    return decodeRlp(encoded);
  } catch {
    throw unproven(what);
  }
}

function fieldsOf(encoded: string, what: string): readonly string[] {
  const fields = decoded(encoded, what);
  if (!Array.isArray(fields)) throw unproven(what);
  return fields.map((field) => (typeof field === "string" ? field : "0x"));
}

function textOf(value: Rlp, what: string): string {
  if (typeof value !== "string") throw unproven(what);
  return value;
}

function unproven(what: string): HistoryError {
  return new HistoryError("state-not-proven", what);
}
