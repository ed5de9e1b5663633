// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Deposits} from "../game/Deposits.sol";
import {Disputes} from "../game/Disputes.sol";
import {Claim, Dispute, Phase, Standing} from "../game/types/Dispute.sol";
import {IStepJudge, Registers} from "../judge/IStepJudge.sol";
import {BlockOpenings} from "./BlockOpenings.sol";
import {IBlockArbiter} from "./IBlockArbiter.sol";
import {VoteEvidence} from "./VoteEvidence.sol";
import {Application} from "./libraries/Application.sol";
import {VotedResult} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";

/// @title Disputes about the results that workers have voted for (docs/network.md section 5).
/// @notice Invariant: a worker's statement is bound in Clusters exactly while it is in dispute here; it is refuted once,
/// by the name of generation, header and worker.
contract BlockArbiter is BlockOpenings {
    /// @dev Status of a machine whose call has returned: only then does the next call begin from its state.
    uint8 private constant RETURNED = 1;

    constructor(
        IStepJudge judge_,
        Parameters memory p,
        VoteEvidence evidence_
    ) Disputes(judge_, p) BlockOpenings(evidence_) {
        if (p.windowBlocks != 0) revert InvalidParameter();
    }

    /// @inheritdoc IBlockArbiter
    function proveResult(
        Dispute calldata dispute,
        VotedResult calldata voted,
        ApplicationState calldata result,
        bytes calldata registerProof
    ) external {
        Dispute memory current = _timely(dispute, Phase.Claims);
        uint256 side = _mover(current);
        bool isVoted =
            current.pending == keccak256(abi.encode(voted)) &&
                Application.hash(result) == voted.appHash;
        Registers memory end = judge.registers(result.result, registerProof);
        if (!isVoted || end.stepCounter <= current.startStep) revert ResultNotOpened();
        // What does not follow is lost by the clock: an honest worker's does.
        bool follows =
            result.steps == voted.steps + (end.stepCounter - current.startStep) &&
                result.fuel == voted.fuel + (end.fuelCounter - voted.fuelCounter) &&
                result.base == (end.status == RETURNED ? result.result : voted.base) &&
                result.receiptsHash == voted.receiptsHash;
        if (!follows) revert ResultNotOpened();
        current.pending = 0;
        current.claims[ACCUSED] = Claim(
            result.result,
            end.stepCounter,
            end.fuelCounter,
            end.status == 0 ? Standing.Running : Standing.Halted
        );
        if (current.fuelStep == 0 && current.claims[CHALLENGER].state == result.result) {
            _settle(current, _mask(CHALLENGER), Reason.SameResult);
            return;
        }
        _compareClaims(current);
        _finish(current, side, Move.Proof, new bytes32[](0));
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

    /// @dev Never reached: nothing is posted here.
    function _refute(bytes32) internal pure override {
        revert OutOfOrder();
    }
}
