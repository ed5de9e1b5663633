// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Transition} from "./Transition.sol";

/// @notice What has become of a posted claim (docs/game.md section 12).
enum ClaimStatus {
    None,
    /// Posted: can be disputed within its call's window.
    Standing,
    /// The call's result, for good.
    Final,
    /// Lost a dispute.
    Refuted,
    /// Taken back without a verdict, its stake returned.
    Void
}

/// @notice A result that a party has posted with a stake of its own.
struct StandingClaim {
    address party;
    ClaimStatus status;
    /// What identifies the call (libraries/Keys.sol).
    bytes32 call;
    bytes32 nextState;
    /// Key of the claim whose next state is this one's previous state; 0 if that is a registered genesis.
    bytes32 parent;
    /// What identifies the call and all that lead to it.
    bytes32 line;
}

/// @notice A call about which results have been posted, in one line of calls.
struct StandingCall {
    /// Last block in which a dispute about these claims can be opened.
    uint64 windowEnd;
    /// Claims with status Standing.
    uint32 standing;
    /// Contradicting claims outlasted the window and all disputes: nobody has opposed them, and none becomes final.
    bool isTied;
    /// The call's result is final here.
    bool isFinal;
}

/// @notice What it takes to post a result.
struct Posting {
    /// The epoch must be 0.
    Transition transition;
    /// The input's bytes; empty if they have been published before.
    bytes input;
    /// Begin witness of the call, register proofs of its first state and of its result.
    bytes beginWitness;
    bytes originProof;
    bytes resultProof;
    bytes32 parent;
}
