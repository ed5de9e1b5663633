/**
 * A chain of blocks as a cluster's workers would make it: real keys, real votes, CometBFT's bytes, and states that are
 * only named. Every part of a block can be changed before it is voted for, so that a rule is broken over true votes.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { getBytes, id, SigningKey } from "ethers";
import {
  type ApplicationState,
  applicationHash,
  applicationStateAfter,
  type BlockId,
  blockRecordOf,
  type Commit,
  commitHash,
  contentOf,
  dataHash,
  encodeBlockRecord,
  encodeManifest,
  type Generation,
  type Header,
  headerHash,
  initialApplicationState,
  type Manifest,
  noContent,
  type Receipt,
  receiptsHashAfter,
  recordPath,
  type SignedVote,
  type Timestamp,
  validatorAddress,
  validatorsHash,
  voteDigest,
  voteTypes,
} from "../../src/history/index.ts";

const noHash = new Uint8Array();
const noBlock: BlockId = { hash: noHash, parts: { total: 0, hash: noHash } };

/** 64 bytes, r ‖ s. */
function sign(key: SigningKey, digest: Uint8Array): Uint8Array {
  const { r, s } = key.sign(digest);
  return hexToBytes(r.slice(2) + s.slice(2));
}

/** Whose chain it is, and where it begins. */
export interface ChainSettings {
  readonly chainId: string;
  readonly keys: readonly SigningKey[];
  readonly power: bigint;
  readonly initialHeight: bigint;
  readonly application: ApplicationState;
}

/** What a block holds and makes, and what a test changes of it. */
export interface BlockPlan {
  readonly transactions?: readonly Uint8Array[];
  readonly receipts?: readonly Receipt[];
  readonly isTrapped?: boolean;
  readonly voters?: readonly number[];
  /** Changes the header before it is voted for. */
  readonly header?: (header: Header) => Header;
  /** Changes the votes for the block before. */
  readonly votes?: (votes: Commit) => Commit;
  /** Changes the state after the block. */
  readonly after?: (state: ApplicationState, before: ApplicationState) => ApplicationState;
  /** Changes the finished manifest. */
  readonly manifest?: (manifest: Manifest) => Manifest;
}

const text = (value: string) => new TextEncoder().encode(value);
export const transactions = [text("put a 1"), text("put b 2"), text("get a")];

/** The state after a block, whose call is only named. */
function stateAfter(before: ApplicationState, plan: BlockPlan, height: bigint): ApplicationState {
  const { transactions: list = [], receipts = [], isTrapped = false } = plan;
  if (list.length === 0) return before;
  const outcome = {
    result: id(`state ${height}`),
    isReturned: !isTrapped,
    fuel: 1000n,
    steps: 400n,
  };
  return applicationStateAfter(before, outcome, receiptsHashAfter(before.receiptsHash, receipts));
}

/** A chain's workers: what they sign, and the blocks that they make. */
export function chainMaker(settings: ChainSettings) {
  const { chainId, keys, power, initialHeight } = settings;
  const validators = keys
    .map((key) => ({ key, publicKey: getBytes(key.compressedPublicKey), power }))
    .sort((a, b) =>
      bytesToHex(validatorAddress(a.publicKey)) < bytesToHex(validatorAddress(b.publicKey))
        ? -1
        : 1,
    );
  const everyone = validators.map((_, index) => index);
  const generation: Generation = {
    chainId,
    validators: validators.map(({ publicKey }) => ({ publicKey, power })),
    initialHeight,
    initialApplicationHash: applicationHash(settings.application),
  };

  /** A worker's vote of any kind. */
  function voteOf(worker: number, vote: Omit<SignedVote, "signature" | "chainId">): SignedVote {
    const content = { ...vote, chainId };
    return { ...content, signature: sign(validators[worker].key, voteDigest(content)) };
  }

  /** The votes of the workers named by their positions for a header. */
  function votesFor(header: Header, voters: readonly number[], round = 0): Commit {
    const hash = headerHash(header);
    const blockId = { hash, parts: { total: 1, hash: headerHash({ ...header, height: 0n }) } };
    return {
      height: header.height,
      round,
      blockId,
      signatures: validators.map(({ key, publicKey }, index) => {
        const time: Timestamp = { seconds: 1_800_000_000n + header.height, nanos: index + 1 };
        if (!voters.includes(index)) {
          return { flag: 1, validatorAddress: noHash, time, signature: noHash };
        }
        const vote = {
          type: voteTypes.precommit,
          chainId,
          height: header.height,
          round,
          blockId,
          time,
        };
        const address = validatorAddress(publicKey);
        return { flag: 2, validatorAddress: address, time, signature: sign(key, voteDigest(vote)) };
      }),
    };
  }

  /** Makes a chain of manifests, one a plan. */
  function makeChain(plans: readonly BlockPlan[]): Manifest[] {
    const chain: Manifest[] = [];
    let application = settings.application;
    plans.forEach((plan, index) => {
      const height = settings.initialHeight + BigInt(index);
      const list = plan.transactions ?? [];
      const record =
        list.length === 0
          ? noHash
          : encodeBlockRecord(blockRecordOf({ chainId, height }, list, plan.receipts ?? []));
      const all = list.length === 0 ? [] : [record, ...list];
      const previous = chain[index - 1];
      const cast = previous && votesFor(previous.header, plans[index - 1].voters ?? everyone);
      const votes = (plan.votes ?? ((same) => same))(
        cast ?? { height: 0n, round: 0, blockId: noBlock, signatures: [] },
      );
      const made: Header = {
        version: { block: 11n, app: 1n },
        chainId,
        height,
        time: { seconds: 1_800_000_000n + height, nanos: 5 },
        lastBlockId: cast?.blockId ?? noBlock,
        lastCommitHash: commitHash(votes),
        dataHash: dataHash(all),
        validatorsHash: validatorsHash(generation.validators),
        nextValidatorsHash: validatorsHash(generation.validators),
        consensusHash: getBytes(id("consensus")),
        appHash: getBytes(applicationHash(application)),
        lastResultsHash: getBytes(id("results")),
        evidenceHash: dataHash([]),
        proposerAddress: validatorAddress(generation.validators[0].publicKey),
      };
      const manifest: Manifest = {
        header: (plan.header ?? ((same) => same))(made),
        votes,
        application,
        previous: previous === undefined ? noContent : contentOf(encodeManifest(previous)),
        record: { transaction: record, siblings: all.length === 0 ? [] : recordPath(all) },
      };
      chain.push((plan.manifest ?? ((same) => same))(manifest));
      const after = stateAfter(application, plan, height);
      application = (plan.after ?? ((state) => state))(after, application);
    });
    return chain;
  }

  return { generation, voteOf, votesFor, makeChain };
}

/** Keys of the workers, the same in every run. */
export const keys = [1, 2, 3, 4].map((index) => new SigningKey(id(`worker ${index}`)));

export const genesis = id("genesis");

export const { generation, voteOf, votesFor, makeChain } = chainMaker({
  chainId: "31337-0-0",
  keys,
  power: 10n,
  initialHeight: 1n,
  application: initialApplicationState(genesis),
});
