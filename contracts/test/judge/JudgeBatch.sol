// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../../src/judge/IStepJudge.sol";

/// @notice Test only: many steps judged in one call.
/// Steps are packed one after another: preState (32), expected postState (32), length of the witness (u32), witness.
contract JudgeBatch {
    struct Step {
        bytes32 preState;
        bytes32 postState;
        bytes witness;
    }

    /// @notice Judges the steps until one does not end in its expected state.
    /// @return judged Steps that did.
    /// @return postState What the judge gave for the first that did not; 0 if it reverted.
    /// @return reason What it reverted with.
    function confirm(
        IStepJudge judge,
        bytes calldata steps
    ) external view returns (uint256 judged, bytes32 postState, bytes memory reason) {
        uint256 offset = 0;
        while (offset < steps.length) {
            uint256 free = _freePointer();
            Step memory s;
            (s, offset) = _take(steps, offset);
            try judge.step(s.preState, s.witness) returns (bytes32 result) {
                if (result != s.postState) return (judged, result, "");
            } catch (bytes memory error_) {
                return (judged, 0, error_);
            }
            ++judged;
            _setFreePointer(free);
        }
    }

    /// @notice Counts how many of the steps, whose witnesses have been tampered with, the judge refuses, and which
    /// errors it gives.
    /// @return refused Steps that reverted, up to the first that did not.
    /// @return errors Selector of each error, 4 bytes each, in order.
    function refuse(
        IStepJudge judge,
        bytes calldata steps
    ) external view returns (uint256 refused, bytes memory errors) {
        uint256 offset = 0;
        errors = new bytes(steps.length / 16 + 32);
        while (offset < steps.length) {
            uint256 free = _freePointer();
            Step memory s;
            (s, offset) = _take(steps, offset);
            try judge.step(s.preState, s.witness) returns (bytes32) {
                return (refused, errors);
            } catch (bytes memory error_) {
                uint256 position = refused * 4;
                assembly ("memory-safe") {
                    let target := add(add(errors, 32), position)
                    let kept := shr(32, mload(target))
                    mstore(target, or(kept, shl(224, shr(224, mload(add(error_, 32))))))
                }
            }
            ++refused;
            _setFreePointer(free);
        }
    }

    function _take(
        bytes calldata steps,
        uint256 offset
    ) private pure returns (Step memory s, uint256 next) {
        s.preState = bytes32(steps[offset:offset + 32]);
        s.postState = bytes32(steps[offset + 32:offset + 64]);
        uint256 length = uint32(bytes4(steps[offset + 64:offset + 68]));
        next = offset + 68 + length;
        s.witness = steps[offset + 68:next];
    }

    /// @dev Memory of one step is used again for the next, or long batches would pay for it quadratically.
    function _freePointer() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    function _setFreePointer(uint256 free) private pure {
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
    }
}
