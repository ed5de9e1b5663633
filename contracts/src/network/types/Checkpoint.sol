// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A header that a generation has committed, shown on chain.
struct Checkpoint {
    uint64 generation;
    uint64 height;
    /// EVM block in which it was shown, and the header's own time in seconds, which the cluster's workers have chosen.
    uint64 shownBlock;
    int64 time;
    bytes32 headerHash;
    /// Of the state before the header's block.
    bytes32 appHash;
}
