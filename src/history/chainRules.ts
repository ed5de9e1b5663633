/**
 * What must hold of a chain of manifests (paper 5.9–5.14), each rule by its name. A metadata node takes a manifest
 * only if no rule is broken; what is broken tells whom to accuse.
 *
 * Invariant: every rule is about bytes that the workers' votes cover, directly or through a hash that they cover: a
 * manifest that breaks one over a true header accuses whoever wrote the manifest, not the cluster.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Hash } from "../game/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { type ApplicationState, applicationHash } from "./applicationHash.ts";
import { type Header, headerHash } from "./block.ts";
import { type BlockRecord, verifyBlockRecord } from "./blockRecord.ts";
import { commitHash, type VerifiedVote, verifyVotes } from "./commit.ts";
import { HistoryError } from "./historyError.ts";
import { contentOf, encodeManifest, type Manifest, noContent } from "./manifest.ts";
import { receiptsHashAfter } from "./receipt.ts";
import { treeRoot } from "./sha256Tree.ts";
import { isQuorum, totalPower, type Validator, validatorsHash } from "./validatorSet.ts";

/** Rules, in the order in which they are checked, with their equations. */
export const chainRules = {
  "chain-id": "the header is of this generation's chain",
  validators:
    "the header names the generation's workers, now and next; that of an empty block may name the successors next",
  "application-hash": "5.9, 5.12: the application hash is that of the manifest's application state",
  "block-record":
    "5.7: an empty block has no record; any other has one, leftmost under its data hash",
  height: "5.10: one more than the manifest before",
  "previous-manifest": "5.10, 5.11: R_PREV is the content of the manifest before",
  "previous-header": "5.10, 5.13: H_PREV is the hash of the header before",
  "votes-hash": "5.9: H_VOTES is the hash of the votes",
  votes: "5.9, 5.14: every vote is one worker's, over the header before",
  quorum: "5.9: the votes have more than two thirds of the power",
  "application-state":
    "5.1, 5.2: an empty block changes nothing; counters never fall; the base is the result or the base before; receipts add to their hash",
} as const;

/** Name of a rule. */
export type ChainRule = keyof typeof chainRules;

/** What a generation of a cluster is, as its contract says. */
export interface Generation {
  readonly chainId: string;
  readonly validators: readonly Validator[];
  readonly initialHeight: bigint;
  /** Application hash that the header at the initial height carries. */
  readonly initialApplicationHash: Hash;
  /** The next generation, once it is sealed: an empty block that names it is the chain's last one. */
  readonly successors?: readonly Validator[];
}

const hashOf = (text: Hash): Uint8Array => hexToBytes(text.slice(2));
const noTransactions = treeRoot([]);

/** Whether a block has no transactions. */
function isEmptyBlock(header: Header): boolean {
  return sameBytes(header.dataHash, noTransactions);
}

/** The block's record; `undefined` for an empty block. Throws a HistoryError if the manifest does not prove it. */
export function recordOf({ header, record }: Manifest): BlockRecord | undefined {
  const { transaction, siblings } = record;
  if (isEmptyBlock(header) && transaction.length === 0 && siblings.length === 0) return undefined;
  return verifyBlockRecord(header.dataHash, transaction, siblings);
}

/** Whether the header names who may come next: the same workers, or behind an empty block their successors. */
function isNextNamed(header: Header, { validators, successors }: Generation): boolean {
  const { nextValidatorsHash: next } = header;
  if (sameBytes(next, validatorsHash(validators))) return true;
  const isHandover = successors !== undefined && isEmptyBlock(header);
  return isHandover && sameBytes(next, validatorsHash(successors));
}

/** The first rule that a manifest breaks by itself, but for those passed over, or nothing. */
function brokenAlone(
  manifest: Manifest,
  generation: Generation,
  passed: ReadonlySet<ChainRule>,
): ChainRule | undefined {
  const { header, application } = manifest;
  if (header.chainId !== generation.chainId) return "chain-id";
  const workers = validatorsHash(generation.validators);
  if (!sameBytes(header.validatorsHash, workers)) return "validators";
  if (!isNextNamed(header, generation)) return "validators";
  if (!sameBytes(header.appHash, hashOf(applicationHash(application)))) return "application-hash";
  try {
    recordOf(manifest);
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    // What is proven and no record, the votes cover; anybody can show what is not proven.
    const isVotedFor = error.code === "malformed-block-record";
    if (!isVotedFor || !passed.has("block-record")) return "block-record";
  }
  return undefined;
}

