/**
 * What a storage node signs when it has stored bytes (paper 5.5, 5.6): R = (H_ST, stsign). H_ST is the root of the
 * machine's own input array with its length, so that a receipt for a block's transactions names what the machine read.
 *
 * Invariant: a receipt is for one cluster, height and content; its EIP-712 type equals RECEIPT_TYPE of the contracts.
 */
import {
  AbiCoder,
  concat,
  keccak256,
  type TypedDataDomain,
  TypedDataEncoder,
  verifyTypedData,
  ZeroHash,
} from "ethers";
import type { Address, Hash, TypedDataSigner } from "../game/index.ts";

const receiptTypes = {
  Receipt: [
    { name: "cluster", type: "bytes32" },
    { name: "height", type: "uint64" },
    { name: "root", type: "bytes32" },
    { name: "length", type: "uint32" },
  ],
};

const receiptTuple =
  "tuple(uint64 height, bytes32 root, uint32 length, address storageNode, bytes signature)[]";

/** What is stored, and for whom. */
export interface StoredContent {
  /** Height of the block to which the content belongs. */
  readonly height: bigint;
  /** H_ST: root of the input array over the bytes (docs/proof-format.md §7). */
  readonly root: Hash;
  /** Bytes. */
  readonly length: number;
}

/** A storage node's promise to keep the content until the fragment is fully verified. */
export interface Receipt extends StoredContent {
  readonly storageNode: Address;
  /** r, s, v: 65 bytes as hex. */
  readonly signature: string;
}

/** EIP-712 domain of receipts: valid for one chain and one Storage contract. */
export function receiptDomain(chainId: bigint, storage: Address): TypedDataDomain {
  return { name: "wasm-arbiter storage", version: "1", chainId, verifyingContract: storage };
}

/** Signs a receipt for a cluster's content. */
export async function signReceipt(
  cluster: Hash,
  content: StoredContent,
  storageNode: Address,
  domain: TypedDataDomain,
  signer: TypedDataSigner,
): Promise<Receipt> {
  const { height, root, length } = content;
  const value = { cluster, height, root, length };
  const signature = await signer.signTypedData(domain, receiptTypes, value);
  return { height, root, length, storageNode, signature };
}

/** The digest that a receipt's signature covers. */
export function receiptDigest(
  cluster: Hash,
  content: StoredContent,
  domain: TypedDataDomain,
): Hash {
  const { height, root, length } = content;
  return TypedDataEncoder.hash(domain, receiptTypes, { cluster, height, root, length });
}

/** Whether the node that a receipt names has signed it for this cluster. */
export function isReceiptSigned(cluster: Hash, receipt: Receipt, domain: TypedDataDomain): boolean {
  const { height, root, length } = receipt;
  try {
    const signer = verifyTypedData(
      domain,
      receiptTypes,
      { cluster, height, root, length },
      receipt.signature,
    );
    return signer === receipt.storageNode;
  } catch {
    return false;
  }
}

/**
 * The running hash over all receipts that a cluster has agreed on: unchanged by a block without receipts, so that an
 * idle cluster's application hash stays the same.
 */
export function receiptsHashAfter(before: Hash, receipts: readonly Receipt[]): Hash {
  return receipts.length === 0 ? before : keccak256(concat([before, encodeReceipts(receipts)]));
}

/** The running hash of a cluster without receipts. */
export const noReceipts: Hash = ZeroHash;

/** Receipts as a block record carries them, in the order of the ABI's encoding. */
export function encodeReceipts(receipts: readonly Receipt[]): string {
  return AbiCoder.defaultAbiCoder().encode([receiptTuple], [receipts]);
}
