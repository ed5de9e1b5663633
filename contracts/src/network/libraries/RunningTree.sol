// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title CometBFT's Merkle tree over leaves that come one by one (RFC 6962 section 2.1).
/// @notice `peaks` are the roots of the full subtrees so far, largest first, one for each bit of the number of leaves.
/// Twin of src/history/sha256Tree.ts.
library RunningTree {
    /// @notice A tree that is being built.
    struct Tree {
        uint256 count;
        bytes32[] peaks;
    }

    /// @dev More leaves than any block has bytes.
    uint256 private constant MOST_PEAKS = 32;

    function empty() internal pure returns (Tree memory) {
        return Tree(0, new bytes32[](MOST_PEAKS));
    }

    /// @notice Adds a leaf by its bytes.
    function add(Tree memory tree, bytes memory leaf) internal pure {
        addHash(tree, leafHash(leaf));
    }

    /// @notice Adds a leaf by the hash of its bytes.
    function addHash(Tree memory tree, bytes32 hash) internal pure {
        uint256 top = height(tree);
        for (uint256 bits = tree.count; bits & 1 != 0; bits >>= 1) {
            --top;
            hash = node(tree.peaks[top], hash);
        }
        tree.peaks[top] = hash;
        ++tree.count;
    }

    /// @notice The root over all leaves so far.
    function root(Tree memory tree) internal pure returns (bytes32 hash) {
        uint256 top = height(tree);
        if (top == 0) return sha256("");
        hash = tree.peaks[--top];
        while (top > 0) hash = node(tree.peaks[--top], hash);
    }

    function leafHash(bytes memory leaf) internal pure returns (bytes32) {
        return sha256(bytes.concat(hex"00", leaf));
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(bytes.concat(hex"01", left, right));
    }

    /// @dev Number of peaks: of bits in the number of leaves.
    function height(Tree memory tree) private pure returns (uint256 bits) {
        for (uint256 rest = tree.count; rest != 0; rest &= rest - 1) ++bits;
    }
}
