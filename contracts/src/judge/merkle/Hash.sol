// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Node hashes (docs/proof-format.md, table of tags).
/// @notice Every preimage ends in a one-byte tag, so that kinds of nodes cannot be mistaken for one another.
library Hash {
    uint256 internal constant STATE = 0x02;
    uint256 internal constant PROGRAM = 0x03;
    uint256 internal constant CONFIGURATION = 0x04;

    /// @dev keccak256(left ‖ right ‖ tag). The tag lies in the first byte of the free memory pointer, which is zero
    /// before and after. Equals keccak256(abi.encodePacked(left, right, uint8(tag))).
    function node(bytes32 left, bytes32 right, uint256 tag) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            mstore8(0x40, tag)
            result := keccak256(0x00, 0x41)
            mstore8(0x40, 0)
        }
    }

    function state(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return node(left, right, STATE);
    }

    function program(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return node(left, right, PROGRAM);
    }
}
