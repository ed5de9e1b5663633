// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Disputes} from "./Disputes.sol";
import {IDisputes} from "./IDisputes.sol";
import {Search} from "./libraries/Search.sol";
import {Claim, Dispute, Phase, Standing} from "./types/Dispute.sol";

/// @title The moves of every dispute (docs/game.md section 4; section numbers in comments are the paper's).
/// @notice Invariant of the search: both parties agree on `startState` at `startStep` and differ at `endStep`.
/// An honest party's hashes are all true, so against it the start is true and the other's end is false.
abstract contract Moves is Disputes {
    /// @inheritdoc IDisputes
    function postState(Dispute calldata dispute, bytes32 state) external {
        Phase phase = dispute.phase == Phase.FuelPoint ? Phase.FuelPoint : Phase.Length;
        Dispute memory current = _timely(dispute, phase);
        uint256 side = _mover(current);
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = state;
        if (phase == Phase.Length) {
            if (_compareLengths(current, side, state)) return;
        } else if (side == ACCUSED) {
            current.pending = state;
            current.turn = _mask(CHALLENGER);
        } else if (state == current.pending) {
            current.startState = state;
            current.startStep = current.fuelStep - 1;
            _expectFuelStep(current);
        } else {
            current.endStep = current.fuelStep - 1;
            current.endStates = [current.pending, state];
            _searchOn(current);
        }
        _finish(current, side, Move.State, hashes);
    }

    /// @inheritdoc IDisputes
    function postVector(Dispute calldata dispute, bytes32[] calldata vector) external {
        Dispute memory current = _timely(dispute, Phase.Search);
        uint256 side = _mover(current);
        if (current.pending != 0) revert OutOfOrder();
        uint256 parts = Search.parts(current.endStep - current.startStep, k);
        if (vector.length != parts - 1) revert Search.WrongVectorLength(parts - 1, vector.length);
        current.pending = Search.commitment(current.startState, vector, current.endStates[side]);
        current.turn = BOTH - current.turn;
        _finish(current, side, Move.Vector, vector);
    }

    /// @inheritdoc IDisputes
    function choosePart(
        Dispute calldata dispute,
        uint256 index,
        bytes32[2] calldata part,
        bytes32[] calldata path,
        bytes32 own
    ) external {
        Dispute memory current = _timely(dispute, Phase.Search);
        uint256 side = _mover(current);
        if (current.pending == 0) revert OutOfOrder();
        uint256 steps = current.endStep - current.startStep;
        uint256 parts = Search.parts(steps, k);
        bool isShown =
            index < parts && Search.commitmentAt(parts, index, part, path) == current.pending;
        // The last part ends where the segment does: there the mover's state is known.
        bool isDenied = own != part[1] && (index != parts - 1 || own == current.endStates[side]);
        if (!isShown || !isDenied) revert Search.WrongDivergence();
        _narrow(current, steps, parts, index);
        current.startState = part[0];
        current.endStates[side] = own;
        current.endStates[1 - side] = part[1];
        ++current.round;
        _searchOn(current);
        bytes32[] memory hashes = new bytes32[](2);
        hashes[0] = part[0];
        hashes[1] = own;
        _finish(current, side, Move.Part, hashes);
    }

    /// @inheritdoc IDisputes
    function judgeStep(Dispute calldata dispute, bytes calldata witness) external {
        Dispute memory current = _timely(dispute, Phase.Step);
        bytes32 truth = judge.step(current.startState, witness);
        emit Judged(current.id, current.startStep, current.startState, truth);
        uint8 losers = 0;
        for (uint256 side = 0; side < 2; ++side) {
            if (current.endStates[side] != truth) losers |= _mask(side);
        }
        _settle(current, losers, Reason.Step);
    }

    /// @inheritdoc IDisputes
    function judgeFuel(
        Dispute calldata dispute,
        bytes calldata witness,
        bytes calldata registerProof
    ) external {
        Dispute memory current = _timely(dispute, Phase.FuelStep);
        bytes32 truth = judge.step(current.startState, witness);
        emit Judged(current.id, current.startStep, current.startState, truth);
        bool passed =
            judge.registers(truth, registerProof).fuelCounter > current.claims[ACCUSED].fuel;
        _settle(current, _mask(passed ? ACCUSED : CHALLENGER), Reason.Fuel);
    }

    /// @dev The question after a claim was proven: the challenger's claim, the fuel step, the lengths or the search.
    function _compareClaims(Dispute memory dispute) internal pure {
        Claim[2] memory claims = dispute.claims;
        if (dispute.fuelStep != 0) {
            _locateFuelStep(dispute);
        } else if (claims[CHALLENGER].standing == Standing.Unproven) {
            dispute.turn = _mask(CHALLENGER);
        } else if (claims[ACCUSED].steps == claims[CHALLENGER].steps) {
            dispute.endStep = claims[ACCUSED].steps;
            dispute.endStates = [claims[ACCUSED].state, claims[CHALLENGER].state];
            _searchOn(dispute);
        } else {
            dispute.phase = Phase.Length;
            dispute.turn = _mask(
                claims[ACCUSED].steps > claims[CHALLENGER].steps ? ACCUSED : CHALLENGER
            );
        }
    }

    /// @dev 4.2: with the accused's length known, where does the fuel step lie?
    function _locateFuelStep(Dispute memory dispute) private pure {
        if (dispute.claims[ACCUSED].steps < dispute.fuelStep) {
            dispute.phase = Phase.Length;
            dispute.turn = _mask(CHALLENGER);
        } else if (dispute.fuelStep - 1 == dispute.startStep) {
            _expectFuelStep(dispute);
        } else {
            dispute.phase = Phase.FuelPoint;
            dispute.turn = _mask(ACCUSED);
        }
    }

    /// @dev 4.2: the state before the fuel step is agreed; the challenger must show what the step does.
    function _expectFuelStep(Dispute memory dispute) private pure {
        dispute.phase = Phase.FuelStep;
        dispute.turn = _mask(CHALLENGER);
        dispute.pending = 0;
    }

    /// @dev 4.1.2: the longer side has posted its state where the shorter side's claim ends. Different states are
    /// searched; with the same state, a halted one convicts the longer side and a running one the shorter.
    /// @return settled Whether the dispute is over.
    function _compareLengths(
        Dispute memory dispute,
        uint256 longer,
        bytes32 state
    ) private returns (bool settled) {
        uint256 shorter = 1 - longer;
        Claim memory claim = dispute.claims[shorter];
        if (state == claim.state) {
            bool halted = claim.standing == Standing.Halted;
            _settle(dispute, _mask(halted ? longer : shorter), Reason.Length);
            return true;
        }
        dispute.endStep = claim.steps;
        dispute.endStates[shorter] = claim.state;
        dispute.endStates[longer] = state;
        _searchOn(dispute);
    }

    /// @dev 4.1.1: goes on with a part of the segment. The mover agrees to its first state and denies its last one; so
    /// agreeing to all that the other posted only moves the question to one's own end state.
    function _narrow(
        Dispute memory dispute,
        uint256 steps,
        uint256 parts,
        uint256 index
    ) private pure {
        uint256 start = dispute.startStep;
        dispute.startStep = uint64(start + Search.point(steps, parts, index));
        dispute.endStep = uint64(start + Search.point(steps, parts, index + 1));
    }

    /// @dev Opens the next round, or the judgement if one step is left. The sides take turns in moving first.
    function _searchOn(Dispute memory dispute) internal pure {
        dispute.pending = 0;
        if (dispute.endStep - dispute.startStep == 1) {
            dispute.phase = Phase.Step;
            dispute.turn = BOTH;
        } else {
            dispute.phase = Phase.Search;
            dispute.turn = _mask(dispute.round & 1);
        }
    }
}
