// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Machine} from "../state/Machine.sol";

/// @notice Leaves of one Merkle array that the witness has proven, and what is needed to commit to their new contents.
struct Opening {
    uint256 depth;
    /// Leaf indices, ascending.
    uint256[] indices;
    /// Memory position of the leaves, 128 bytes each, one after another.
    uint256 leaves;
    /// Calldata position of the siblings.
    uint256 siblings;
    /// Truncation: in the new root every sibling wholly to the right of this leaf is zero.
    uint256 lastLeaf;
}

/// @title Openings of Merkle arrays (docs/proof-format.md sections 1 and 3).
/// @notice `open` proves the leaves against a root, `commit` gives the root of their new contents; both fold the same
/// siblings, read from calldata where they stand.
/// Invariant: a root has one opening for a set of leaves. An absent sibling is zero, a present one is not, and the bits
/// of a group beyond the last sibling are zero.
library MerkleArray {
    /// @notice The leaves and siblings of an opening do not give the array's root.
    error RootMismatch(bytes32 expected, bytes32 actual);
    /// @notice A step needs a leaf that the array cannot have.
    error LeafOutOfRange(uint256 leaf, uint256 depth);
    /// @notice A step looked at a leaf that its opening does not hold.
    error LeafNotOpened(uint256 leaf);
    /// @notice A sibling that the group marks as present is zero.
    error ZeroSibling(uint256 position);
    /// @notice A group marks siblings beyond the last one.
    error UnusedGroupBits(uint256 group);

    uint256 private constant LEAF_BYTES = 128;
    uint256 private constant GROUP_SIBLINGS = 64;
    uint256 private constant GROUP_BYTES = 8;
    uint256 private constant NO_TRUNCATION = type(uint256).max;

    /// @dev The unread siblings of an opening.
    struct Siblings {
        uint256 cursor;
        uint256 group;
        uint256 count;
    }

    /// @dev Reads an opening of the leaves from the witness and proves it against the root.
    function open(
        Machine memory m,
        bytes32 root,
        uint256 depth,
        uint256[] memory indices
    ) internal pure returns (Opening memory o) {
        uint256 highest = indices[indices.length - 1];
        if (highest >> depth != 0) revert LeafOutOfRange(highest, depth);
        o.depth = depth;
        o.indices = indices;
        o.lastLeaf = NO_TRUNCATION;
        uint256 size = indices.length * LEAF_BYTES;
        uint256 cursor = m.cursor;
        uint256 leaves;
        assembly ("memory-safe") {
            // One word more than the leaves: reads and writes of a word at their last bytes stay inside.
            leaves := mload(0x40)
            mstore(0x40, add(leaves, add(size, 0x20)))
            calldatacopy(leaves, cursor, size)
        }
        o.leaves = leaves;
        o.siblings = cursor + size;
        bytes32 actual;
        (actual, m.cursor) = _fold(o);
        if (actual != root) revert RootMismatch(root, actual);
    }

    /// @dev Root of the array with the leaves' present contents.
    function commit(Opening memory o) internal pure returns (bytes32 root) {
        (root, ) = _fold(o);
    }

    /// @dev Makes every byte at or beyond `keep` zero. The leaf that holds byte keep − 1 must be open; keep > 0.
    function truncate(Opening memory o, uint256 keep) internal pure {
        unchecked {
            o.lastLeaf = (keep - 1) / LEAF_BYTES;
            for (uint256 i = o.indices.length; i > 0; --i) {
                uint256 leaf = o.indices[i - 1];
                if (leaf < o.lastLeaf) return;
                uint256 kept = leaf == o.lastLeaf ? keep - leaf * LEAF_BYTES : 0;
                uint256 from = o.leaves + (i - 1) * LEAF_BYTES + kept;
                assembly ("memory-safe") {
                    // Calldata beyond its end reads as zero.
                    calldatacopy(from, calldatasize(), sub(128, kept))
                }
            }
        }
    }

    /// @dev Memory position of a byte of the array. Leaves that follow one another in the array do so in memory.
    function pointer(Opening memory o, uint256 position) internal pure returns (uint256) {
        unchecked {
            uint256 leaf = position / LEAF_BYTES;
            for (uint256 i = 0; i < o.indices.length; ++i) {
                if (o.indices[i] == leaf) {
                    return o.leaves + i * LEAF_BYTES + (position % LEAF_BYTES);
                }
            }
            revert LeafNotOpened(leaf);
        }
    }

    /// @dev Root over the opened leaves and the siblings, and the calldata position after the last sibling.
    function _fold(Opening memory o) private pure returns (bytes32, uint256) {
        if (o.indices.length != 1 || o.lastLeaf != NO_TRUNCATION) return _foldAny(o);
        uint256 start = o.siblings + GROUP_BYTES;
        return _climbFast(_leafHash(o.leaves), o.indices[0], o.depth, start, _group(o.siblings));
    }

    /// @dev As `_fold`, for any opening.
    function _foldAny(Opening memory o) private pure returns (bytes32 root, uint256) {
        Siblings memory siblings = Siblings(o.siblings, 0, 0);
        uint256 index;
        uint256 level;
        (root, index, level) = _merge(o, siblings);
        uint256 left = o.depth - level;
        uint256 used = siblings.count % GROUP_SIBLINGS;
        if (o.lastLeaf == NO_TRUNCATION && used + left <= GROUP_SIBLINGS) {
            uint256 start = siblings.cursor;
            uint256 group = siblings.group;
            if (used == 0 && left > 0) (start, group) = (start + GROUP_BYTES, _group(start));
            return _climbFast(root, index, left, start, group);
        }
        root = _climb(root, index, level, o, siblings);
        if (siblings.group != 0) revert UnusedGroupBits(siblings.group);
        return (root, siblings.cursor);
    }

    /// @dev Folds several leaves, level by level, until one node is left: that node, its index and its level.
    function _merge(
        Opening memory o,
        Siblings memory siblings
    ) private pure returns (bytes32, uint256, uint256) {
        unchecked {
            uint256 known = o.indices.length;
            uint256[] memory indices = new uint256[](known);
            bytes32[] memory nodes = new bytes32[](known);
            for (uint256 i = 0; i < known; ++i) {
                indices[i] = o.indices[i];
                nodes[i] = _leafHash(o.leaves + i * LEAF_BYTES);
            }
            uint256 level = 0;
            for (; known > 1; ++level) {
                uint256 parents = 0;
                for (uint256 i = 0; i < known; ++i) {
                    uint256 index = indices[i];
                    bytes32 node = nodes[i];
                    if (index & 1 == 0 && i + 1 < known && indices[i + 1] == index + 1) {
                        node = _parent(node, nodes[++i]);
                    } else {
                        bytes32 sibling = _next(siblings);
                        if (index ^ 1 > o.lastLeaf >> level) sibling = 0;
                        node = index & 1 == 0 ? _parent(node, sibling) : _parent(sibling, node);
                    }
                    indices[parents] = index >> 1;
                    nodes[parents++] = node;
                }
                known = parents;
            }
            return (nodes[0], indices[0], level);
        }
    }

    /// @dev Folds one node up to the root, as any opening can be folded.
    function _climb(
        bytes32 node,
        uint256 index,
        uint256 level,
        Opening memory o,
        Siblings memory siblings
    ) private pure returns (bytes32) {
        unchecked {
            uint256 depth = o.depth;
            uint256 last = o.lastLeaf >> level;
            for (; level < depth; ++level) {
                bytes32 sibling = _next(siblings);
                if (index & 1 == 1) node = _parent(sibling, node);
                else node = _parent(node, index < last ? sibling : bytes32(0));
                index >>= 1;
                last >>= 1;
            }
            return node;
        }
    }

    /// @dev The common case, in assembly: what `_climb` does if nothing is truncated and no further group begins.
    /// `group` is what is left of the present one. The two loops are the levels up to the last sibling or right turn,
    /// and those above, where the node is the left child of every parent and has no sibling.
    function _climbFast(
        bytes32 node,
        uint256 index,
        uint256 levels,
        uint256 start,
        uint256 group
    ) private pure returns (bytes32 root, uint256 cursor) {
        bool zeroSibling;
        bool unusedBits;
        assembly ("memory-safe") {
            root := node
            cursor := start
            let height := sub(256, clz(or(group, index)))
            unusedBits := gt(height, levels)
            levels := sub(levels, height)
            // A bit above the index marks where the first loop ends.
            index := or(index, shl(height, 1))
            // The tag of an inner node, in the first byte of the free memory pointer, which is zero before and after.
            mstore8(0x40, 1)
            for {} gt(index, 1) {
                index := shr(1, index)
                group := shr(1, group)
            } {
                let right := shl(5, and(index, 1))
                switch and(group, 1)
                case 0 {
                    if iszero(root) {
                        continue
                    }
                    mstore(xor(right, 0x20), 0)
                }
                default {
                    let sibling := calldataload(cursor)
                    zeroSibling := or(zeroSibling, iszero(sibling))
                    cursor := add(cursor, 0x20)
                    mstore(xor(right, 0x20), sibling)
                }
                mstore(right, root)
                root := keccak256(0x00, 0x41)
            }
            if and(gt(root, 0), iszero(unusedBits)) {
                mstore(0x20, 0)
                for {} gt(levels, 3) {
                    levels := sub(levels, 4)
                } {
                    mstore(0x00, root)
                    mstore(0x00, keccak256(0x00, 0x41))
                    mstore(0x00, keccak256(0x00, 0x41))
                    mstore(0x00, keccak256(0x00, 0x41))
                    root := keccak256(0x00, 0x41)
                }
                for {} levels {
                    levels := sub(levels, 1)
                } {
                    mstore(0x00, root)
                    root := keccak256(0x00, 0x41)
                }
            }
            mstore8(0x40, 0)
        }
        if (zeroSibling) revert ZeroSibling(start);
        if (unusedBits) revert UnusedGroupBits(group);
    }

    /// @dev The next sibling of an opening.
    function _next(Siblings memory siblings) private pure returns (bytes32 sibling) {
        unchecked {
            uint256 cursor = siblings.cursor;
            if (siblings.count % GROUP_SIBLINGS == 0) {
                siblings.group = _group(cursor);
                cursor += GROUP_BYTES;
            }
            ++siblings.count;
            if (siblings.group & 1 == 1) {
                assembly ("memory-safe") {
                    sibling := calldataload(cursor)
                }
                if (sibling == 0) revert ZeroSibling(cursor);
                cursor += 32;
            }
            siblings.group >>= 1;
            siblings.cursor = cursor;
        }
    }

    /// @dev The marks of up to 64 siblings.
    function _group(uint256 cursor) private pure returns (uint256 group) {
        assembly ("memory-safe") {
            group := shr(192, calldataload(cursor))
        }
    }

    /// @dev keccak256(leaf ‖ 0x00), or 0 for a leaf of zeros.
    function _leafHash(uint256 leaf) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            if or(
                or(mload(leaf), mload(add(leaf, 32))),
                or(mload(add(leaf, 64)), mload(add(leaf, 96)))
            ) {
                // The tag takes the place of the byte behind the leaf for a moment.
                let behind := mload(add(leaf, 128))
                mstore8(add(leaf, 128), 0)
                hash := keccak256(leaf, 129)
                mstore(add(leaf, 128), behind)
            }
        }
    }

    /// @dev keccak256(left ‖ right ‖ 0x01), or 0 if both are 0.
    function _parent(bytes32 left, bytes32 right) private pure returns (bytes32 hash) {
        if (left | right == 0) return 0;
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            mstore8(0x40, 1)
            hash := keccak256(0x00, 0x41)
            mstore8(0x40, 0)
        }
    }
}
