// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Preimage of an application hash (docs/history.md section 3).
struct ApplicationState {
    /// State hash at the end of the last call, and that from which the next one begins.
    bytes32 result;
    bytes32 base;
    /// Fuel and steps of all calls so far, rolled back ones too.
    uint64 fuel;
    uint64 steps;
    bytes32 receiptsHash;
}
