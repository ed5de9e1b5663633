// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CODE_DEPTH, FIRST_LEAF} from "../generated/Arrays.sol";
import {Machine} from "../state/Machine.sol";

/// @notice Leaves of one Merkle array that the witness shows, and what is needed to commit to their new contents.
struct Multiproof {
    /// Number, depth and path of the array (generated/Arrays.sol).
    uint256 array;
    /// Leaf indices, ascending.
    uint256[] indices;
    /// Memory position of the leaves, 128 bytes each, one after another.
    uint256 leaves;
    /// Calldata position of the siblings.
    uint256 siblings;
    /// Truncation: in the new root every sibling wholly to the right of this leaf is zero.
    uint256 lastLeaf;
}

/// @title Multiproofs of Merkle arrays (docs/proof-format.md sections 1 and 3).
/// @notice `open` computes the root that the leaves belong to, `commit` the root of their new contents; both fold the
/// same siblings, read from calldata where they stand. Roots are proven when the step ends (StateTree).
/// Invariant: a root has one multiproof for a set of leaves. An absent sibling is zero, a present one is not, and the bits
/// of a segment beyond its last level are zero.
library MerkleArray {
    /// @notice A step opened an array twice.
    error OpenedTwice(uint256 array);
    /// @notice A step needs a leaf that the array cannot have.
    error LeafOutOfRange(uint256 leaf, uint256 depth);
    /// @notice A step looked at a leaf that its multiproof does not hold.
    error LeafNotOpened(uint256 leaf);
    /// @notice A sibling that its segment marks as present is zero.
    error ZeroSibling(uint256 position);
    /// @notice A segment marks siblings beyond its last level.
    error UnusedSegmentBits(uint256 bits);

    uint256 private constant LEAF_BYTES = 128;
    uint256 private constant BITS_BYTES = 8;
    uint256 private constant NO_TRUNCATION = type(uint256).max;

    /// @dev Reads a multiproof of the leaves from the witness. What it shows is proven when the step ends.
    function open(
        Machine memory m,
        uint256 array,
        uint256[] memory indices
    ) internal pure returns (Multiproof memory o) {
        uint256 number = uint8(array);
        if ((m.opened >> (FIRST_LEAF + number)) & 1 == 1) revert OpenedTwice(array);
        m.opened |= array >> 16;
        bytes32 root;
        (o, root) = _read(m, array, indices);
        m.before[number] = root;
        m.roots[number] = root;
    }

    /// @dev Reads the multiproof of one leaf of `code`, which every witness has.
    function openCode(Machine memory m, uint256 leaf) internal pure returns (uint256 leaves) {
        uint256[] memory indices = new uint256[](1);
        indices[0] = leaf;
        Multiproof memory o;
        (o, m.codeRoot) = _read(m, CODE_DEPTH << 8, indices);
        return o.leaves;
    }

    /// @dev Makes the leaves' present contents those of the array.
    function commit(Machine memory m, Multiproof memory o) internal pure {
        (m.roots[uint8(o.array)], ) = _fold(o);
    }

    function _read(
        Machine memory m,
        uint256 array,
        uint256[] memory indices
    ) private pure returns (Multiproof memory o, bytes32 root) {
        uint256 highest = indices[indices.length - 1];
        uint256 depth = uint8(array >> 8);
        if (highest >> depth != 0) revert LeafOutOfRange(highest, depth);
        o.array = array;
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
        (root, m.cursor) = _fold(o);
    }

    /// @dev Makes every byte at or beyond `keep` zero. The leaf that holds byte keep − 1 must be open; keep > 0.
    function truncate(Multiproof memory o, uint256 keep) internal pure {
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
    function pointer(Multiproof memory o, uint256 position) internal pure returns (uint256) {
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
    function _fold(Multiproof memory o) private pure returns (bytes32, uint256) {
        uint256 depth = uint8(o.array >> 8);
        if (o.indices.length == 1) {
            return _climb(o, _leafHash(o.leaves), o.indices[0], 0, depth, o.siblings);
        }
        return _foldRange(o, 0, o.indices.length, depth, o.siblings);
    }

    /// @dev Folds the opened leaves [from, to) up to their common node at level `top`, left half before right half.
    function _foldRange(
        Multiproof memory o,
        uint256 from,
        uint256 to,
        uint256 top,
        uint256 cursor
    ) private pure returns (bytes32 node, uint256) {
        unchecked {
            uint256 first = o.indices[from];
            uint256 level = 0;
            if (to - from == 1) {
                node = _leafHash(o.leaves + from * LEAF_BYTES);
            } else {
                uint256 split = first ^ o.indices[to - 1];
                assembly ("memory-safe") {
                    level := sub(255, clz(split))
                }
                split = from + 1;
                while ((o.indices[split] ^ first) >> level == 0) ++split;
                bytes32 right;
                (node, cursor) = _foldRange(o, from, split, level, cursor);
                (right, cursor) = _foldRange(o, split, to, level, cursor);
                node = _parent(node, right);
                ++level;
            }
            return _climb(o, node, first >> level, level, top, cursor);
        }
    }

    /// @dev Folds one segment: a node at a level, by its siblings, up to level `top`.
    function _climb(
        Multiproof memory o,
        bytes32 node,
        uint256 index,
        uint256 level,
        uint256 top,
        uint256 cursor
    ) private pure returns (bytes32, uint256) {
        unchecked {
            if (level == top) return (node, cursor);
            uint256 bits;
            assembly ("memory-safe") {
                bits := shr(192, calldataload(cursor))
            }
            cursor += BITS_BYTES;
            if (o.lastLeaf != NO_TRUNCATION) {
                return _climbTruncated(node, index, top - level, cursor, bits, o.lastLeaf >> level);
            }
            index &= (1 << (top - level)) - 1;
            return _climbFast(node, index, top - level, cursor, bits);
        }
    }

    /// @dev As `_climbFast`, where siblings to the right of node `last` count as zero: right ones, and left ones where the
    /// node itself lies beyond it (values that a branch carries over others).
    function _climbTruncated(
        bytes32 node,
        uint256 index,
        uint256 levels,
        uint256 cursor,
        uint256 bits,
        uint256 last
    ) private pure returns (bytes32, uint256) {
        unchecked {
            for (; levels > 0; --levels) {
                bytes32 sibling = 0;
                if (bits & 1 == 1) {
                    assembly ("memory-safe") {
                        sibling := calldataload(cursor)
                    }
                    cursor += 32;
                }
                if (index ^ 1 > last) sibling = 0;
                node = index & 1 == 1 ? _parent(sibling, node) : _parent(node, sibling);
                index >>= 1;
                last >>= 1;
                bits >>= 1;
            }
            return (node, cursor);
        }
    }

    /// @dev Folds a node up `levels` levels; `bits` tells at which of them a sibling stands. The two loops are the
    /// levels up to the last sibling or right turn, and those above, where the node is the left child of every parent
    /// and has no sibling.
    function _climbFast(
        bytes32 node,
        uint256 index,
        uint256 levels,
        uint256 start,
        uint256 bits
    ) private pure returns (bytes32 root, uint256 cursor) {
        bool zeroSibling;
        bool unusedBits;
        assembly ("memory-safe") {
            root := node
            cursor := start
            let height := sub(256, clz(or(bits, index)))
            unusedBits := gt(height, levels)
            levels := sub(levels, height)
            // A bit above the index marks where the first loop ends.
            index := or(index, shl(height, 1))
            // The tag of an inner node, in the first byte of the free memory pointer, which is zero before and after.
            mstore8(0x40, 1)
            for {} gt(index, 1) {
                index := shr(1, index)
                bits := shr(1, bits)
            } {
                let right := shl(5, and(index, 1))
                switch and(bits, 1)
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
        if (unusedBits) revert UnusedSegmentBits(bits);
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
