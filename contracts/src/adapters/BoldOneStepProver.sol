// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {InboxStart} from "./InboxStart.sol";
import {ICallInbox} from "./interfaces/ICallInbox.sol";
import {
    ExecutionContext,
    ExecutionState,
    IOneStepProofEntry
} from "./interfaces/IOneStepProofEntry.sol";

/// @title The judge as the machine of an Arbitrum BoLD challenge (docs/adapters.md section 3).
/// @notice A global state's first word is a state hash, its first number the calls made so far; its other word and
/// number never change. A block is a call. A machine hash is that of kind ‖ state ‖ word ‖ calls ‖ number, and a proof
/// begins with these 81 bytes. Invariant: what follows from a machine hash is a function of it, the step's number, the
/// context and the chain.
contract BoldOneStepProver is IOneStepProofEntry, InboxStart {
    /// @dev Kinds of machine hashes; the last two are also the statuses of an assertion.
    uint8 private constant RUNNING = 0;
    uint8 private constant FINISHED = 1;
    uint8 private constant ERRORED = 2;

    uint256 private constant PREIMAGE_BYTES = 81;

    /// @dev A machine hash's preimage.
    struct Position {
        uint8 kind;
        bytes32 state;
        bytes32 word;
        uint64 calls;
        uint64 number;
    }

    /// @notice The proof begins with the preimage of another machine hash.
    error MachineHashMismatch(bytes32 expected, bytes32 actual);
    /// @notice Only finished and errored states lie between two blocks.
    error NotBetweenBlocks(uint8 status);
    /// @notice The chain takes its messages from elsewhere.
    error WrongBridge(address expected, address actual);

    /// @param judge_ The judge.
    /// @param inbox_ Inputs of the calls; the bridge of the chain.
    /// @param responseSeconds_ Seconds to answer a demand.
    constructor(
        IStepJudge judge_,
        ICallInbox inbox_,
        uint64 responseSeconds_
    ) InboxStart(judge_, inbox_, responseSeconds_) {}

    /// @inheritdoc IOneStepProofEntry
    function getMachineHash(ExecutionState calldata s) external pure returns (bytes32) {
        if (s.machineStatus != FINISHED && s.machineStatus != ERRORED) {
            revert NotBetweenBlocks(s.machineStatus);
        }
        bytes32[2] calldata words = s.globalState.bytes32Vals;
        uint64[2] calldata numbers = s.globalState.u64Vals;
        return _hash(Position(s.machineStatus, words[0], words[1], numbers[0], numbers[1]));
    }

    /// @inheritdoc IOneStepProofEntry
    /// @dev proof: preimage ‖ begin witness, witness of a running state, or register proof of a halted one.
    function proveOneStep(
        ExecutionContext calldata context,
        uint256 machineStep,
        bytes32 beforeHash,
        bytes calldata proof
    ) external view returns (bytes32 afterHash) {
        bytes32 actual = keccak256(proof[:PREIMAGE_BYTES]);
        if (actual != beforeHash) revert MachineHashMismatch(beforeHash, actual);
        Position memory p = _decode(proof);
        bytes calldata witness = proof[PREIMAGE_BYTES:];
        if (p.kind == RUNNING) return _hash(_step(p, witness));
        bool isFirst = machineStep == 0 && p.calls < context.maxInboxMessagesRead;
        // A block ends with its call, an error ends everything: what follows repeats the state.
        if (p.kind != FINISHED || !isFirst) return beforeHash;
        return _hash(_first(p, context, witness));
    }

    function _step(
        Position memory p,
        bytes calldata witness
    ) private view returns (Position memory) {
        if (_isRunning(witness)) {
            p.state = judge.step(p.state, witness);
            return p;
        }
        judge.registers(p.state, witness);
        return _finished(p);
    }

    /// @dev From the state between two blocks to the call's first state.
    function _first(
        Position memory p,
        ExecutionContext calldata context,
        bytes calldata witness
    ) private view returns (Position memory) {
        if (context.bridge != address(inbox)) revert WrongBridge(address(inbox), context.bridge);
        if (hasLapsed(p.state, p.calls)) {
            p.kind = ERRORED;
            return p;
        }
        (bytes32 root, uint32 length, ) = inbox.inputAt(p.calls);
        (bool hasBegun, bytes32 state, bytes32 program) = _begin(p.state, root, length, witness);
        if (!hasBegun) return _finished(p);
        if (program == context.initialWasmModuleRoot) (p.kind, p.state) = (RUNNING, state);
        else p.kind = ERRORED;
        return p;
    }

    function _finished(Position memory p) private pure returns (Position memory) {
        (p.kind, p.calls) = (FINISHED, p.calls + 1);
        return p;
    }

    function _decode(bytes calldata proof) private pure returns (Position memory p) {
        p.kind = uint8(proof[0]);
        p.state = bytes32(proof[1:33]);
        p.word = bytes32(proof[33:65]);
        p.calls = uint64(bytes8(proof[65:73]));
        p.number = uint64(bytes8(proof[73:PREIMAGE_BYTES]));
    }

    function _hash(Position memory p) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(p.kind, p.state, p.word, p.calls, p.number));
    }
}
