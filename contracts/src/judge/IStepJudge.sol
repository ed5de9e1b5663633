// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Registers of a machine state, as proven by a register proof (docs/proof-format.md section 2).
struct Registers {
    uint8 status;
    uint8 trap;
    uint32 pc;
    uint32 sp;
    uint32 fp;
    uint32 depth;
    uint16 era;
    uint64 stepCounter;
    uint64 fuelCounter;
    uint64 fuelLimit;
    uint32 inputLength;
}

/// @title The one place where the game and the machine meet.
/// @notice A judge knows how a machine state follows from another; it keeps no state of its own.
interface IStepJudge {
    /// @notice Executes the one step that follows `preState`.
    /// @param preState State hash before the step.
    /// @param witness Canonical witness of the step (docs/proof-format.md section 4).
    /// @return postState State hash after it; equal to `preState` if the machine had halted.
    function step(
        bytes32 preState,
        bytes calldata witness
    ) external view returns (bytes32 postState);

    /// @notice Begins a gateway call on an input.
    /// @param preState State hash before the call.
    /// @param inputRoot Merkle root of the input's bytes.
    /// @param inputLength Length of the input in bytes.
    /// @param witness Begin witness (docs/proof-format.md section 6).
    /// @return postState State hash at the first step of the call.
    /// @return programRoot Program root that both states commit to.
    function begin(
        bytes32 preState,
        bytes32 inputRoot,
        uint32 inputLength,
        bytes calldata witness
    ) external view returns (bytes32 postState, bytes32 programRoot);

    /// @notice The genesis state of a program, which its root commits to.
    /// @param witness code ‖ arrays ‖ configuration (docs/proof-format.md section 6).
    /// @return state State hash before the program's first step.
    /// @return programRoot Program root.
    function genesis(
        bytes calldata witness
    ) external view returns (bytes32 state, bytes32 programRoot);

    /// @notice Proves the registers of a state.
    /// @param state State hash.
    /// @param proof Register proof, 128 bytes (docs/proof-format.md section 2).
    function registers(
        bytes32 state,
        bytes calldata proof
    ) external view returns (Registers memory);
}
