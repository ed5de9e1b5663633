// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {CallStart} from "./CallStart.sol";
import {ICallInbox} from "./interfaces/ICallInbox.sol";

/// @title Starts of calls whose inputs stand in an inbox (docs/adapters.md section 1).
/// @notice A start is a state and the number of calls before it. Invariant: it can be demanded only once the inputs of
/// these calls stand in the inbox, so that nobody can demand a true state that only he can foresee.
abstract contract InboxStart is CallStart {
    /// @notice Inputs of the calls.
    ICallInbox public immutable inbox;

    /// @notice There are no inputs yet for so many calls.
    error NotYetKnown(uint256 calls, uint256 count);

    /// @param judge_ The judge.
    /// @param inbox_ Inputs of the calls.
    /// @param responseSeconds_ Seconds to answer a demand.
    constructor(
        IStepJudge judge_,
        ICallInbox inbox_,
        uint64 responseSeconds_
    ) CallStart(judge_, responseSeconds_) {
        inbox = inbox_;
    }

    /// @notice Demands that a state be shown which is said to be that after so many calls.
    /// @param state State hash.
    /// @param calls Calls before it.
    function demand(bytes32 state, uint256 calls) external {
        uint256 count = inbox.count();
        if (calls > count) revert NotYetKnown(calls, count);
        _demand(_startOf(state, calls), state, calls);
    }

    /// @notice Whether a state was demanded as that after so many calls, and not shown in time.
    /// @param state State hash.
    /// @param calls Calls before it.
    function hasLapsed(bytes32 state, uint256 calls) public view returns (bool) {
        return _hasLapsed(_startOf(state, calls), state);
    }

    function _startOf(bytes32 state, uint256 calls) private pure returns (bytes32) {
        return keccak256(abi.encode(state, calls));
    }
}
