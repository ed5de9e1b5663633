// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Registers} from "../IStepJudge.sol";
import {Disputes} from "./Disputes.sol";
import {IArbiter} from "./IArbiter.sol";
import {Evidence} from "./libraries/Evidence.sol";
import {Claim, Dispute, Phase, Standing} from "./types/Dispute.sol";
import {Opening, Transition} from "./types/Transition.sol";

/// @title The doors to a dispute: registration, evidence, the three ways to open (docs/game.md sections 1, 2, 4).
/// @notice Invariant: the first state of a dispute is what the judge makes of the signed previous state and input.
abstract contract Openings is Disputes {
    /// @inheritdoc IArbiter
    mapping(bytes32 genesis => bytes32 program) public programOf;
    /// @inheritdoc IArbiter
    mapping(bytes32 program => bool known) public isRegistered;

    /// @inheritdoc IArbiter
    function register(bytes calldata witness) external {
        (bytes32 genesis, bytes32 program) = judge.genesis(witness);
        programOf[genesis] = program;
        isRegistered[program] = true;
        emit Registered(program, genesis);
    }

    /// @inheritdoc IArbiter
    function evidenceOf(Transition calldata transition) external view returns (bytes32) {
        return Evidence.digest(transition);
    }

    /// @inheritdoc IArbiter
    function open(
        Opening calldata opening,
        Claim calldata claim,
        bytes calldata claimProof
    ) external returns (uint256) {
        Transition calldata accused = opening.transition;
        if (
            claim.state == accused.nextState &&
            claim.steps == accused.steps &&
            claim.fuel == accused.fuel
        ) revert SameResult();
        Dispute memory dispute = _begin(opening, msg.sender);
        dispute.claims[CHALLENGER] = Claim(claim.state, claim.steps, claim.fuel, Standing.Unproven);
        _prove(dispute, CHALLENGER, claimProof);
        return _launch(dispute, accused);
    }

    /// @inheritdoc IArbiter
    function openBetween(
        Opening calldata opening,
        Transition calldata other,
        bytes calldata otherSignature
    ) external returns (uint256) {
        if (!Evidence.sameCall(opening.transition, other)) revert DifferentCalls();
        if (Evidence.sameResult(opening.transition, other)) revert SameResult();
        (address challenger, bytes32 evidence) = _signed(other, otherSignature);
        Dispute memory dispute = _begin(opening, challenger);
        dispute.claims[CHALLENGER] = _claimOf(other);
        dispute.evidence[CHALLENGER] = evidence;
        return _launch(dispute, opening.transition);
    }

    /// @inheritdoc IArbiter
    function openFuel(Opening calldata opening, uint64 fuelStep) external returns (uint256) {
        Dispute memory dispute = _begin(opening, msg.sender);
        if (fuelStep <= dispute.startStep) revert InvalidFuelStep();
        dispute.fuelStep = fuelStep;
        return _launch(dispute, opening.transition);
    }

    /// @inheritdoc IArbiter
    function reportEquivocation(
        Transition calldata one,
        bytes calldata oneSignature,
        Transition calldata other,
        bytes calldata otherSignature
    ) external {
        if (!Evidence.sameCall(one, other)) revert DifferentCalls();
        if (Evidence.sameResult(one, other)) revert SameResult();
        (address party, bytes32 first) = _signed(one, oneSignature);
        (address second, bytes32 evidence) = _signed(other, otherSignature);
        if (party != second) revert DifferentSigners();
        refuted[party][first] = true;
        refuted[party][evidence] = true;
        emit Equivocated(party, msg.sender, _slash(party, msg.sender));
    }

    /// @dev Checks that a register proof shows the counters of a side's claim, and that the claim ends after the
    /// call began. A claim that cannot pass here is lost by the clock.
    function _prove(Dispute memory dispute, uint256 side, bytes calldata proof) internal view {
        Claim memory claim = dispute.claims[side];
        Registers memory registers = judge.registers(claim.state, proof);
        if (
            registers.eic != claim.steps ||
            registers.tf != claim.fuel ||
            claim.steps <= dispute.startStep
        ) revert ClaimNotProven();
        claim.standing = registers.status == 0 ? Standing.Running : Standing.Halted;
    }

    /// @dev Takes the evidence, begins the call on chain and stakes both parties' deposits.
    function _begin(
        Opening calldata opening,
        address challenger
    ) private returns (Dispute memory dispute) {
        Transition calldata transition = opening.transition;
        if (!isRegistered[transition.program]) revert UnknownProgram(transition.program);
        (address accused, bytes32 evidence) = _signed(transition, opening.signature);
        if (accused == challenger) revert SameParty();
        bytes32 program;
        (dispute.startState, program) = judge.begin(
            transition.previousState,
            transition.inputRoot,
            transition.inputLength,
            opening.beginWitness
        );
        if (program != transition.program) revert UnknownProgram(program);
        dispute.startStep = judge.registers(dispute.startState, opening.originProof).eic;
        _stake(accused);
        _stake(challenger);
        dispute.parties = [accused, challenger];
        dispute.evidence[ACCUSED] = evidence;
        dispute.claims[ACCUSED] = _claimOf(transition);
    }

    /// @dev Gives the dispute its number and lets the accused's clock run.
    function _launch(
        Dispute memory dispute,
        Transition calldata transition
    ) private returns (uint256 id) {
        id = ++disputeCount;
        dispute.id = id;
        dispute.phase = Phase.Claims;
        dispute.turn = _mask(ACCUSED);
        dispute.since = uint64(block.number);
        dispute.bankBlocks = [bankBlocks, bankBlocks];
        stateOf[id] = keccak256(abi.encode(dispute));
        emit Opened(id, dispute.parties[ACCUSED], dispute.parties[CHALLENGER], transition, dispute);
    }

    /// @dev Who signed, and the evidence, which must not have lost a dispute before.
    function _signed(
        Transition calldata transition,
        bytes calldata signature
    ) private view returns (address signer, bytes32 evidence) {
        evidence = Evidence.digest(transition);
        signer = Evidence.signer(evidence, signature);
        if (refuted[signer][evidence]) revert AlreadyRefuted(signer, evidence);
    }

    function _claimOf(Transition calldata transition) private pure returns (Claim memory) {
        return Claim(transition.nextState, transition.steps, transition.fuel, Standing.Unproven);
    }
}
