// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClusters} from "./IClusters.sol";
import {Application} from "./libraries/Application.sol";
import {BlockRecords} from "./libraries/BlockRecords.sol";
import {Commits} from "./libraries/Commits.sol";
import {Headers} from "./libraries/Headers.sol";
import {Accusation, ShownVote} from "./types/Accusation.sol";
import {Header} from "./types/Block.sol";
import {BlockRecord} from "./types/BlockRecord.sol";
import {Generation} from "./types/Cluster.sol";

/// @title What two headers and a precommit show (docs/network.md section 5); twin of src/history/accusation.ts.
/// @notice A contract of its own because the game and the bytes of blocks do not fit into one; it keeps nothing.
contract VoteEvidence {
    error NotChild(bytes32 headerHash);
    error WrongApplication(bytes32 expected, bytes32 actual);
    error BelowGeneration(uint64 initialHeight);

    IClusters public immutable clusters;

    constructor(IClusters clusters_) {
        clusters = clusters_;
    }

    /// @notice Verifies an accusation but for the call's beginning.
    /// @return shown Whose vote it is, which call it is about, and what the result must follow from.
    function verify(Accusation calldata a) external view returns (ShownVote memory shown) {
        Generation memory generation = clusters.generationOf(a.generation);
        shown.program = clusters.clusterOf(generation.cluster).program;
        _checkState(a, generation);
        _checkVote(a, shown);
        BlockRecords.requireFirst(a.parent.dataHash, a.record, a.siblings);
        BlockRecord memory record = BlockRecords.read(a.record);
        shown.inputRoot = record.inputRoot;
        shown.inputLength = record.inputLength;
        shown.voted.appHash = Application.ofHeader(a.header.appHash);
        shown.voted.base = a.before.base;
        shown.voted.fuel = a.before.fuel;
        shown.voted.steps = a.before.steps;
        shown.voted.receiptsHash = BlockRecords.receiptsHashAfter(
            a.before.receiptsHash,
            record.receipts
        );
    }

    /// @dev Header h + 1 goes on from header h, and the accused has precommitted it.
    function _checkVote(Accusation calldata a, ShownVote memory shown) private view {
        Header calldata header = a.header;
        string memory chainId = clusters.chainIdOf(a.generation);
        bool isOfChain = Commits.isOfChain(header, chainId) && Commits.isOfChain(a.parent, chainId);
        if (!isOfChain) revert Commits.WrongChain(header.chainId);
        bytes32 headerHash = Headers.hash(header);
        bool isChild =
            header.lastBlockId.hash == Headers.hash(a.parent) &&
                a.parent.height != type(uint64).max &&
                header.height == a.parent.height + 1;
        if (!isChild) revert NotChild(headerHash);
        shown.account = Commits.signerOf(chainId, header.height, headerHash, a.precommit);
        shown.height = header.height;
        shown.headerHash = headerHash;
    }

    /// @dev Header h carries the state from which its block's call began.
    function _checkState(Accusation calldata a, Generation memory generation) private pure {
        bytes32 carried = Application.ofHeader(a.parent.appHash);
        bytes32 actual = Application.hash(a.before);
        if (actual != carried) revert WrongApplication(carried, actual);
        uint64 initial = generation.initialHeight;
        if (a.parent.height < initial) revert BelowGeneration(initial);
        if (a.parent.height == initial && carried != generation.initialAppHash) {
            revert WrongApplication(generation.initialAppHash, carried);
        }
    }
}
