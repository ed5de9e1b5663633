// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../../judge/IStepJudge.sol";
import {BeginCall} from "../../judge/state/BeginCall.sol";

/// @title Whether a call begins (docs/machine.md section 10).
/// @notice For who must go on where no call begins. Invariant: what is not the judge's refusal of a state that it has seen
/// reverts here with the judge's own error, so no witness of another state and no want of gas passes for a refusal.
library TryBegin {
    /// @notice Begins a call. False if the judge refuses it, which it does only after it has seen the whole state
    /// (BeginCall compares the hash first); reverts as the judge does for anything else.
    /// @param witness Begin witness of the state (docs/proof-format.md section 6).
    /// @return hasBegun Whether the call begins.
    /// @return postState Its first state; the state itself if it does not begin.
    /// @return programRoot Of the state; 0 if the call does not begin.
    function begin(
        IStepJudge judge,
        bytes32 state,
        bytes32 inputRoot,
        uint32 inputLength,
        bytes calldata witness
    ) internal view returns (bool hasBegun, bytes32 postState, bytes32 programRoot) {
        try judge.begin(state, inputRoot, inputLength, witness) returns (bytes32 s, bytes32 p) {
            return (true, s, p);
        } catch (bytes memory reason) {
            if (BeginCall.isRefusal(reason)) return (false, state, 0);
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }
}
