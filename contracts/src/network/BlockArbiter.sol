// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Deposits} from "../game/Deposits.sol";
import {Disputes} from "../game/Disputes.sol";
import {IStepJudge} from "../judge/IStepJudge.sol";
import {BlockOpenings} from "./BlockOpenings.sol";
import {VoteEvidence} from "./VoteEvidence.sol";

/// @title Disputes about the results that workers have voted for (docs/network.md section 5).
/// @notice Invariant: a worker's statement is bound in Clusters exactly while it is in dispute here; it is refuted once,
/// by the name of generation, header and worker.
contract BlockArbiter is BlockOpenings {
    constructor(
        IStepJudge judge_,
        Parameters memory p,
        VoteEvidence evidence_
    ) Disputes(judge_, p) BlockOpenings(evidence_) {
        if (p.windowBlocks != 0) revert InvalidParameter();
    }

    /// @inheritdoc Deposits
    function _forfeit(
        address party,
        bytes32 key,
        address winner
    ) internal override returns (uint128 reward) {
        Statement memory statement = statements[key];
        if (statement.account == address(0)) return super._forfeit(party, key, winner);
        return clusters.convict(statement.account, winner, statement.headerHash, statement.height);
    }

    /// @inheritdoc Deposits
    function _giveBack(address party, bytes32 key, Backing storage backing) internal override {
        address account = statements[key].account;
        if (account == address(0)) {
            super._giveBack(party, key, backing);
            return;
        }
        backing.status = BackingStatus.None;
        clusters.release(account);
    }
}
