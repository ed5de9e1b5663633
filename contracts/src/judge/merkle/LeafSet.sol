// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Sets of leaf indices, as multiproofs take them (docs/proof-format.md section 3).
/// @notice Invariant: ascending, each leaf once.
library LeafSet {
    function one(uint256 leaf) internal pure returns (uint256[] memory indices) {
        indices = new uint256[](1);
        indices[0] = leaf;
    }

    /// @dev The set of two leaves, which may be the same.
    function two(uint256 x, uint256 y) internal pure returns (uint256[] memory indices) {
        if (x == y) return one(x);
        indices = new uint256[](2);
        (indices[0], indices[1]) = x < y ? (x, y) : (y, x);
    }

    /// @dev Adds a leaf to an ascending set that has room for it and holds `count` leaves; the new count.
    function insert(
        uint256[] memory indices,
        uint256 count,
        uint256 leaf
    ) internal pure returns (uint256) {
        unchecked {
            uint256 i = count;
            for (; i > 0 && indices[i - 1] >= leaf; --i) {
                if (indices[i - 1] == leaf) return count;
            }
            for (uint256 j = count; j > i; --j) indices[j] = indices[j - 1];
            indices[i] = leaf;
            return count + 1;
        }
    }

    /// @dev Cuts a set to the `count` leaves that it holds.
    function cut(uint256[] memory indices, uint256 count) internal pure {
        assembly ("memory-safe") {
            mstore(indices, count)
        }
    }
}
