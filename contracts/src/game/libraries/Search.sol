// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The arithmetic of the k-ary search (docs/game.md section 4.1.1).
/// @notice A segment of n steps is cut at σ(j) = ⌈j·n/m⌉, j = 1 … m − 1, with m = min(k, n) parts. A vector holds
/// the state hashes at these points. Its commitment is the Merkle root over the parts, each the hash of its first and
/// last state, padded with zeros to a power of two: so a part is shown by two hashes and its siblings.
library Search {
    error WrongVectorLength(uint256 expected, uint256 given);
    error WrongDivergence();

    function parts(uint256 steps, uint256 k) internal pure returns (uint256) {
        return steps < k ? steps : k;
    }

    function point(uint256 steps, uint256 m, uint256 j) internal pure returns (uint256) {
        return (j * steps + m - 1) / m;
    }

    /// @notice Commitment of a vector, between the states in which the segment begins and ends.
    function commitment(
        bytes32 start,
        bytes32[] calldata vector,
        bytes32 end
    ) internal pure returns (bytes32) {
        uint256 width = paddedWidth(vector.length + 1);
        bytes32[] memory nodes = new bytes32[](width);
        // nodes[i] = hashPair(state i, state i + 1), without the checks of bounds: half of a move's computation.
        assembly ("memory-safe") {
            let target := add(nodes, 32)
            mstore(0, start)
            for {
                let i := 0
            } lt(i, vector.length) {
                i := add(i, 1)
            } {
                let state := calldataload(add(vector.offset, shl(5, i)))
                mstore(32, state)
                mstore(target, keccak256(0, 64))
                mstore(0, state)
                target := add(target, 32)
            }
            mstore(32, end)
            mstore(target, keccak256(0, 64))
        }
        for (; width > 1; width >>= 1) {
            // nodes[i] = hashPair(nodes[2i], nodes[2i + 1]), level by level in place.
            assembly ("memory-safe") {
                let source := add(nodes, 32)
                let target := source
                for {
                    let limit := add(source, shl(5, width))
                } lt(source, limit) {
                    source := add(source, 64)
                } {
                    mstore(target, keccak256(source, 64))
                    target := add(target, 32)
                }
            }
        }
        return nodes[0];
    }

    /// @notice Commitment of a vector of `m` parts of which one and its siblings, lowest first, are known.
    /// @dev The caller has checked that `index` is below `m`. The path's length is that of the tree's depth, so an inner
    /// node is never taken for a part.
    function commitmentAt(
        uint256 m,
        uint256 index,
        bytes32[2] calldata part,
        bytes32[] calldata path
    ) internal pure returns (bytes32 node) {
        if (paddedWidth(m) != uint256(1) << path.length) revert WrongDivergence();
        node = hashPair(part[0], part[1]);
        for (uint256 i = 0; i < path.length; ++i) {
            node = index & 1 == 0 ? hashPair(node, path[i]) : hashPair(path[i], node);
            index >>= 1;
        }
    }

    /// @dev Least power of two that is not below `length`.
    function paddedWidth(uint256 length) private pure returns (uint256 width) {
        width = 1;
        while (width < length) width <<= 1;
    }

    function hashPair(bytes32 left, bytes32 right) private pure returns (bytes32 result) {
        // keccak256(abi.encode(left, right)) in the scratch space.
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(32, right)
            result := keccak256(0, 64)
        }
    }
}
