// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleArray, Multiproof} from "./MerkleArray.sol";

/// @title Values in opened leaves.
/// @notice Positions are bytes of the array. Machine arrays are little-endian, program instructions big-endian
/// (docs/machine.md section 1).
library Leaves {
    using MerkleArray for Multiproof;

    /// @dev The `width` ≤ 32 bytes at a position as a big-endian number. They lie in leaves that follow one another.
    function bigEndian(
        Multiproof memory o,
        uint256 position,
        uint256 width
    ) internal pure returns (uint256 value) {
        uint256 start = o.pointer(position);
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, width)), mload(start))
        }
    }

    /// @dev The `width` ≤ 8 bytes at a position as a little-endian number.
    function load(
        Multiproof memory o,
        uint256 position,
        uint256 width
    ) internal pure returns (uint256) {
        unchecked {
            return reverse(bigEndian(o, position, width) << (64 - 8 * width));
        }
    }

    /// @dev Writes the low `width` ≤ 8 bytes of a value at a position, little-endian.
    function store(
        Multiproof memory o,
        uint256 position,
        uint256 width,
        uint256 value
    ) internal pure {
        uint256 start = o.pointer(position);
        uint256 reversed = reverse(value);
        assembly ("memory-safe") {
            let kept := shr(shl(3, width), not(0))
            let high := and(shl(192, reversed), not(kept))
            mstore(start, or(high, and(mload(start), kept)))
        }
    }

    /// @dev Slot of 8 bytes.
    function slot(Multiproof memory o, uint256 index) internal pure returns (uint256) {
        return load(o, index * 8, 8);
    }

    function setSlot(Multiproof memory o, uint256 index, uint256 value) internal pure {
        store(o, index * 8, 8, value);
    }

    /// @dev Vector of two slots, of which this is the first: the low half.
    function vector(Multiproof memory o, uint256 index) internal pure returns (uint256) {
        return slot(o, index) | (slot(o, index + 1) << 64);
    }

    function setVector(Multiproof memory o, uint256 index, uint256 value) internal pure {
        setSlot(o, index, value);
        setSlot(o, index + 1, value >> 64);
    }

    /// @dev The low 8 bytes of a value in reverse order.
    function reverse(uint256 x) internal pure returns (uint256) {
        x = ((x & 0x00ff00ff00ff00ff) << 8) | ((x >> 8) & 0x00ff00ff00ff00ff);
        x = ((x & 0x0000ffff0000ffff) << 16) | ((x >> 16) & 0x0000ffff0000ffff);
        return ((x & 0xffffffff) << 32) | ((x >> 32) & 0xffffffff);
    }
}
