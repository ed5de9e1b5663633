// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim, Dispute} from "../game/types/Dispute.sol";
import {Transition} from "../game/types/Transition.sol";
import {CallDisputes} from "./CallDisputes.sol";
import {IBlockArbiter} from "./IBlockArbiter.sol";
import {IClusters} from "./IClusters.sol";
import {VoteEvidence} from "./VoteEvidence.sol";
import {Accusation, ShownVote} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";

/// @title How a vote becomes a dispute (docs/network.md section 5).
abstract contract BlockOpenings is CallDisputes, IBlockArbiter {
    /// @inheritdoc IBlockArbiter
    IClusters public immutable clusters;
    /// @inheritdoc IBlockArbiter
    VoteEvidence public immutable evidence;

    constructor(VoteEvidence evidence_) {
        evidence = evidence_;
        clusters = evidence_.clusters();
    }

    /// @inheritdoc IBlockArbiter
    function openFromHeaders(
        Accusation calldata accusation,
        Claim calldata claim,
        bytes calldata claimProof
    ) external returns (uint256) {
        (Dispute memory dispute, Transition memory call, ShownVote memory shown) = _begin(
            accusation
        );
        bytes32 own = _challengeResult(dispute, call, claim, claimProof);
        return _accuse(accusation.generation, dispute, call, shown.voted, own);
    }

    /// @inheritdoc IBlockArbiter
    function openFuelFromHeaders(
        Accusation calldata accusation,
        ApplicationState calldata result,
        uint64 fuelStep
    ) external returns (uint256) {
        (Dispute memory dispute, Transition memory call, ShownVote memory shown) = _begin(
            accusation
        );
        bytes32 own = _challengeFuel(dispute, call, shown.voted, result, fuelStep);
        return _accuse(accusation.generation, dispute, call, shown.voted, own);
    }

    /// @inheritdoc IBlockArbiter
    function statementOf(
        uint64 generation,
        bytes32 headerHash,
        address account
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(generation, headerHash, account));
    }

    /// @dev Takes the evidence and begins the call on chain.
    function _begin(
        Accusation calldata a
    ) private returns (Dispute memory dispute, Transition memory call, ShownVote memory shown) {
        shown = evidence.verify(a);
        (bytes32 key, address owner) = _bind(a.generation, shown);
        (dispute, call) = _beginCall(shown, owner, key, a.beginWitness, a.originProof);
    }

    /// @dev Binds the accused's statement for one more dispute.
    function _bind(
        uint64 generation,
        ShownVote memory shown
    ) private returns (bytes32 key, address owner) {
        owner = clusters.requireAccusable(shown.account, generation, shown.height);
        if (owner == msg.sender) revert SameParty();
        key = statementOf(generation, shown.headerHash, shown.account);
        Backing storage backing = backings[key];
        if (backing.status == BackingStatus.Lost) revert AlreadyRefuted(owner, key);
        if (backing.status == BackingStatus.None) {
            backing.status = BackingStatus.Staked;
            statements[key] = Statement(shown.account, shown.height, shown.headerHash);
            clusters.bind(shown.account);
        }
        backing.disputes += 1;
    }
}
