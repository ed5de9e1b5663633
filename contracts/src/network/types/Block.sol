// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Blocks and votes of CometBFT 0.38 as calldata (paper 5.3). Twin of src/history/block.ts.

/// @notice UTC: seconds since 1970 (negative before) and nanoseconds below 10^9.
struct Time {
    int64 secs;
    uint32 nanos;
}

/// @notice What a vote is for. All zero: nil, and the parent of the first block.
struct BlockId {
    bytes32 hash;
    uint32 total;
    bytes32 partsHash;
}

/// @notice A header. Hashes are 32 bytes in every block that CometBFT makes; the application's has any length.
struct Header {
    uint64 versionBlock;
    uint64 versionApp;
    string chainId;
    uint64 height;
    Time time;
    BlockId lastBlockId;
    bytes32 lastCommitHash;
    bytes32 dataHash;
    bytes32 validatorsHash;
    bytes32 nextValidatorsHash;
    bytes32 consensusHash;
    bytes appHash;
    bytes32 lastResultsHash;
    bytes32 evidenceHash;
    bytes20 proposerAddress;
}

/// @notice One worker's precommit; the time is its own, `v` is found off chain.
struct Vote {
    Time time;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
