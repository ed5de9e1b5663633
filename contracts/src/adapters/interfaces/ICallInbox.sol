// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The inputs of a chain of calls, in order (docs/adapters.md section 1).
/// @notice Invariant: an input that is there never changes; input n is that of the call which follows n calls.
interface ICallInbox {
    /// @notice An input.
    /// @param index Number of inputs before it; must be less than `count`.
    /// @return root Merkle root of its bytes (docs/proof-format.md section 7).
    /// @return length Its bytes.
    /// @return time Seconds since 1970 when it was added.
    function inputAt(
        uint256 index
    ) external view returns (bytes32 root, uint32 length, uint64 time);

    /// @notice Number of inputs.
    function count() external view returns (uint256);
}
