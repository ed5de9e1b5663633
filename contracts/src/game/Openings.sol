// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {StandingClaims} from "./StandingClaims.sol";
import {IArbiter} from "./IArbiter.sol";
import {Evidence} from "./libraries/Evidence.sol";
import {Keys} from "./libraries/Keys.sol";
import {Claim, Dispute, Standing} from "./types/Dispute.sol";
import {Opening, Transition} from "./types/Transition.sol";

/// @title The doors to a dispute: registration, evidence, the three ways to open (docs/game.md sections 1, 2, 4).
/// @notice Invariant: the first state of a dispute is what the judge makes of the signed previous state and input.
abstract contract Openings is StandingClaims {
    /// @dev Calls of which a party has been punished for two results, by party and call.
    mapping(bytes32 partyAndCall => bool) private hasEquivocated;

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
        Dispute memory dispute = _begin(opening);
        dispute.parties[CHALLENGER] = msg.sender;
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
        Dispute memory dispute = _begin(opening);
        dispute.parties[CHALLENGER] = _signed(other, otherSignature);
        dispute.claims[CHALLENGER] = _claimOf(other);
        return _launch(dispute, opening.transition);
    }

    /// @inheritdoc IArbiter
    function openFuel(Opening calldata opening, uint64 fuelStep) external returns (uint256) {
        Dispute memory dispute = _begin(opening);
        if (fuelStep <= dispute.startStep) revert InvalidFuelStep();
        dispute.parties[CHALLENGER] = msg.sender;
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
        address party = _signed(one, oneSignature);
        if (party != _signed(other, otherSignature)) revert DifferentSigners();
        bytes32 partyAndCall = keccak256(abi.encode(party, Keys.callOf(one)));
        if (hasEquivocated[partyAndCall]) revert AlreadyReported(party);
        hasEquivocated[partyAndCall] = true;
        emit Equivocated(party, msg.sender, _slash(party, msg.sender));
    }

    /// @dev Takes the evidence and begins the call on chain.
    function _begin(Opening calldata opening) private view returns (Dispute memory dispute) {
        Transition calldata transition = opening.transition;
        if (!isRegistered[transition.program]) revert UnknownProgram(transition.program);
        Claim memory claim = _claimOf(transition);
        bytes32 call = Keys.callOf(transition);
        address accused;
        if (opening.signature.length == 32) {
            bytes32 key = bytes32(opening.signature);
            accused = _standingParty(key, call, claim);
            dispute.backings[ACCUSED] = key;
        } else {
            accused = _signed(transition, opening.signature);
            dispute.backings[ACCUSED] = Keys.ofResult(accused, call, claim);
        }
        (dispute.startState, dispute.startStep) = _beginCall(
            transition,
            opening.beginWitness,
            opening.originProof
        );
        dispute.parties[ACCUSED] = accused;
        dispute.claims[ACCUSED] = claim;
    }

    /// @dev Puts both parties' stakes behind their statements and opens the dispute.
    function _launch(
        Dispute memory dispute,
        Transition calldata transition
    ) private returns (uint256 id) {
        (address accused, address challenger) = (
            dispute.parties[ACCUSED],
            dispute.parties[CHALLENGER]
        );
        if (accused == challenger) revert SameParty();
        bytes32 call = Keys.callOf(transition);
        _back(accused, dispute.backings[ACCUSED]);
        id = _launch(
            dispute,
            dispute.fuelStep == 0
                ? Keys.ofResult(challenger, call, dispute.claims[CHALLENGER])
                : Keys.ofFuelStep(challenger, call, dispute.fuelStep, transition.fuel)
        );
        emit Opened(id, accused, challenger, transition, dispute);
    }

    /// @dev Who signed, in its present epoch.
    function _signed(
        Transition calldata transition,
        bytes calldata signature
    ) private view returns (address signer) {
        signer = Evidence.signer(Evidence.digest(transition), signature);
        if (transition.epoch != accounts[signer].epoch) {
            revert StaleEpoch(signer, accounts[signer].epoch);
        }
    }
}
