/**
 * How a generation agrees on its successors (docs/history.md §11): a transaction with the next generation's keys, and
 * the signatures of more than two thirds of the present one's power over them.
 *
 * Each worker signs what it has read on the EVM chain; what a block's validity depends on are these bytes alone, so
 * workers that see the chain at different moments do not part.
 *
 * Invariant: a statement is for one chain id, which names the EVM chain, contract, cluster and generation; no vote can
 * be taken for it, nor it for a vote; a handover has one encoding.
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { AbiCoder, ParamType, SigningKey, TypedDataEncoder } from "ethers";
import type { Hash } from "../game/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { decodeCanonical } from "./canonicalAbi.ts";
import { HistoryError } from "./historyError.ts";
import { isQuorum, totalPower, type Validator, validatorsHash } from "./validatorSet.ts";

const magic = utf8ToBytes("wasm-arbiter handover 1\n");
const handoverType = ParamType.from(
  "tuple(bytes[] publicKeys, tuple(uint16 worker, bytes signature)[] votes)",
);
const domain = { name: "wasm-arbiter handover", version: "1" };
const types = {
  Handover: [
    { name: "chain", type: "string" },
    { name: "validatorsHash", type: "bytes32" },
  ],
};
/** Every worker of a generation has the same power (docs/network.md §2). */
const power = 1n;

/** One worker's signature under a handover. */
export interface HandoverVote {
  /** Position in the present generation. */
  readonly worker: number;
  /** r, s, v: 65 bytes as hex. */
  readonly signature: string;
}

/** A handover as a transaction carries it. */
export interface Handover {
  /** The next generation, in CometBFT's order. */
  readonly successors: readonly Validator[];
  /** By worker, ascending. */
  readonly votes: readonly HandoverVote[];
}

/** What a worker's consensus key signs. */
export function handoverDigest(chainId: string, successors: readonly Validator[]): Hash {
  const hash = `0x${bytesToHex(validatorsHash(successors))}`;
  return TypedDataEncoder.hash(domain, types, { chain: chainId, validatorsHash: hash });
}

/** A worker's signature under a handover of its chain. */
export function signHandover(
  chainId: string,
  successors: readonly Validator[],
  key: SigningKey,
): string {
  return key.sign(handoverDigest(chainId, successors)).serialized;
}

/** Whether a worker has signed. */
export function isHandoverSigned(
  chainId: string,
  successors: readonly Validator[],
  signature: string,
  { publicKey }: Validator,
): boolean {
  try {
    const key = SigningKey.recoverPublicKey(handoverDigest(chainId, successors), signature);
    return SigningKey.computePublicKey(key, true) === `0x${bytesToHex(publicKey)}`;
  } catch {
    return false;
  }
}

/** Its fields as they are encoded. */
interface EncodedHandover {
  readonly publicKeys: readonly string[];
  readonly votes: readonly { readonly worker: bigint; readonly signature: string }[];
}

/** The transaction of a handover. */
export function encodeHandover({ successors, votes }: Handover): Uint8Array {
  const publicKeys = successors.map(({ publicKey }) => `0x${bytesToHex(publicKey)}`);
  const encoded = AbiCoder.defaultAbiCoder().encode([handoverType], [{ publicKeys, votes }]);
  return Uint8Array.from([...magic, ...hexToBytes(encoded.slice(2))]);
}

/** Whether a transaction begins like a handover: it is one, or no worker takes it. */
export function looksLikeHandover(transaction: Uint8Array): boolean {
  return sameBytes(transaction.subarray(0, magic.length), magic);
}

/** Reads a handover. Throws `malformed-handover` for anything but its canonical bytes. */
export function readHandover(transaction: Uint8Array): Handover {
  const encoded = transaction.subarray(magic.length);
  let handover: Handover;
  try {
    const { publicKeys, votes } = decodeCanonical<EncodedHandover>(handoverType, encoded);
    handover = {
      successors: publicKeys.map((key) => ({ publicKey: hexToBytes(key.slice(2)), power })),
      votes: votes.map(({ worker, signature }) => ({ worker: Number(worker), signature })),
    };
  } catch {
    throw new HistoryError("malformed-handover", "its fields");
  }
  if (!sameBytes(encodeHandover(handover), transaction)) {
    throw new HistoryError("malformed-handover", "not the canonical encoding");
  }
  return handover;
}

/**
 * The successors that a transaction names, if the generation has agreed on them. Throws `malformed-handover`,
 * `unknown-signer`, `invalid-signature`, `insufficient-power`.
 */
export function verifyHandover(
  transaction: Uint8Array,
  chainId: string,
  validators: readonly Validator[],
): readonly Validator[] {
  const { successors, votes } = readHandover(transaction);
  if (!areSuccessors(successors, validators)) {
    throw new HistoryError("malformed-handover", "keys that cannot serve");
  }
  let before = -1;
  let agreed = 0n;
  for (const { worker, signature } of votes) {
    const validator = validators[worker];
    if (validator === undefined || worker <= before) {
      throw new HistoryError("unknown-signer", `worker ${worker}`);
    }
    before = worker;
    if (!isHandoverSigned(chainId, successors, signature, validator)) {
      throw new HistoryError("invalid-signature", `worker ${worker}`);
    }
    agreed += validator.power;
  }
  if (!isQuorum(agreed, totalPower(validators))) throw new HistoryError("insufficient-power");
  return successors;
}

/** Compressed keys, each once, none of the present generation: a key serves in one generation, once. */
function areSuccessors(successors: readonly Validator[], validators: readonly Validator[]) {
  const keys = successors.map(({ publicKey }) => bytesToHex(publicKey));
  const present = new Set(validators.map(({ publicKey }) => bytesToHex(publicKey)));
  const isKey = (key: string) => /^0[23][\da-f]{64}$/.test(key) && !present.has(key);
  return keys.length > 0 && keys.every(isKey) && new Set(keys).size === keys.length;
}
