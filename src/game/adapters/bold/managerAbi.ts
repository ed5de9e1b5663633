/**
 * What the player calls of Arbitrum BoLD's EdgeChallengeManager, re-declared.
 *
 * Invariant: signatures are those of nitro-contracts 3.2.0, which the tests play on.
 */

const globalState = "tuple(bytes32[2] bytes32Vals, uint64[2] u64Vals)";

/** An assertion's state, as it is hashed. */
export const assertionStateType = `tuple(${globalState} globalState, uint8 machineStatus, bytes32 endHistoryRoot)`;

/** An assertion with what its hash is made of. */
export const assertionType = `tuple(${assertionStateType} assertionState, bytes32 prevAssertionHash, bytes32 inboxAcc)`;

const configType =
  "tuple(bytes32 wasmModuleRoot, uint256 requiredStake, address challengeManager, uint64 confirmPeriodBlocks, uint64 nextInboxPosition)";

const createType =
  "tuple(uint8 level, bytes32 endHistoryRoot, uint256 endHeight, bytes32 claimId, bytes prefixProof, bytes proof)";

const edgeType =
  "tuple(bytes32 originId, bytes32 startHistoryRoot, uint256 startHeight, bytes32 endHistoryRoot, uint256 endHeight, bytes32 lowerChildId, bytes32 upperChildId, bytes32 claimId, address staker, uint64 createdAtBlock, uint64 confirmedAtBlock, uint8 status, uint8 level, bool refunded, uint64 totalTimeUnrivaledCache)";

/** Functions of an EdgeChallengeManager. */
export const managerAbi: readonly string[] = [
  `function createLayerZeroEdge(${createType} args) returns (bytes32)`,
  "function bisectEdge(bytes32 edgeId, bytes32 bisectionHistoryRoot, bytes prefixProof) returns (bytes32, bytes32)",
  `function confirmEdgeByOneStepProof(bytes32 edgeId, tuple(bytes32 beforeHash, bytes proof) oneStepData, ${configType} prevConfig, bytes32[] beforeHistoryInclusionProof, bytes32[] afterHistoryInclusionProof)`,
  `function confirmEdgeByTime(bytes32 edgeId, ${assertionType} claimStateData)`,
  "function refundStake(bytes32 edgeId)",
  "function multiUpdateTimeCacheByChildren(bytes32[] edgeIds, uint256 maximumCachedTime)",
  "function updateTimerCacheByClaim(bytes32 edgeId, bytes32 claimingEdgeId, uint256 maximumCachedTime)",
  "function calculateEdgeId(uint8 level, bytes32 originId, uint256 startHeight, bytes32 startHistoryRoot, uint256 endHeight, bytes32 endHistoryRoot) pure returns (bytes32)",
  "function calculateMutualId(uint8 level, bytes32 originId, uint256 startHeight, bytes32 startHistoryRoot, uint256 endHeight) pure returns (bytes32)",
  "function oneStepProofEntry() view returns (address)",
  "function edgeExists(bytes32 edgeId) view returns (bool)",
  "function hasRival(bytes32 edgeId) view returns (bool)",
  `function getEdge(bytes32 edgeId) view returns (${edgeType})`,
  "function getLayerZeroEndHeight(uint8 edgeType) view returns (uint256)",
];
