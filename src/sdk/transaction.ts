/**
 * Clients' transactions (docs/sdk.md §2): 1 ‖ client 20 ‖ session u64 ‖ nonce u64 ‖ expiry height u64 ‖ signature 64 ‖
 * payload, numbers little-endian. The signature is EIP-2098 over EIP-712 typed data, so any wallet can make it.
 *
 * Invariant: bytes have one reading; the first one tells a transaction from a block record.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import {
  getAddress,
  getBytes,
  hexlify,
  Signature,
  type TypedDataDomain,
  TypedDataEncoder,
} from "ethers";
import type { Address } from "../game/index.ts";
import { chainHash } from "../history/index.ts";

/** Bytes before the payload. */
export const transactionHeadBytes = 109;
/** Longest transaction, bytes. */
export const maxTransactionBytes = 65_536;
/** How many blocks ahead a transaction may expire. */
export const maxLifetimeBlocks = 4096n;

const format = 1;
const signatureAt = 45;
const greatestWord = 2n ** 64n - 1n;

/** EIP-712 domain and type of a transaction. */
export const transactionDomain: TypedDataDomain = {
  name: "wasm-arbiter transaction",
  version: "1",
};
const types = {
  Transaction: [
    { name: "chain", type: "string" },
    { name: "session", type: "uint64" },
    { name: "nonce", type: "uint64" },
    { name: "expiryHeight", type: "uint64" },
    { name: "payload", type: "bytes" },
  ],
};
const domainSeparator = getBytes(TypedDataEncoder.hashDomain(transactionDomain));
const typeHash = keccak_256(
  new TextEncoder().encode(TypedDataEncoder.from(types).encodeType("Transaction")),
);

/** What a client asks for. */
export interface TransactionFields {
  /** Any number; its nonces count apart from those of the client's other sessions. */
  readonly session: bigint;
  /** Transactions of the session before this one. */
  readonly nonce: bigint;
  /** Last height at which it may be executed; at most `maxLifetimeBlocks` after the block that does. */
  readonly expiryHeight: bigint;
  /** What the application gets. */
  readonly payload: Uint8Array;
}

/** A transaction as it is read. */
export interface ClientTransaction extends TransactionFields {
  readonly client: Address;
  /** r ‖ s with the parity of y in its topmost bit (EIP-2098), 64 bytes. */
  readonly signature: Uint8Array;
}

/** What signs typed data: an ethers `Wallet` or any `Signer`, a browser's wallet among them. */
export interface TransactionSigner {
  /** Resolves to the account that signs. */
  getAddress(): Promise<string>;
  /** As `Signer.signTypedData` of ethers does: resolves to r, s, v as hex. */
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, { name: string; type: string }[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** Reads a transaction, whatever its fields say; `undefined` for what the wrapper calls malformed. */
export function readTransaction(bytes: Uint8Array): ClientTransaction | undefined {
  if (bytes.length < transactionHeadBytes || bytes.length > maxTransactionBytes) return undefined;
  if (bytes[0] !== format) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    client: getAddress(hexlify(bytes.subarray(1, 21))),
    session: view.getBigUint64(21, true),
    nonce: view.getBigUint64(29, true),
    expiryHeight: view.getBigUint64(37, true),
    signature: bytes.subarray(signatureAt, transactionHeadBytes),
    payload: bytes.subarray(transactionHeadBytes),
  };
}

/** A transaction's bytes. Throws RangeError for a field out of its range. */
export function encodeTransaction(transaction: ClientTransaction): Uint8Array {
  const { client, signature, payload } = transaction;
  if (transactionHeadBytes + payload.length > maxTransactionBytes) {
    const most = maxTransactionBytes - transactionHeadBytes;
    throw new RangeError(`expected a payload of at most ${most} bytes, got ${payload.length}`);
  }
  if (signature.length !== 64) throw new RangeError("expected a signature of 64 bytes");
  const words = new DataView(new ArrayBuffer(24));
  (["session", "nonce", "expiryHeight"] as const).forEach((name, index) => {
    const value = transaction[name];
    if (value < 0n || value > greatestWord) {
      throw new RangeError(`expected a ${name} from 0 to 2^64 − 1, got ${value}`);
    }
    words.setBigUint64(8 * index, value, true);
  });
  const numbers = new Uint8Array(words.buffer);
  return concatBytes(Uint8Array.of(format), getBytes(client), numbers, signature, payload);
}

/** What a client signs: the EIP-712 digest, 32 bytes. */
export function transactionDigest(chainId: string, fields: TransactionFields): Uint8Array {
  const words = new DataView(new ArrayBuffer(96));
  words.setBigUint64(24, fields.session);
  words.setBigUint64(56, fields.nonce);
  words.setBigUint64(88, fields.expiryHeight);
  const message = [
    typeHash,
    chainHash(chainId),
    new Uint8Array(words.buffer),
    keccak_256(fields.payload),
  ];
  const hash = keccak_256(concatBytes(...message));
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), domainSeparator, hash));
}

/** Has a wallet sign a transaction; the wallet shows its fields. Returns the transaction's bytes. */
export async function signTransaction(
  chainId: string,
  fields: TransactionFields,
  signer: TransactionSigner,
): Promise<Uint8Array> {
  const { session, nonce, expiryHeight, payload } = fields;
  const value = { chain: chainId, session, nonce, expiryHeight, payload: hexlify(payload) };
  const signed = await signer.signTypedData(transactionDomain, types, value);
  const signature = getBytes(Signature.from(signed).compactSerialized);
  return encodeTransaction({ ...fields, client: await signer.getAddress(), signature });
}

/** A secp256k1 key that signs transactions without asking anybody. */
export class ClientKey {
  readonly #secret: Uint8Array;
  /** The account that its transactions are of. */
  readonly address: Address;

  /** Throws for anything but a secret key of 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#secret = Uint8Array.from(secret);
    this.address = addressOf(secp256k1.getPublicKey(this.#secret, false));
  }

  /** Signs a transaction for a chain; returns its bytes. */
  sign(chainId: string, fields: TransactionFields): Uint8Array {
    const digest = transactionDigest(chainId, fields);
    const recovered = secp256k1.sign(digest, this.#secret, { prehash: false, format: "recovered" });
    const signature = recovered.slice(1);
    signature[32] |= recovered[0] << 7;
    return encodeTransaction({ ...fields, client: this.address, signature });
  }
}

/** The account that signed a digest; `undefined` if the signature is none, or its s is not in the lower half. */
export function recoverClient(digest: Uint8Array, signature: Uint8Array): Address | undefined {
  const recovered = Uint8Array.of(signature[32] >> 7, ...signature);
  recovered[33] &= 0x7f;
  try {
    if (secp256k1.Signature.fromBytes(recovered, "recovered").hasHighS()) return undefined;
    const key = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
    return addressOf(secp256k1.Point.fromBytes(key).toBytes(false));
  } catch {
    // Whatever is wrong with it, nobody has signed.
    return undefined;
  }
}

/** Account of an uncompressed public key, 65 bytes. */
function addressOf(publicKey: Uint8Array): Address {
  return getAddress(hexlify(keccak_256(publicKey.subarray(1)).subarray(12)));
}
