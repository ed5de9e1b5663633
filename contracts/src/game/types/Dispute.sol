// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Which question of a dispute is open (docs/game.md section 4).
enum Phase {
    None,
    /// A party on turn proves the registers of its claim (4.1).
    Claims,
    /// The party of the longer trace posts its state where the shorter one ends (4.1.2).
    Length,
    /// Both post the state before the step that is said to pass the declared fuel (4.2).
    FuelPoint,
    /// The k-ary search (4.1.1).
    Search,
    /// One step is left: anyone has it executed.
    Step,
    /// The agreed state before the fuel step is known: the challenger has the step executed (4.2).
    FuelStep
}

/// @notice What a register proof has shown of a claim's state.
enum Standing {
    Unproven,
    Running,
    Halted
}

/// @notice A party's answer: the call ends in `state` with these counters.
struct Claim {
    bytes32 state;
    uint64 steps;
    uint64 fuel;
    Standing standing;
}

/// @notice The whole state of a dispute. The contract stores only its hash; every move brings it along and
/// thereby names the state it answers.
/// @dev Index 0 is the accused, 1 the challenger. A set of sides is a mask: 1 accused, 2 challenger, 3 both.
/// Step numbers are values of the step counter, which goes on from call to call within an era.
struct Dispute {
    uint256 id;
    address[2] parties;
    /// What each party has at stake: the key of its backing (libraries/Keys.sol).
    bytes32[2] backings;
    Claim[2] claims;
    /// Fuel dispute: the step after which the fuel counter is said to pass the declared total; otherwise 0.
    uint64 fuelStep;
    Phase phase;
    /// Sides whose clock runs.
    uint8 turn;
    /// Rounds of the search so far.
    uint32 round;
    /// Block of the last move.
    uint64 since;
    /// Blocks that each party has left beyond the grace of its moves.
    uint32[2] bankBlocks;
    /// The searched segment: its first state is agreed, its last one is not.
    bytes32 startState;
    uint64 startStep;
    uint64 endStep;
    bytes32[2] endStates;
    /// What the first mover of the present exchange has posted: a state, or the commitment of a vector.
    bytes32 pending;
}
