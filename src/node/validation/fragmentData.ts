/**
 * A fragment's history downloaded and verified (paper 6.2): manifests from the checkpoint down, transactions by the
 * receipts that the records hold, the state before by its snapshot.
 *
 * Invariant: nobody is believed. Headers lead to the checkpoint by their parents' names; what a header carries is shown by
 * preimages; bytes are the transactions only if both hashes say so, SHA-256 under the data hash and Keccak-256 in the
 * record (5.8). What is given out here follows from the checkpoint on chain alone.
 */
import {
  applicationHash,
  type Content,
  type DeclaredBlock,
  type Fragment,
  findingOf,
  headerHash,
  headerName,
  type Manifest,
  type Receipt,
  readBlockRecord,
  readFraming,
  receiptsHashAfter,
  verifyBlockRecord,
} from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import { NodeError } from "../nodeError.ts";

/** Where a fragment's data come from. Every method throws `content-missing` where nobody has it. */
export interface FragmentSource {
  manifest(height: bigint): Promise<Manifest>;
  /** Bytes of a content, by the storage nodes that have signed for it or by any. */
  content(content: Content, receipts: readonly Receipt[]): Promise<Uint8Array>;
  /** Stores a snapshot. */
  keep(height: bigint, bytes: Uint8Array): Promise<Content>;
}

/** A verified fragment. */
export interface FragmentData {
  /** From the first header to the checkpoint. */
  readonly manifests: readonly Manifest[];
  /** All blocks but the checkpoint's. */
  readonly blocks: readonly DeclaredBlock[];
  /** The first block whose transactions are not what its record says; nothing behind it was read. */
  readonly mismatch?: { readonly height: bigint; readonly transactions: readonly Uint8Array[] };
}

/** Downloads a fragment. Throws `content-missing`, `manifest-refused`, and a HistoryError for a record that does not hold. */
export async function downloadFragment(
  source: FragmentSource,
  fragment: Pick<Fragment, "startHeight" | "height" | "headerHash">,
): Promise<FragmentData> {
  const manifests = await downloadManifests(source, fragment);
  const receipts = receiptsIn(manifests);
  const blocks: DeclaredBlock[] = [];
  for (const [index, manifest] of manifests.slice(0, -1).entries()) {
    const { header, application: before, record } = manifest;
    const { application: after } = manifests[index + 1];
    const { height } = header;
    if (record.transaction.length === 0) {
      const receiptsHash = before.receiptsHash;
      blocks.push({ height, input: undefined, before, after, receiptsHash });
      continue;
    }
    const said = verifyBlockRecord(header.dataHash, record.transaction, record.siblings);
    const content = { root: said.inputRoot, length: said.inputLength };
    const input = await source.content(content, receipts.get(height) ?? []);
    const { transactions } = readFraming(input);
    if (findingOf(header, record, transactions) !== "honest") {
      return { manifests, blocks, mismatch: { height, transactions } };
    }
    const receiptsHash = receiptsHashAfter(before.receiptsHash, said.receipts);
    blocks.push({ height, input, before, after, receiptsHash });
  }
  return { manifests, blocks };
}

/** Manifests whose headers lead to the checkpoint, with the states that they carry. */
async function downloadManifests(
  source: FragmentSource,
  { startHeight, height, headerHash: end }: Pick<Fragment, "startHeight" | "height" | "headerHash">,
): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (let at = height; at >= startHeight; at--) {
    const manifest = await source.manifest(at);
    const { header, application } = manifest;
    const above = manifests[0]?.header;
    const isNamed =
      above === undefined
        ? headerName(header) === end
        : sameBytes(above.lastBlockId.hash, headerHash(header));
    if (!isNamed || header.height !== at) {
      throw new NodeError("manifest-refused", `height ${at} does not lead to the checkpoint`);
    }
    if (!sameBytes(header.appHash, Buffer.from(applicationHash(application).slice(2), "hex"))) {
      throw new NodeError("manifest-refused", `height ${at} carries another state`);
    }
    manifests.unshift(manifest);
  }
  return manifests;
}

/** Receipts that the records have agreed on, by the height that they are for. */
function receiptsIn(manifests: readonly Manifest[]): Map<bigint, Receipt[]> {
  const found = new Map<bigint, Receipt[]>();
  for (const { record } of manifests) {
    if (record.transaction.length === 0) continue;
    for (const receipt of readBlockRecord(record.transaction).receipts) {
      found.set(receipt.height, [...(found.get(receipt.height) ?? []), receipt]);
    }
  }
  return found;
}
