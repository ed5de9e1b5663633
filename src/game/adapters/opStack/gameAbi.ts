/**
 * What the player calls of the OP Stack's FaultDisputeGame, re-declared.
 *
 * Invariant: signatures are those of contracts-bedrock 0.17.3 (FaultDisputeGame 1.2.0), which the tests play on.
 */

/** Functions and errors of a FaultDisputeGame. */
export const gameAbi: readonly string[] = [
  "function claimDataLen() view returns (uint256)",
  "function claimData(uint256) view returns (uint32 parentIndex, address counteredBy, address claimant, uint128 bond, bytes32 claim, uint128 position, uint128 clock)",
  "function splitDepth() view returns (uint256)",
  "function maxGameDepth() view returns (uint256)",
  "function startingBlockNumber() view returns (uint256)",
  "function startingRootHash() view returns (bytes32)",
  "function l2BlockNumber() view returns (uint256)",
  "function createdAt() view returns (uint64)",
  "function status() view returns (uint8)",
  "function vm() view returns (address)",
  "function getRequiredBond(uint128) view returns (uint256)",
  "function resolvedSubgames(uint256) view returns (bool)",
  "function credit(address) view returns (uint256)",
  "function move(bytes32 disputed, uint256 challengeIndex, bytes32 claim, bool isAttack) payable",
  "function step(uint256 claimIndex, bool isAttack, bytes stateData, bytes proof)",
  "function resolveClaim(uint256 claimIndex, uint256 numToResolve)",
  "function resolve() returns (uint8)",
  "function claimCredit(address recipient)",
  "error ClockTimeExceeded()",
  "error ClockNotExpired()",
  "error ClaimAlreadyExists()",
  "error GameNotInProgress()",
  "error InvalidPrestate()",
  "error ValidStep()",
  "error DuplicateStep()",
  "error UnexpectedRootClaim(bytes32 rootClaim)",
  "error IncorrectBondAmount()",
  "error InvalidDisputedClaimIndex()",
];
