// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Keys} from "../game/libraries/Keys.sol";
import {Moves} from "../game/Moves.sol";
import {Claim, Dispute, Phase, Standing} from "../game/types/Dispute.sol";
import {Transition} from "../game/types/Transition.sol";
import {Registers} from "../judge/IStepJudge.sol";
import {ICallDisputes} from "./ICallDisputes.sol";
import {Application} from "./libraries/Application.sol";
import {ShownVote, VotedResult} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";

/// @title How what headers show of a block's call becomes a dispute, and how it is answered (docs/network.md section 5).
/// @notice Invariant: the first state of a dispute is what the judge makes of the state that header h carries and of the
/// transactions that it names; only what the accused has spoken for itself is held against it.
abstract contract CallDisputes is Moves, ICallDisputes {
    /// @notice What somebody has said of a header.
    struct Statement {
        address account;
        uint64 height;
        bytes32 headerHash;
    }

    /// @dev Status of a machine whose call has returned: only then does the next call begin from its state.
    uint8 private constant RETURNED = 1;

    /// @inheritdoc ICallDisputes
    mapping(bytes32 key => Statement) public statements;

    /// @inheritdoc ICallDisputes
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

    /// @dev Begins the call that headers show. The parties are the sender and whom it accuses, by what is bound already.
    /// What the accused must open waits in `pending`.
    function _beginCall(
        ShownVote memory shown,
        address accused,
        bytes32 key,
        bytes calldata beginWitness,
        bytes calldata originProof
    ) internal view returns (Dispute memory dispute, Transition memory call) {
        VotedResult memory voted = shown.voted;
        dispute.parties = [accused, msg.sender];
        dispute.backings[ACCUSED] = key;
        call.previousState = voted.base;
        call.inputRoot = shown.inputRoot;
        call.inputLength = shown.inputLength;
        (dispute.startState, call.program) = judge.begin(
            voted.base,
            shown.inputRoot,
            shown.inputLength,
            beginWitness
        );
        if (call.program != shown.program) revert UnknownProgram(call.program);
        Registers memory origin = judge.registers(dispute.startState, originProof);
        dispute.startStep = origin.stepCounter;
        voted.fuelCounter = origin.fuelCounter;
        dispute.pending = keccak256(abi.encode(voted));
    }

    /// @dev The challenger's own result against the one that was spoken for.
    function _challengeResult(
        Dispute memory dispute,
        Transition memory call,
        Claim calldata claim,
        bytes calldata claimProof
    ) internal view returns (bytes32 own) {
        dispute.claims[CHALLENGER] = Claim(claim.state, claim.steps, claim.fuel, Standing.Unproven);
        _prove(dispute, CHALLENGER, claimProof);
        return Keys.ofResult(msg.sender, _callOf(call), dispute.claims[CHALLENGER]);
    }

    /// @dev The step at which fuel passes what was declared (paper 4.2).
    function _challengeFuel(
        Dispute memory dispute,
        Transition memory call,
        VotedResult memory voted,
        ApplicationState calldata result,
        uint64 fuelStep
    ) internal view returns (bytes32 own) {
        if (fuelStep <= dispute.startStep) revert InvalidFuelStep();
        if (Application.hash(result) != voted.appHash) revert ResultNotOpened();
        // Fuel never falls: who has voted for less than before cannot open its result.
        uint64 spent = result.fuel > voted.fuel ? result.fuel - voted.fuel : 0;
        call.fuel = voted.fuelCounter + spent;
        dispute.fuelStep = fuelStep;
        dispute.claims[ACCUSED].fuel = call.fuel;
        return Keys.ofFuelStep(msg.sender, _callOf(call), fuelStep, call.fuel);
    }

    /// @dev Opens the dispute and says about what.
    function _accuse(
        uint64 generation,
        Dispute memory dispute,
        Transition memory call,
        VotedResult memory voted,
        bytes32 own
    ) internal returns (uint256 id) {
        id = dispute.phase == Phase.None ? _launch(dispute, own) : _launchAsAsked(dispute, own);
        emit Opened(id, dispute.parties[ACCUSED], msg.sender, call, dispute);
        Statement memory statement = statements[dispute.backings[ACCUSED]];
        emit Accused(
            id,
            generation,
            statement.account,
            statement.height,
            statement.headerHash,
            voted
        );
    }

    /// @dev Never reached: nothing is posted here.
    function _refute(bytes32) internal pure override {
        revert OutOfOrder();
    }

    function _callOf(Transition memory call) internal pure returns (bytes32) {
        bytes32 input = Keys.inputOf(call.inputRoot, call.inputLength);
        return Keys.callOf(call.program, call.previousState, input);
    }
}
