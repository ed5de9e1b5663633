// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What a fault dispute game of the OP Stack asks of its machine, re-declared.
/// @notice A claim is a state's hash with the machine's status in place of its first byte.
interface IBigStepper {
    /// @notice Executes one step.
    /// @param stateData Preimage of the claim before the step, whose first byte the game does not compare.
    /// @param proof What else the step takes.
    /// @param localContext Hash of the two outputs between which the step lies (docs/adapters.md section 2).
    /// @return postState Claim after the step.
    function step(
        bytes calldata stateData,
        bytes calldata proof,
        bytes32 localContext
    ) external returns (bytes32 postState);

    /// @notice Oracle of preimages.
    function oracle() external view returns (address);
}

/// @title What the adapter reads of the game that calls it.
interface IOutputGame {
    /// @notice Output root that the game starts from.
    function startingRootHash() external view returns (bytes32);

    /// @notice Its number.
    function startingBlockNumber() external view returns (uint256);

    /// @notice Number of the output that the root claim is about.
    function l2BlockNumber() external view returns (uint256);

    /// @notice Depth of the leaves of the bisection over outputs.
    function splitDepth() external view returns (uint256);

    /// @notice Seconds since 1970 when the game was created.
    function createdAt() external view returns (uint64);
}
