// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge, Registers} from "../../src/judge/IStepJudge.sol";

/// @title Judge of a toy machine, for tests and gas measurements of the game alone.
/// @notice Its states are real register proofs (docs/proof-format.md section 2) whose two other words are the
/// program (steps of a call u64 · fuel of a step u64 · 16 bytes of name) and a constant *trace*. A step counts the
/// remaining steps (sp · fp) down, so the state after any number of steps is known without taking them:
/// traces of 2^40 steps cost nothing. Twin of test/game/simulation.ts.
contract SimulatedJudge is IStepJudge {
    error InvalidWitness();

    struct State {
        uint256 control;
        uint256 counters;
        uint256 program;
        bytes32 trace;
    }

    function step(bytes32 preState, bytes calldata witness) external pure returns (bytes32) {
        State memory s = decode(preState, witness);
        if (s.control >> 248 != 0) return preState;
        uint256 remaining = uint64(s.control >> 144) - 1;
        s.control = remaining == 0 ? HALTED : running(remaining);
        uint256 fuel = uint64(s.program >> 128);
        s.counters += (1 << 192) + (fuel << 128);
        return hash(s);
    }

    function begin(
        bytes32 preState,
        bytes32 inputRoot,
        uint32 inputLength,
        bytes calldata witness
    ) external pure returns (bytes32, bytes32) {
        State memory s = decode(preState, witness);
        if (s.control >> 248 == 0) revert InvalidWitness();
        s.control = running(s.program >> 192);
        s.trace = keccak256(abi.encode(s.trace, inputRoot, inputLength));
        return (hash(s), bytes32(s.program));
    }

    /// @dev The whole genesis state, which is halted at step 0.
    function genesis(bytes calldata witness) external pure returns (bytes32, bytes32) {
        State memory s = abi.decode(witness, (State));
        if (s.control != HALTED || s.counters != 0) revert InvalidWitness();
        return (hash(s), bytes32(s.program));
    }

    function registers(
        bytes32 state,
        bytes calldata proof
    ) external pure returns (Registers memory r) {
        State memory s = decode(state, proof);
        r.status = uint8(s.control >> 248);
        r.pc = uint32(s.control >> 208);
        r.stepCounter = uint64(s.counters >> 192);
        r.fuelCounter = uint64(s.counters >> 128);
    }

    /// @dev Status 1, pc = 0xffffffff.
    uint256 private constant HALTED = (1 << 248) | (0xffffffff << 208);

    function running(uint256 remaining) private pure returns (uint256) {
        return remaining << 144;
    }

    function decode(bytes32 state, bytes calldata proof) private pure returns (State memory s) {
        if (proof.length != 128) revert InvalidWitness();
        s = abi.decode(proof, (State));
        if (hash(s) != state) revert InvalidWitness();
    }

    function hash(State memory s) private pure returns (bytes32) {
        bytes32 words = keccak256(abi.encodePacked(s.control, s.counters, hex"02"));
        bytes32 hot = keccak256(abi.encodePacked(words, s.program, hex"02"));
        return keccak256(abi.encodePacked(hot, s.trace, hex"02"));
    }
}
