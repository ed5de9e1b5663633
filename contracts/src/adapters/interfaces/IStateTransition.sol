// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Where a tournament's inputs come from, re-declared.
interface IDataProvider {
    /// @notice Checks an input.
    /// @param index Its number within the epoch.
    /// @param input Its bytes; reverts if they are others.
    /// @return root A root of the bytes; 0 if the epoch has no such input.
    function provideMerkleRootOfInput(
        uint256 index,
        bytes calldata input
    ) external view returns (bytes32 root);
}

/// @title What a tournament of Cartesi's Dave asks of its machine, re-declared.
interface IStateTransition {
    /// @notice Executes one transition.
    /// @param machineState State hash before it.
    /// @param counter Number of transitions before it, since the epoch's beginning.
    /// @param proofs What else it takes.
    /// @param provider The epoch's inputs.
    /// @return newMachineState State hash after it.
    function transitionState(
        bytes32 machineState,
        uint256 counter,
        bytes calldata proofs,
        IDataProvider provider
    ) external view returns (bytes32 newMachineState);
}
