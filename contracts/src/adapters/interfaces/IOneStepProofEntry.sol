// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What an assertion of a BoLD chain is about: two words and two numbers.
struct GlobalState {
    bytes32[2] bytes32Vals;
    uint64[2] u64Vals;
}

/// @notice A global state with the machine's status: 0 running, 1 finished, 2 errored.
struct ExecutionState {
    GlobalState globalState;
    uint8 machineStatus;
}

/// @notice What a challenge's predecessor fixes for every step of it.
struct ExecutionContext {
    uint256 maxInboxMessagesRead;
    address bridge;
    bytes32 initialWasmModuleRoot;
}

/// @title What a challenge manager of Arbitrum BoLD asks of its machine, re-declared.
/// @notice `getStartMachineHash`, which the challenge manager never calls, is left out.
interface IOneStepProofEntry {
    /// @notice Executes one step.
    /// @param context What the challenge's predecessor fixes.
    /// @param machineStep Steps since the block's beginning.
    /// @param beforeHash Machine hash before the step.
    /// @param proof What else the step takes.
    /// @return afterHash Machine hash after it.
    function proveOneStep(
        ExecutionContext calldata context,
        uint256 machineStep,
        bytes32 beforeHash,
        bytes calldata proof
    ) external view returns (bytes32 afterHash);

    /// @notice Machine hash of a state between two blocks.
    /// @param state Finished or errored.
    function getMachineHash(ExecutionState calldata state) external view returns (bytes32);
}
