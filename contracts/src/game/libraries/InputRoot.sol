// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {INPUT} from "../../judge/generated/Arrays.sol";

/// @title Root of an input's bytes (docs/proof-format.md sections 1 and 7); twin of src/merkle/commitment/inputRoot.ts.
/// @notice Leaves of 128 bytes, zero-extended; zero leaves and nodes of zeros hash to zero.
library InputRoot {
    uint256 private constant LEAF_BYTES = 128;

    function rootOf(bytes calldata input) internal pure returns (bytes32) {
        uint256 count = (input.length + LEAF_BYTES - 1) / LEAF_BYTES;
        if (count == 0) return 0;
        bytes32[] memory nodes = new bytes32[](count + 1);
        for (uint256 i = 0; i < count; ++i) {
            uint256 start = i * LEAF_BYTES;
            uint256 end = start + LEAF_BYTES < input.length ? start + LEAF_BYTES : input.length;
            nodes[i] = leaf(input[start:end]);
        }
        for (uint256 depth = uint8(INPUT >> 8); depth > 0; --depth) {
            nodes[count] = 0;
            count = (count + 1) >> 1;
            for (uint256 i = 0; i < count; ++i) nodes[i] = node(nodes[2 * i], nodes[2 * i + 1]);
        }
        return nodes[0];
    }

    /// @dev keccak256(bytes, zero-extended ‖ 0x00), or 0.
    function leaf(bytes calldata content) private pure returns (bytes32 result) {
        bytes memory preimage = new bytes(LEAF_BYTES + 1);
        assembly ("memory-safe") {
            let start := add(preimage, 32)
            calldatacopy(start, content.offset, content.length)
            let words := or(
                or(mload(start), mload(add(start, 32))),
                or(mload(add(start, 64)), mload(add(start, 96)))
            )
            if words {
                result := keccak256(start, 129)
            }
            // The memory is free again: the next leaf takes the same place.
            mstore(0x40, preimage)
        }
    }

    /// @dev keccak256(left ‖ right ‖ 0x01), or 0 of two zeros.
    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        if (left == 0 && right == 0) return 0;
        return keccak256(abi.encodePacked(left, right, uint8(1)));
    }
}
