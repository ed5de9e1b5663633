// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {InboxStart} from "./InboxStart.sol";
import {IBigStepper, IOutputGame} from "./interfaces/IBigStepper.sol";
import {ICallInbox} from "./interfaces/ICallInbox.sol";

/// @title The judge as the machine of an OP Stack fault dispute game (docs/adapters.md section 2).
/// @notice Output n is the state hash after n calls. The trace between two outputs: the absolute prestate, one zero
/// byte; then, by `begin`, the states of one call, of preimage hot ‖ cold ‖ 0x02; then the verdict, which says whether
/// the disputed output is the call's result, of preimage state ‖ status; it stays. Invariant: what follows from a
/// preimage is a function of it, the context and the chain; a proof only makes it provable.
contract OpStackStepper is IBigStepper, InboxStart {
    /// @dev Statuses of a claim, in place of its hash's first byte.
    uint8 private constant VALID = 0;
    uint8 private constant INVALID = 1;
    uint8 private constant PANIC = 2;
    uint8 private constant UNFINISHED = 3;

    uint256 private constant STATE_BYTES = 65;
    uint256 private constant VERDICT_BYTES = 33;
    uint256 private constant CONTEXT_BYTES = 128;
    uint256 private constant REGISTER_PROOF_BYTES = 128;

    /// @dev The outputs between which a step lies.
    struct Context {
        bytes32 start;
        bytes32 disputed;
        uint256 disputedPosition;
    }

    /// @notice A preimage is neither the absolute prestate nor a machine's state nor a verdict.
    error UnknownPreimage(uint256 length);
    /// @notice The context in the proof is not that of the claim.
    error ContextMismatch(bytes32 expected, bytes32 actual);

    /// @param judge_ The judge.
    /// @param inbox_ Inputs of the calls.
    /// @param responseSeconds_ Seconds to answer a demand.
    constructor(
        IStepJudge judge_,
        ICallInbox inbox_,
        uint64 responseSeconds_
    ) InboxStart(judge_, inbox_, responseSeconds_) {}

    /// @inheritdoc IBigStepper
    function oracle() external pure returns (address) {
        return address(0);
    }

    /// @inheritdoc IBigStepper
    /// @dev proof of the first step: context ‖ begin witness; of a running state: its witness; of a halted one: its
    /// register proof ‖ context; of a verdict: nothing.
    function step(
        bytes calldata stateData,
        bytes calldata proof,
        bytes32 localContext
    ) external view returns (bytes32 postState) {
        uint256 length = stateData.length;
        if (length == STATE_BYTES) {
            bytes32 state = keccak256(stateData);
            if (_isRunning(proof)) return _claim(judge.step(state, proof), UNFINISHED);
            judge.registers(state, proof[:REGISTER_PROOF_BYTES]);
            return _compare(state, _context(proof[REGISTER_PROOF_BYTES:], localContext));
        }
        if (length == VERDICT_BYTES) {
            return _claim(keccak256(stateData), uint8(stateData[VERDICT_BYTES - 1]));
        }
        if (length != 1 || stateData[0] != 0) revert UnknownPreimage(length);
        return _first(_context(proof, localContext), proof[CONTEXT_BYTES:]);
    }

    /// @dev From the absolute prestate to the call's first state. Leaves without a call repeat the output before them,
    /// so that there is a true claim for each; only the root claim, which alone commits to the last leaf, can be void.
    function _first(
        Context memory c,
        bytes calldata witness
    ) private view returns (bytes32 postState) {
        IOutputGame game = IOutputGame(msg.sender);
        uint256 depth = game.splitDepth();
        uint256 leaf = _leafOf(c.disputedPosition, depth);
        uint256 calls = game.startingBlockNumber() + leaf;
        uint256 proposed = game.l2BlockNumber();
        uint64 createdAt = game.createdAt();
        bool isLapsed = hasLapsed(c.start, calls);
        if (leaf == (1 << depth) - 1) {
            // An output that the bisection does not reach, or whose inputs came later, would be taken for another.
            bool isOutOfReach = calls + 1 < proposed || !_isGiven(proposed - 1, createdAt);
            if (isOutOfReach || isLapsed) return _verdict(c.start, PANIC);
        }
        if (calls >= proposed || !_isGiven(calls, createdAt) || isLapsed) {
            return _compare(c.start, c);
        }
        (bytes32 root, uint32 length, ) = inbox.inputAt(calls);
        (bool hasBegun, bytes32 state, ) = _begin(c.start, root, length, witness);
        return hasBegun ? _claim(state, UNFINISHED) : _compare(c.start, c);
    }

    /// @dev Whether an input was there before the game; what comes later must not decide it.
    function _isGiven(uint256 index, uint64 createdAt) private view returns (bool) {
        if (index >= inbox.count()) return false;
        (, , uint64 time) = inbox.inputAt(index);
        return time < createdAt;
    }

    /// @dev The context words start ‖ its position ‖ disputed ‖ its position, which the game has hashed. A start at
    /// position 0 is the game's own, and is left out of the hash.
    function _context(
        bytes calldata words,
        bytes32 localContext
    ) private view returns (Context memory c) {
        uint128 startPosition;
        uint128 disputedPosition;
        (c.start, startPosition, c.disputed, disputedPosition) = abi.decode(
            words[:CONTEXT_BYTES],
            (bytes32, uint128, bytes32, uint128)
        );
        c.disputedPosition = disputedPosition;
        bytes32 actual = keccak256(words[startPosition == 0 ? 64 : 0:CONTEXT_BYTES]);
        if (actual != localContext) revert ContextMismatch(localContext, actual);
        if (startPosition == 0) c.start = IOutputGame(msg.sender).startingRootHash();
    }

    function _compare(bytes32 state, Context memory c) private pure returns (bytes32) {
        return _verdict(state, state == c.disputed ? VALID : INVALID);
    }

    function _verdict(bytes32 state, uint8 status) private pure returns (bytes32) {
        return _claim(keccak256(abi.encodePacked(state, status)), status);
    }

    /// @dev A hash with the status in place of its first byte.
    function _claim(bytes32 hash, uint8 status) private pure returns (bytes32) {
        return bytes32((uint256(hash) & type(uint248).max) | (uint256(status) << 248));
    }

    /// @dev Leaf of the bisection over outputs that a position commits to: the rightmost below it.
    function _leafOf(uint256 position, uint256 depth) private pure returns (uint256) {
        uint256 below = depth;
        for (uint256 p = position; p > 1; p >>= 1) --below;
        return ((position + 1) << below) - 1 - (1 << depth);
    }
}
