// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a party signs: one gateway call and what came of it (docs/game.md section 2).
/// @dev The EIP-712 type hash is in libraries/Evidence.sol; the order of the fields is part of it.
struct Transition {
    /// Program root.
    bytes32 program;
    /// State hash before the call.
    bytes32 previousState;
    /// Identity of the input: Merkle root and length in bytes.
    bytes32 inputRoot;
    uint32 inputLength;
    /// State hash after the call.
    bytes32 nextState;
    /// Step counter (stepCounter) and fuel counter (fuelCounter) in `nextState`; both count since their era began.
    uint64 steps;
    uint64 fuel;
    /// The signer's epoch (IArbiter.epochOf): a signature of an earlier one binds nobody. 0 in a posted claim.
    uint64 epoch;
}

/// @notice A signed or posted transition with all that it takes to begin its call on chain.
struct Opening {
    Transition transition;
    /// EIP-712 signature of the accused: r, s, v (65 bytes); or the key of its standing claim (32 bytes).
    bytes signature;
    /// Begin witness of the call (docs/proof-format.md section 6).
    bytes beginWitness;
    /// Register proof of the call's first state.
    bytes originProof;
}
