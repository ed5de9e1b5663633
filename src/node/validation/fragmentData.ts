/**
 * A fragment's history downloaded and verified (paper 6.2): manifests from the checkpoint down, transactions by the
 * receipts that the records hold, the state before by its snapshot.
 *
 * Invariant: nobody is believed. Headers lead to the checkpoint by their parents' names; what a header carries is shown by
 * preimages; bytes are the transactions only if both hashes say so, SHA-256 under the data hash and Keccak-256 in the
 * record (5.8). What is given out here follows from the checkpoint on chain alone.
 */
import { hexlify } from "ethers";
import {
  type ApplicationState,
  applicationHash,
  type Content,
  dataHash,
  type Fragment,
  findingOf,
  frameTransactions,
  HistoryError,
  headerHash,
  headerName,
  type Manifest,
  type Receipt,
  readBlockRecord,
  readFraming,
  verifyBlockRecord,
} from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import { NodeError } from "../nodeError.ts";
import { type BrokenHeader, brokenHeader, type FragmentRules } from "./headerRules.ts";

/** Where a fragment's data come from. Every method throws `content-missing` where nobody has it. */
export interface FragmentSource {
  manifest(height: bigint): Promise<Manifest>;
  /** Bytes of a content, by the storage nodes that have signed for it or by any. */
  content(content: Content, receipts: readonly Receipt[]): Promise<Uint8Array>;
  /** A block's transactions, its record first, by whoever keeps the blocks themselves. */
  block(height: bigint): Promise<readonly Uint8Array[]>;
  /** Stores a snapshot. */
  keep(height: bigint, bytes: Uint8Array): Promise<Content>;
}

/** A block whose transactions are not what its record says (5.8), and what shows it. */
export interface MismatchedBlock {
  readonly height: bigint;
  /** A list that is one of the two and not the other; undefined if the block's first transaction shows it by itself. */
  readonly transactions: readonly Uint8Array[] | undefined;
  /** Whether that is a record, of an input with which no call begins. */
  readonly isRefused?: boolean;
}

/** A block of a fragment; the states before and behind it stand in the manifests. */
export interface ShownBlock extends BlockContent {
  readonly height: bigint;
}

/** A verified fragment. */
export interface FragmentData {
  /** From the first header to the checkpoint. */
  readonly manifests: readonly Manifest[];
  /** Heights whose header carries a state that nobody has shown; what their manifests say of it is not it. */
  readonly hidden: ReadonlySet<bigint>;
  /** All blocks but the checkpoint's. */
  readonly blocks: readonly ShownBlock[];
  /** The first block whose transactions are not what its record says; nothing behind it was read. */
  readonly mismatch?: MismatchedBlock;
}

type FragmentEnds = Pick<Fragment, "startHeight" | "height" | "headerHash">;

/**
 * Downloads a fragment's blocks, whose calls take `inputBytes` of input at most. Throws `content-missing`, `manifest-refused`, and a HistoryError for a record that does not
 * hold.
 */
export async function downloadBlocks(
  source: FragmentSource,
  { manifests, hidden }: FragmentManifests,
  inputBytes: number,
): Promise<FragmentData> {
  const receipts = receiptsIn(manifests);
  const blocks: ShownBlock[] = [];
  for (const manifest of manifests.slice(0, -1)) {
    const { height } = manifest.header;
    const call = await readCall(source, manifest, receipts.get(height) ?? [], inputBytes);
    if ("mismatch" in call) return { manifests, hidden, blocks, mismatch: call.mismatch };
    blocks.push({ height, ...call });
  }
  return { manifests, hidden, blocks };
}

/** What a block's call is given; no input if it has no call. */
interface BlockContent {
  readonly input: Uint8Array | undefined;
  readonly receipts: readonly Receipt[];
}

type BlockCall = BlockContent | { readonly mismatch: MismatchedBlock };

const noTransactions = dataHash([]);

async function readCall(
  source: FragmentSource,
  { header, record }: Manifest,
  receipts: readonly Receipt[],
  inputBytes: number,
): Promise<BlockCall> {
  const { height } = header;
  if (record.transaction.length === 0) {
    // Whoever shows no record says that the block is empty, which its header knows.
    if (sameBytes(header.dataHash, noTransactions)) return { input: undefined, receipts: [] };
    throw new NodeError("manifest-refused", `height ${height} has transactions and no record`);
  }
  const said = recordOf({ header, record });
  if (said === undefined) return { mismatch: { height, transactions: undefined } };
  if (said.inputLength > inputBytes) {
    return { mismatch: { height, transactions: undefined, isRefused: true } };
  }
  const content = { root: said.inputRoot, length: said.inputLength };
  const stored = await storedCall(source, content, receipts);
  const found = stored && findingOf(header, record, stored.transactions);
  if (found === "honest") return { input: stored?.input, receipts: said.receipts };
  if (found === "mismatch") return { mismatch: { height, transactions: stored?.transactions } };
  // What the record names nobody has, or it is no block's: the block has the transactions itself.
  const [, ...transactions] = await source.block(height);
  switch (findingOf(header, record, transactions)) {
    case "honest":
      return { input: frameTransactions(header, transactions), receipts: said.receipts };
    case "mismatch":
      return { mismatch: { height, transactions } };
    default:
      throw new NodeError("content-missing", `transactions of block ${height}`);
  }
}

