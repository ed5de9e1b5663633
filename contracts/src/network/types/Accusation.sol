// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ApplicationState} from "./ApplicationState.sol";
import {Header} from "./Block.sol";
import {Precommit} from "./Commit.sol";

/// @notice What shows which result of a block's call a worker has voted for (docs/network.md section 5).
struct Accusation {
    uint64 generation;
    /// Header h, whose block's call is in question, and the preimage of its application hash.
    Header parent;
    ApplicationState before;
    /// First transaction of block h, with its path under the header's data hash.
    bytes record;
    bytes32[] siblings;
    /// Header h + 1, which carries the result, and the worker's precommit for it.
    Header header;
    Precommit precommit;
    /// Begin witness of the call and register proof of its first state.
    bytes beginWitness;
    bytes originProof;
}

/// @notice What a worker has voted for, and what its result must follow from; its opening must fit.
struct VotedResult {
    /// Application hash in header h + 1; 0 if it has not 32 bytes.
    bytes32 appHash;
    /// Before the call: base, fuel and steps of the application, and the machine's fuel counter.
    bytes32 base;
    uint64 fuel;
    uint64 steps;
    uint64 fuelCounter;
    /// After the block.
    bytes32 receiptsHash;
}

/// @notice What an accusation shows.
struct ShownVote {
    /// Account of the consensus key, and the header that it has precommitted.
    address account;
    uint64 height;
    bytes32 headerHash;
    /// The call: program of the cluster, and the input that block h frames.
    bytes32 program;
    bytes32 inputRoot;
    uint32 inputLength;
    /// All but the fuel counter, which the call's first state shows.
    VotedResult voted;
}
