// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {InputRoot} from "../game/libraries/InputRoot.sol";
import {IStepJudge} from "../judge/IStepJudge.sol";
import {CallStart} from "./CallStart.sol";
import {IDataProvider, IStateTransition} from "./interfaces/IStateTransition.sol";

/// @title The judge as the machine of a tournament of Cartesi's Dave (docs/adapters.md section 4).
/// @notice Machine states are state hashes as they are. Every 2^spanBits transitions the next input is due: the
/// transition is `begin`; all others are steps, and a halted state stays. Invariant: what follows from a state is a
/// function of it, the counter, the inputs and the chain.
contract DaveTransition is IStateTransition, CallStart {
    /// @notice log2 of the transitions of a call; more than any call takes.
    uint256 public immutable spanBits;

    /// @notice State that a start ends in which nobody could show; it stays.
    bytes32 public constant DEAD = keccak256("wasm-arbiter: a state that nobody has shown");

    uint256 private constant LENGTH_BYTES = 8;

    /// @notice There is no tournament at the address yet.
    error NoTournament(address tournament);
    /// @notice A call's transitions do not fit a counter.
    error SpanTooLong(uint256 spanBits);

    /// @param judge_ The judge.
    /// @param spanBits_ log2 of the transitions of a call.
    /// @param responseSeconds_ Seconds to answer a demand.
    constructor(
        IStepJudge judge_,
        uint256 spanBits_,
        uint64 responseSeconds_
    ) CallStart(judge_, responseSeconds_) {
        if (spanBits_ == 0 || spanBits_ > 128) revert SpanTooLong(spanBits_);
        spanBits = spanBits_;
    }

    /// @inheritdoc IStateTransition
    /// @dev proofs: the step's witness, or where an input is due: length u64 ‖ input ‖ begin witness; past the last
    /// input: a length and as many bytes, whichever, then the step's witness.
    function transitionState(
        bytes32 machineState,
        uint256 counter,
        bytes calldata proofs,
        IDataProvider provider
    ) external view returns (bytes32 newMachineState) {
        if (machineState == DEAD) return DEAD;
        if (counter & ((1 << spanBits) - 1) != 0) return judge.step(machineState, proofs);
        if (hasLapsed(machineState, msg.sender)) return DEAD;
        uint256 end = LENGTH_BYTES + uint64(bytes8(proofs[:LENGTH_BYTES]));
        bytes calldata input = proofs[LENGTH_BYTES:end];
        bytes calldata witness = proofs[end:];
        // Before the judge: the provider reverts unless the bytes are those of the input.
        if (provider.provideMerkleRootOfInput(counter >> spanBits, input) == 0) {
            return judge.step(machineState, witness);
        }
        (, newMachineState, ) = _begin(
            machineState,
            InputRoot.rootOf(input),
            uint32(input.length),
            witness
        );
    }

    /// @notice Demands that a state be shown at which a call of a tournament's epoch is to begin. The tournament must be
    /// there already: then the epoch's inputs are known to everybody.
    /// @param state State hash.
    /// @param tournament The tournament that asks for transitions.
    function demand(bytes32 state, address tournament) external {
        if (tournament.code.length == 0) revert NoTournament(tournament);
        _demand(_startOf(state, tournament), state, uint160(tournament));
    }

    /// @notice Whether a state was demanded for a tournament, and not shown in time.
    /// @param state State hash.
    /// @param tournament The tournament.
    function hasLapsed(bytes32 state, address tournament) public view returns (bool) {
        return _hasLapsed(_startOf(state, tournament), state);
    }

    function _startOf(bytes32 state, address tournament) private pure returns (bytes32) {
        return keccak256(abi.encode(state, tournament));
    }
}
