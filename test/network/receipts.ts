/** Receipts for the tests of Storage, as storage nodes sign them. */
import type { Signer } from "ethers";
import type { Hash } from "../../src/game/index.ts";
import { contentOf, type Receipt, receiptDomain, signReceipt } from "../../src/history/index.ts";
import type { TestNetwork } from "./network.ts";

/** A node's receipt for a content of a cluster. */
export async function receiptBy(
  { evmChainId, addresses }: TestNetwork,
  signer: Signer,
  cluster: Hash,
  content: Uint8Array,
  height = 9n,
): Promise<Receipt> {
  const domain = receiptDomain(evmChainId, addresses.storage);
  const stored = { height, ...contentOf(content) };
  return signReceipt(cluster, stored, await signer.getAddress(), domain, signer);
}
