// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockEvidence} from "./BlockEvidence.sol";
import {IClusters} from "./IClusters.sol";
import {Application} from "./libraries/Application.sol";
import {Commits} from "./libraries/Commits.sol";
import {Accusation, ShownVote} from "./types/Accusation.sol";
import {Header} from "./types/Block.sol";
import {Generation} from "./types/Cluster.sol";

/// @title What two headers and a precommit show (docs/network.md section 5); twin of src/history/accusation.ts.
/// @notice A contract of its own because the game and the bytes of blocks do not fit into one; it keeps nothing.
contract VoteEvidence is BlockEvidence {
    IClusters public immutable clusters;

    constructor(IClusters clusters_) {
        clusters = clusters_;
    }

    /// @notice Verifies an accusation but for the call's beginning.
    /// @return shown Whose vote it is, which call it is about, and what the result must follow from.
    function verify(Accusation calldata a) external view returns (ShownVote memory shown) {
        Generation memory generation = clusters.generationOf(a.generation);
        shown.program = clusters.clusterOf(generation.cluster).program;
        _checkState(a.parent, a.before, generation);
        _checkVote(a, shown);
        _readCall(shown, a.parent, a.before, a.record, a.siblings);
        shown.voted.appHash = Application.ofHeader(a.header.appHash);
    }

    /// @dev Header h + 1 goes on from header h, and the accused has precommitted it.
    function _checkVote(Accusation calldata a, ShownVote memory shown) private view {
        Header calldata header = a.header;
        string memory chainId = clusters.chainIdOf(a.generation);
        bool isOfChain = Commits.isOfChain(header, chainId) && Commits.isOfChain(a.parent, chainId);
        if (!isOfChain) revert Commits.WrongChain(header.chainId);
        bytes32 headerHash = _checkChild(a.parent, header);
        shown.account = Commits.signerOf(chainId, header.height, headerHash, a.precommit);
        shown.height = header.height;
        shown.headerHash = headerHash;
    }
}
