// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Deposits} from "../game/Deposits.sol";
import {Disputes} from "../game/Disputes.sol";
import {Claim, Dispute} from "../game/types/Dispute.sol";
import {Transition} from "../game/types/Transition.sol";
import {IStepJudge} from "../judge/IStepJudge.sol";
import {CallDisputes} from "./CallDisputes.sol";
import {FragmentEvidence} from "./FragmentEvidence.sol";
import {IValidation} from "./IValidation.sol";
import {IValidationArbiter} from "./IValidationArbiter.sol";
import {ShownVote} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {FragmentBlock} from "./types/FragmentEvidence.sol";
import {Confirmation, Fragment} from "./types/Validation.sol";

/// @title Disputes about what validators have confirmed (docs/validation.md section 6, paper 6.2 and 6.3).
/// @notice A confirmation is one statement with one deposit, whatever is wrong with it: a block of the fragment, the fuel of
/// one, or a sample of the proof. Invariant: a confirmation is bound in Validation exactly while it is in dispute here; it
/// is refuted once.
contract ValidationArbiter is CallDisputes, IValidationArbiter {
    /// @inheritdoc IValidationArbiter
    IValidation public immutable validation;
    /// @inheritdoc IValidationArbiter
    FragmentEvidence public immutable evidence;
    /// @dev Confirmation behind a statement.
    mapping(bytes32 key => uint256) private confirmations;

    constructor(
        IStepJudge judge_,
        Parameters memory p,
        IValidation validation_,
        FragmentEvidence evidence_
    ) Disputes(judge_, p) {
        if (p.windowBlocks != 0) revert InvalidParameter();
        validation = validation_;
        evidence = evidence_;
    }

    /// @inheritdoc IValidationArbiter
    function openFromConfirmation(
        uint256 confirmation,
        FragmentBlock calldata b,
        Claim calldata claim,
        bytes calldata claimProof
    ) external returns (uint256) {
        (
            Dispute memory dispute,
            Transition memory call,
            ShownVote memory shown,
            uint64 generation
        ) = _begin(confirmation, b);
        bytes32 own = _challengeResult(dispute, call, claim, claimProof);
        return _accuse(generation, dispute, call, shown.voted, own);
    }

    /// @inheritdoc IValidationArbiter
    function openFuelFromConfirmation(
        uint256 confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        uint64 fuelStep
    ) external returns (uint256) {
        (
            Dispute memory dispute,
            Transition memory call,
            ShownVote memory shown,
            uint64 generation
        ) = _begin(confirmation, b);
        bytes32 own = _challengeFuel(dispute, call, shown.voted, result, fuelStep);
        return _accuse(generation, dispute, call, shown.voted, own);
    }

    /// @inheritdoc IValidationArbiter
    function openPrefix(
        uint256 confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        bytes32[] calldata samples,
        uint256 index,
        bytes32 state
    ) external returns (uint256) {
        (Confirmation memory about, Fragment memory fragment) = _accusable(confirmation);
        (ShownVote memory shown, uint64 step) = evidence.verifySample(
            fragment,
            about,
            b,
            result,
            samples,
            index
        );
        if (samples[index] == state) revert SameResult();
        bytes32 key = _bind(confirmation, about.validator, shown);
        (Dispute memory dispute, Transition memory call) = _beginCall(
            shown,
            about.validator,
            key,
            b.beginWitness,
            b.originProof
        );
        dispute.endStep = dispute.startStep + step;
        dispute.endStates = [samples[index], state];
        _searchOn(dispute);
        bytes32 own = keccak256(abi.encode(msg.sender, confirmation, index, state, "sample"));
        return _accuse(fragment.generation, dispute, call, shown.voted, own);
    }

    /// @inheritdoc IValidationArbiter
    function refuteSample(
        uint256 confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        bytes32[] calldata samples,
        uint256 index
    ) external {
        (Confirmation memory about, Fragment memory fragment) = _accusable(confirmation);
        evidence.verifyEnd(fragment, about, b, result, samples, index);
        _refute(confirmation, msg.sender);
    }

    /// @inheritdoc IValidationArbiter
    function refuteHeader(uint256 confirmation, bytes calldata shown) external {
        (, Fragment memory fragment) = _accusable(confirmation);
        evidence.verifyHeader(fragment, shown);
        _refute(confirmation, msg.sender);
    }

    /// @inheritdoc IValidationArbiter
    function refuteTransactions(uint256 confirmation, uint64 height) external {
        (, Fragment memory fragment) = _accusable(confirmation);
        _refute(confirmation, evidence.verifyMismatch(fragment, height));
    }

    /// @inheritdoc IValidationArbiter
    function statementOf(uint256 confirmation) public pure returns (bytes32) {
        return keccak256(abi.encode(confirmation, "confirmation"));
    }

    /// @dev A confirmation that can be refuted, and what it is of.
    function _accusable(
        uint256 confirmation
    ) private view returns (Confirmation memory about, Fragment memory fragment) {
        about = validation.requireAccusable(confirmation);
        fragment = validation.fragmentOf(about.fragment);
    }

    /// @dev Decides a confirmation by evidence; its disputes are decided thereby.
    function _refute(uint256 confirmation, address winner) private {
        Backing storage backing = backings[statementOf(confirmation)];
        if (backing.status == BackingStatus.None) validation.bind(confirmation);
        backing.status = BackingStatus.Lost;
        validation.convict(confirmation, winner);
    }

    function _begin(
        uint256 confirmation,
        FragmentBlock calldata b
    )
        private
        returns (
            Dispute memory dispute,
            Transition memory call,
            ShownVote memory shown,
            uint64 generation
        )
    {
        (Confirmation memory about, Fragment memory fragment) = _accusable(confirmation);
        generation = fragment.generation;
        shown = evidence.verify(fragment, b);
        bytes32 key = _bind(confirmation, about.validator, shown);
        (dispute, call) = _beginCall(shown, about.validator, key, b.beginWitness, b.originProof);
    }

    /// @dev Binds the accused's confirmation for one more dispute.
    function _bind(
        uint256 confirmation,
        address validator,
        ShownVote memory shown
    ) private returns (bytes32 key) {
        if (validator == msg.sender) revert SameParty();
        key = statementOf(confirmation);
        Backing storage backing = backings[key];
        if (backing.status == BackingStatus.None) {
            backing.status = BackingStatus.Staked;
            confirmations[key] = confirmation;
            validation.bind(confirmation);
        }
        statements[key] = Statement(validator, shown.height, shown.headerHash);
        backing.disputes += 1;
    }

    /// @inheritdoc Deposits
    function _forfeit(
        address party,
        bytes32 key,
        address winner
    ) internal override returns (uint128 reward) {
        uint256 confirmation = confirmations[key];
        if (confirmation == 0) return super._forfeit(party, key, winner);
        return validation.convict(confirmation, winner);
    }

    /// @inheritdoc Deposits
    function _giveBack(address party, bytes32 key, Backing storage backing) internal override {
        uint256 confirmation = confirmations[key];
        if (confirmation == 0) {
            super._giveBack(party, key, backing);
            return;
        }
        backing.status = BackingStatus.None;
        validation.release(confirmation);
    }
}
