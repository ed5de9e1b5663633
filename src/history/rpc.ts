/**
 * Answers of a CometBFT 0.38 node (`/commit`, `/validators`, `/block`) as this library's types: hashes in upper-case
 * hex, keys, signatures and transactions in base64, numbers as decimal strings, times in RFC 3339.
 *
 * Invariant: what is read is strict, one form a field, since a signature is checked over what was read; anything
 * else is a `malformed-answer` that names the field.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import { decodeBase64, encodeBase64 } from "ethers";
import type { BlockId, Header, Timestamp } from "./block.ts";
import type { Commit, CommitSignature } from "./commit.ts";
import { blockIdFlags } from "./commit.ts";
import { HistoryError } from "./historyError.ts";
import type { Validator } from "./validatorSet.ts";

const secp256k1KeyType = "tendermint/PubKeySecp256k1";
const publicKeyBytes = 33;
const addressBytes = 20;
const hashBytes = 32;

/** A position in an answer: the value and the name by which errors call it. */
class Field {
  readonly #value: unknown;
  readonly #name: string;

  constructor(value: unknown, name: string) {
    this.#value = value;
    this.#name = name;
  }

  /** Throws `malformed-answer`. */
  refuse(expected: string): never {
    throw new HistoryError("malformed-answer", `expected ${expected} at ${this.#name}`);
  }

  get(key: string): Field {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      this.refuse("an object");
    return new Field((value as Record<string, unknown>)[key], `${this.#name}.${key}`);
  }

  get isAbsent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  list(): Field[] {
    if (!Array.isArray(this.#value)) this.refuse("a list");
    return this.#value.map((value, index) => new Field(value, `${this.#name}[${index}]`));
  }

  text(): string {
    return typeof this.#value === "string" ? this.#value : this.refuse("a text");
  }

  /** A small number, written as a JSON number. */
  count(): number {
    const value = this.#value;
    const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0;
    return isCount && value < 2 ** 31 ? value : this.refuse("a whole number");
  }

  /** A 64-bit number, written as a decimal string. */
  integer(): bigint {
    const text = this.text();
    return /^(?:0|[1-9]\d{0,18})$/.test(text) ? BigInt(text) : this.refuse("a decimal string");
  }

  hex(): Uint8Array {
    const text = this.text();
    if (!/^(?:[\dA-F]{2})*$/.test(text)) this.refuse("upper-case hex");
    return hexToBytes(text);
  }

  /** Hex of one of the given lengths, in bytes. */
  hexOf(...lengths: readonly number[]): Uint8Array {
    const bytes = this.hex();
    return lengths.includes(bytes.length) ? bytes : this.refuse(`${lengths.join(" or ")} bytes`);
  }

  base64(): Uint8Array {
    const text = this.text();
    if (!/^(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?$/.test(text)) this.refuse("base64");
    const bytes = decodeBase64(text);
    // Bits beyond the last byte would give one string of bytes several texts.
    return encodeBase64(bytes) === text ? bytes : this.refuse("canonical base64");
  }

  time(): Timestamp {
    const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(this.text());
    const milliseconds = found === null ? Number.NaN : Date.parse(`${found[1]}Z`);
    if (found === null || Number.isNaN(milliseconds)) return this.refuse("a time in RFC 3339");
    const nanos = Number((found[2] ?? "").padEnd(9, "0"));
    return { seconds: BigInt(milliseconds / 1000), nanos };
  }
}

function readBlockId(field: Field): BlockId {
  const parts = field.get("parts");
  return {
    hash: field.get("hash").hexOf(0, hashBytes),
    parts: { total: parts.get("total").count(), hash: parts.get("hash").hexOf(0, hashBytes) },
  };
}

function readHeaderField(header: Field): Header {
  const version = header.get("version");
  const hash = (name: string) => header.get(name).hexOf(0, hashBytes);
  const app = version.get("app");
  return {
    version: {
      block: version.get("block").integer(),
      app: app.isAbsent ? 0n : app.integer(),
    },
    chainId: header.get("chain_id").text(),
    height: header.get("height").integer(),
    time: header.get("time").time(),
    lastBlockId: readBlockId(header.get("last_block_id")),
    lastCommitHash: hash("last_commit_hash"),
    dataHash: hash("data_hash"),
    validatorsHash: hash("validators_hash"),
    nextValidatorsHash: hash("next_validators_hash"),
    consensusHash: hash("consensus_hash"),
    appHash: header.get("app_hash").hex(),
    lastResultsHash: hash("last_results_hash"),
    evidenceHash: hash("evidence_hash"),
    proposerAddress: header.get("proposer_address").hexOf(addressBytes),
  };
}

function readSignature(field: Field): CommitSignature {
  const flag = field.get("block_id_flag").count();
  const signature = field.get("signature");
  const isAbsent = flag === blockIdFlags.absent;
  return {
    flag,
    validatorAddress: field.get("validator_address").hexOf(isAbsent ? 0 : addressBytes),
    time: field.get("timestamp").time(),
    signature: signature.isAbsent ? new Uint8Array() : signature.base64(),
  };
}

function readCommitField(commit: Field): Commit {
  const signatures = commit.get("signatures");
  return {
    height: commit.get("height").integer(),
    round: commit.get("round").count(),
    blockId: readBlockId(commit.get("block_id")),
    signatures: signatures.isAbsent ? [] : signatures.list().map(readSignature),
  };
}

/** The `result` of `/commit`. Throws `malformed-answer`. */
export function readSignedHeader(answer: unknown): {
  readonly header: Header;
  readonly commit: Commit;
} {
  const signed = new Field(answer, "commit").get("signed_header");
  return {
    header: readHeaderField(signed.get("header")),
    commit: readCommitField(signed.get("commit")),
  };
}

/** The `result` of `/validators`, in CometBFT's order. Throws `malformed-answer`, for keys of other kinds too. */
export function readValidators(answer: unknown): Validator[] {
  return new Field(answer, "validators")
    .get("validators")
    .list()
    .map((validator) => {
      const key = validator.get("pub_key");
      const type = key.get("type");
      if (type.text() !== secp256k1KeyType) type.refuse(secp256k1KeyType);
      const publicKey = key.get("value").base64();
      if (publicKey.length !== publicKeyBytes) key.refuse(`${publicKeyBytes} bytes`);
      return { publicKey, power: validator.get("voting_power").integer() };
    });
}

/** A block: its header, its transactions in order, and the votes for the block before (none in the first). */
export interface Block {
  readonly header: Header;
  readonly transactions: readonly Uint8Array[];
  readonly lastCommit: Commit;
}

/** The `result` of `/block`. Throws `malformed-answer`. */
export function readBlock(answer: unknown): Block {
  const block = new Field(answer, "block").get("block");
  const transactions = block.get("data").get("txs");
  return {
    header: readHeaderField(block.get("header")),
    transactions: transactions.isAbsent
      ? []
      : transactions.list().map((transaction) => transaction.base64()),
    lastCommit: readCommitField(block.get("last_commit")),
  };
}