/** The votes of a manifest, or the rule that they break. */
function votesFor(
  { header, votes }: Manifest,
  previous: Header,
  { chainId, validators }: Generation,
): readonly VerifiedVote[] | ChainRule {
  if (!sameBytes(header.lastCommitHash, commitHash(votes))) return "votes-hash";
  const isForPrevious =
    votes.height === previous.height && sameBytes(votes.blockId.hash, header.lastBlockId.hash);
  if (!isForPrevious) return "votes";
  try {
    return verifyVotes(chainId, votes, validators);
  } catch (error) {
    if (error instanceof HistoryError) return "votes";
    throw error;
  }
}

/** Whether the state after a block can follow from the state before it: the call itself is not executed here. */
function canFollow(
  before: ApplicationState,
  after: ApplicationState,
  record: BlockRecord | undefined,
): boolean {
  if (record === undefined) return applicationHash(before) === applicationHash(after);
  return (
    after.fuel >= before.fuel &&
    after.steps > before.steps &&
    (after.base === after.result || after.base === before.base) &&
    after.receiptsHash === receiptsHashAfter(before.receiptsHash, record.receipts)
  );
}

/** The first rule that a manifest breaks behind the one before it, but for those passed over, or nothing. */
function brokenBehind(
  manifest: Manifest,
  previous: Manifest,
  generation: Generation,
  passed: ReadonlySet<ChainRule>,
): ChainRule | undefined {
  const { header } = manifest;
  if (header.height !== previous.header.height + 1n) return "height";
  const content = contentOf(encodeManifest(previous));
  const { root, length } = manifest.previous;
  if (root !== content.root || length !== content.length) return "previous-manifest";
  if (!sameBytes(header.lastBlockId.hash, headerHash(previous.header))) return "previous-header";
  const votes = votesFor(manifest, previous.header, generation);
  if (typeof votes === "string") return votes;
  const power = votes.reduce((sum, { validator }) => sum + validator.power, 0n);
  if (!isQuorum(power, totalPower(generation.validators))) return "quorum";
  if (passed.has("application-state")) return undefined;
  const isPossible = canFollow(previous.application, manifest.application, recordOf(previous));
  return isPossible ? undefined : "application-state";
}

/** The first rule that the manifest at a chain's first height breaks, or nothing. */
function brokenAtStart(manifest: Manifest, generation: Generation): ChainRule | undefined {
  const { header, votes, previous } = manifest;
  if (header.height !== generation.initialHeight) return "height";
  if (previous.root !== noContent.root || previous.length !== 0) return "previous-manifest";
  if (header.lastBlockId.hash.length !== 0) return "previous-header";
  if (votes.signatures.length !== 0) return "votes";
  if (!sameBytes(header.lastCommitHash, commitHash(votes))) return "votes-hash";
  const initial = hashOf(generation.initialApplicationHash);
  return sameBytes(header.appHash, initial) ? undefined : "application-state";
}

/** Rules that only the workers can have broken, by votes that cover it: what they are convicted by must be shown. */
export const workersRules: ReadonlySet<ChainRule> = new Set(["block-record", "application-state"]);

/**
 * The first rule that a manifest breaks, by itself or behind `previous` (leave it out at the chain's first height);
 * `undefined` if none is broken.
 *
 * @param passed Rules that are passed over: `workersRules`, or none.
 */
export function brokenRule(
  manifest: Manifest,
  previous: Manifest | undefined,
  generation: Generation,
  passed: ReadonlySet<ChainRule> = new Set(),
): ChainRule | undefined {
  const alone = brokenAlone(manifest, generation, passed);
  if (alone !== undefined) return alone;
  return previous === undefined
    ? brokenAtStart(manifest, generation)
    : brokenBehind(manifest, previous, generation, passed);
}

/** Where a chain of manifests first breaks a rule. */
export interface Breach {
  /** Position in the list. */
  readonly index: number;
  readonly height: bigint;
  /** Hash of the header, as hex. */
  readonly headerHash: Hash;
  readonly rule: ChainRule;
}

/**
 * The first breach in consecutive manifests, `previous` being the one before the first (left out at the chain's
 * beginning). The last two manifests are sequenced but not yet accepted: votes over their content follow (5.11–5.14).
 */
export function firstBreach(
  manifests: readonly Manifest[],
  previous: Manifest | undefined,
  generation: Generation,
): Breach | undefined {
  let before = previous;
  for (const [index, manifest] of manifests.entries()) {
    const rule = brokenRule(manifest, before, generation);
    if (rule !== undefined) {
      const hash: Hash = `0x${bytesToHex(headerHash(manifest.header))}`;
      return { index, height: manifest.header.height, headerHash: hash, rule };
    }
    before = manifest;
  }
  return undefined;
}
