/**
 * A cluster's history: blocks and votes of CometBFT rebuilt from their bytes, verified without trusting who sent them
 * (paper §5.1, §5.4). Runs in browsers as well as in Node.
 */
export {
  appHashLeaf,
  type BlockId,
  dataHash,
  type Header,
  headerHash,
  headerLeaves,
  type PartSetHeader,
  type Timestamp,
  transactionHash,
} from "./block.ts";
export {
  type Commit,
  type CommitSignature,
  type VerifiedCommit,
  type VerifiedVote,
  verifyCommit,
} from "./commit.ts";
export { frameTransactions, readFraming } from "./framing.ts";
export { HistoryError, type HistoryErrorCode, historyErrorCodes } from "./historyError.ts";
export { type Block, readBlock, readSignedHeader, readValidators } from "./rpc.ts";
export { type Aunt, leafHash, rootOfPath, treePath, treeRoot } from "./sha256Tree.ts";
export {
  isQuorum,
  totalPower,
  type Validator,
  validatorAddress,
  validatorsHash,
} from "./validatorSet.ts";
export {
  accountOf,
  type RecoverableSignature,
  type VoteContent,
  voteBytes,
  voteDigest,
  voteTypes,
} from "./vote.ts";
