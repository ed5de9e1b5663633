// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The arithmetic of the k-ary search (docs/game.md section 4.1.1).
/// @notice A segment of n steps is cut at σ(j) = ⌈j·n/m⌉, j = 1 … m − 1, with m = min(k, n) parts. A vector holds
/// the state hashes at these points. Its commitment is the Merkle root over it, padded with zeros to a power of
/// two, hashed once more; so the second mover proves where two vectors part with one hash and its right siblings.
library Search {
    error WrongVectorLength(uint256 expected, uint256 given);
    error WrongDivergence();

    function parts(uint256 steps, uint256 k) internal pure returns (uint256) {
        return steps < k ? steps : k;
    }

    function point(uint256 steps, uint256 m, uint256 j) internal pure returns (uint256) {
        return (j * steps + m - 1) / m;
    }

    /// @notice Commitment of a vector.
    function commitment(bytes32[] calldata vector) internal pure returns (bytes32) {
        uint256 width = paddedWidth(vector.length);
        bytes32[] memory nodes = new bytes32[](width);
        for (uint256 i = 0; i < vector.length; ++i) nodes[i] = vector[i];
        for (; width > 1; width >>= 1) pairUp(nodes, width);
        return hashRoot(nodes[0]);
    }

    /// @notice Commitment of a vector of which this is known: it begins with the first `index` entries of `own`,
    /// continues with `path[0]`, and what follows hashes to the right siblings `path[1…]`, lowest first.
    function commitmentAt(
        bytes32[] calldata own,
        uint256 index,
        bytes32[] calldata path
    ) internal pure returns (bytes32) {
        bytes32[] memory prefix = new bytes32[](index);
        for (uint256 i = 0; i < index; ++i) prefix[i] = own[i];
        bytes32 node = path[0];
        uint256 used = 1;
        for (uint256 width = paddedWidth(own.length); width > 1; width >>= 1) {
            if (index & 1 == 0) {
                if (used == path.length) revert WrongDivergence();
                node = hashPair(node, path[used++]);
            } else {
                node = hashPair(prefix[index - 1], node);
            }
            pairUp(prefix, index & ~uint256(1));
            index >>= 1;
        }
        if (used != path.length) revert WrongDivergence();
        return hashRoot(node);
    }

    /// @dev Least power of two that is not below `length`.
    function paddedWidth(uint256 length) private pure returns (uint256 width) {
        width = 1;
        while (width < length) width <<= 1;
    }

    /// @dev Replaces the first `count` (even) nodes by their count / 2 parents.
    function pairUp(bytes32[] memory nodes, uint256 count) private pure {
        for (uint256 i = 0; i < count; i += 2) nodes[i >> 1] = hashPair(nodes[i], nodes[i + 1]);
    }

    function hashPair(bytes32 left, bytes32 right) private pure returns (bytes32 result) {
        // keccak256(abi.encode(left, right)) in the scratch space.
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(32, right)
            result := keccak256(0, 64)
        }
    }

    /// @dev One more hash keeps a commitment of one entry from being that entry, which might be 0.
    function hashRoot(bytes32 node) private pure returns (bytes32 result) {
        // keccak256(abi.encode(node)) in the scratch space.
        assembly ("memory-safe") {
            mstore(0, node)
            result := keccak256(0, 32)
        }
    }
}