/** What the record says; undefined if the block's first transaction is none. Throws `record-not-proven`. */
function recordOf({ header, record }: Pick<Manifest, "header" | "record">) {
  try {
    return verifyBlockRecord(header.dataHash, record.transaction, record.siblings);
  } catch (error) {
    if (error instanceof HistoryError && error.code === "malformed-block-record") return undefined;
    throw error;
  }
}

/** The bytes that a record names and the transactions in them; undefined where nobody has any that are a framing. */
async function storedCall(source: FragmentSource, content: Content, receipts: readonly Receipt[]) {
  try {
    const input = await source.content(content, receipts);
    return { input, transactions: readFraming(input).transactions };
  } catch (error) {
    if (error instanceof NodeError || error instanceof HistoryError) return undefined;
    throw error;
  }
}

/** Manifests from the first header that was looked at to the checkpoint. */
export interface FragmentManifests extends Pick<FragmentData, "manifests" | "hidden"> {
  /** The highest header that is wrong by its bytes; nothing below it, or below its parent, was read. */
  readonly broken?: BrokenHeader;
}

/**
 * Manifests whose headers lead to the checkpoint, with the states that they carry. Throws `content-missing`,
 * `manifest-refused`.
 *
 * @param rules What the headers must fit; without them only their heights are looked at.
 */
export async function downloadManifests(
  source: FragmentSource,
  fragment: FragmentEnds,
  rules?: FragmentRules,
): Promise<FragmentManifests> {
  const { startHeight, height, headerHash: end } = fragment;
  const manifests: Manifest[] = [];
  const hidden = new Set<bigint>();
  for (let at = height; at >= startHeight; at--) {
    const manifest = await source.manifest(at);
    const { header } = manifest;
    const above = manifests[0]?.header;
    const isNamed =
      above === undefined
        ? headerName(header) === end
        : sameBytes(above.lastBlockId.hash, headerHash(header));
    if (!isNamed) {
      throw new NodeError("manifest-refused", `height ${at} does not lead to the checkpoint`);
    }
    // Rules come first: of a state that is wrong nobody need have the preimage.
    const headers = [header, ...manifests.map((each) => each.header)];
    const broken = rules && brokenHeader(headers, fragment, rules);
    if (broken !== undefined) return { manifests: [manifest, ...manifests], hidden, broken };
    if (header.height !== at) throw new NodeError("manifest-refused", `height ${at} is another`);
    const application = carriedState(manifest, rules?.states);
    if (application === undefined) {
      // The replay makes the states between the two ends by itself.
      if (at === startHeight || at === height) {
        throw new NodeError("manifest-refused", `height ${at} carries another state`);
      }
      hidden.add(at);
    }
    manifests.unshift(application === undefined ? manifest : { ...manifest, application });
  }
  return { manifests, hidden };
}

/** The state that a manifest's header carries, by the manifest or by what was shown on chain; undefined if neither has it. */
function carriedState(
  { header, application }: Manifest,
  shown: readonly ApplicationState[] = [],
): ApplicationState | undefined {
  const carried = hexlify(header.appHash);
  return [application, ...shown].find((state) => applicationHash(state) === carried);
}

/** Receipts in a record; none in an empty block, nor in what is no record. */
function receiptsOf(transaction: Uint8Array): readonly Receipt[] {
  try {
    return transaction.length === 0 ? [] : readBlockRecord(transaction).receipts;
  } catch (error) {
    if (error instanceof HistoryError) return [];
    throw error;
  }
}

/** Receipts that the records have agreed on, by the height that they are for. */
function receiptsIn(manifests: readonly Manifest[]): Map<bigint, Receipt[]> {
  const found = new Map<bigint, Receipt[]>();
  for (const { record } of manifests) {
    for (const receipt of receiptsOf(record.transaction)) {
      found.set(receipt.height, [...(found.get(receipt.height) ?? []), receipt]);
    }
  }
  return found;
}
