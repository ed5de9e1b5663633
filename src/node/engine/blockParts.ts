/**
 * A block as CometBFT gossips it (0.38, types/part_set.go): its protobuf bytes in parts of 64 KiB, and the root over
 * them, which every vote names beside the header's hash.
 *
 * Invariant: the part set header of a recorded block is the one that its workers voted for (test/node/engine).
 */

import { Block as BlockMessage } from "cosmjs-types/tendermint/types/block";
import type { BlockIDFlag } from "cosmjs-types/tendermint/types/validator";
import type {
  Block,
  BlockId,
  Commit,
  CommitSignature,
  Header,
  PartSetHeader,
} from "../../history/index.ts";
import { treeRoot } from "../../history/index.ts";

const partBytes = 2 ** 16;

/** The part set header of a block without evidence. */
export function partSetHeader(block: Block): PartSetHeader {
  const bytes = BlockMessage.encode(blockMessage(block)).finish();
  const total = Math.ceil(bytes.length / partBytes);
  const parts = Array.from({ length: total }, (_, index) =>
    bytes.subarray(index * partBytes, (index + 1) * partBytes),
  );
  return { total, hash: treeRoot(parts) };
}

function blockMessage({ header, transactions, lastCommit }: Block): BlockMessage {
  return BlockMessage.fromPartial({
    header: headerMessage(header),
    data: { txs: [...transactions] },
    evidence: { evidence: [] },
    lastCommit: commitMessage(lastCommit),
  });
}

function blockIdMessage({ hash, parts }: BlockId) {
  return { hash, partSetHeader: { total: parts.total, hash: parts.hash } };
}

function headerMessage(header: Header) {
  return { ...header, lastBlockId: blockIdMessage(header.lastBlockId) };
}

function commitMessage({ height, round, blockId, signatures }: Commit) {
  return {
    height,
    round,
    blockId: blockIdMessage(blockId),
    signatures: signatures.map(signatureMessage),
  };
}

function signatureMessage({ flag, validatorAddress, time, signature }: CommitSignature) {
  return { blockIdFlag: flag as BlockIDFlag, validatorAddress, timestamp: time, signature };
}
