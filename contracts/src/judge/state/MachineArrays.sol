// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DIRTY, DROPPED, MEMORY, SIZES, TABLES} from "../generated/Arrays.sol";
import {Machine} from "./Machine.sol";
import {LeafSet} from "../merkle/LeafSet.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";

/// @title Memories, tables, their sizes, dropped segments and the dirty map (docs/proof-format.md section 1).
/// @notice Several memories share one array, and so do several tables; a *position* names a byte or an entry in it.
library MachineArrays {
    using MerkleArray for Multiproof;
    using Leaves for Multiproof;

    uint256 internal constant LEAF_BYTES = 128;
    uint256 internal constant LEAF_ENTRIES = 16;
    uint256 internal constant ENTRY_BYTES = 8;
    uint256 private constant LEAF_SIZES = 32;
    uint256 private constant SIZE_BYTES = 4;
    uint256 internal constant PAGE_BYTES = 65536;
    /// @dev A memory's pages are element `memory` of sizes, a table's entries element 256 + `table`.
    uint256 internal constant TABLE_SIZES = 256;
    /// @dev In field b of an access: its static offset is 2^32 or more, so that it is out of bounds.
    uint256 private constant BEYOND_ADDRESSES = 0x80000000;
    uint256 private constant CHUNK_BYTES = 4096;
    uint256 private constant CHUNKS_A_LEAF = 1024;

    function memoryPosition(uint256 memoryIndex, uint256 addr) internal pure returns (uint256) {
        return (memoryIndex << 32) + addr;
    }

    function tablePosition(uint256 tableIndex, uint256 index) internal pure returns (uint256) {
        return (tableIndex << 24) + index;
    }

    /// @dev Opens the sizes of two memories or tables, which may be the same.
    function openSizes(
        Machine memory m,
        uint256 x,
        uint256 y
    ) internal pure returns (Multiproof memory) {
        uint256[] memory leaves = LeafSet.two(x / LEAF_SIZES, y / LEAF_SIZES);
        return MerkleArray.open(m, SIZES, leaves);
    }

    function size(Multiproof memory sizes, uint256 element) internal pure returns (uint256) {
        return sizes.load(element * SIZE_BYTES, SIZE_BYTES);
    }

    function setSize(
        Machine memory m,
        Multiproof memory sizes,
        uint256 element,
        uint256 value
    ) internal pure {
        sizes.store(element * SIZE_BYTES, SIZE_BYTES, value);
        MerkleArray.commit(m, sizes);
    }

    /// @dev Bytes of one memory.
    function memoryBytes(Machine memory m, uint256 memoryIndex) internal pure returns (uint256) {
        return size(openSizes(m, memoryIndex, memoryIndex), memoryIndex) * PAGE_BYTES;
    }

    /// @dev Entries of one table.
    function tableSize(Machine memory m, uint256 tableIndex) internal pure returns (uint256) {
        uint256 element = TABLE_SIZES + tableIndex;
        return size(openSizes(m, element, element), element);
    }

    /// @dev Position in the memories of an access to `width` bytes whose address, with all its bits, is in a slot, and
    /// whether they lie inside the instruction's memory.
    function access(
        Machine memory m,
        uint256 addr,
        uint256 width
    ) internal pure returns (bool inside, uint256 position) {
        unchecked {
            uint256 memoryIndex = m.b & ~BEYOND_ADDRESSES;
            addr += m.a;
            inside = addr + width <= memoryBytes(m, memoryIndex) && m.b < BEYOND_ADDRESSES;
            position = memoryPosition(memoryIndex, addr);
        }
    }

    /// @dev Opens the leaves of the bytes [position, position + length) of the memories; 0 < length ≤ 128.
    function openMemory(
        Machine memory m,
        uint256 position,
        uint256 length
    ) internal pure returns (Multiproof memory) {
        return openBytes(m, MEMORY, position, length);
    }

    function openTables(
        Machine memory m,
        uint256[] memory leaves
    ) internal pure returns (Multiproof memory) {
        return MerkleArray.open(m, TABLES, leaves);
    }

    /// @dev Reference at a table position whose leaf the multiproof holds.
    function entry(Multiproof memory tables, uint256 position) internal pure returns (uint256) {
        return tables.load(position * ENTRY_BYTES, ENTRY_BYTES);
    }

    /// @dev Opens the leaves of the bytes [position, position + length) of any array; 0 < length ≤ 128.
    function openBytes(
        Machine memory m,
        uint256 array,
        uint256 position,
        uint256 length
    ) internal pure returns (Multiproof memory) {
        uint256[] memory leaves = LeafSet.two(
            position / LEAF_BYTES,
            (position + length - 1) / LEAF_BYTES
        );
        return MerkleArray.open(m, array, leaves);
    }

    /// @dev The leaves of a copy's source [from, from + length) and of its piece at `to`, in units of `unit` a leaf.
    function copyLeaves(
        uint256 from,
        uint256 to,
        uint256 length,
        uint256 unit
    ) internal pure returns (uint256[] memory leaves) {
        leaves = new uint256[](3);
        uint256 known = LeafSet.insert(leaves, 0, from / unit);
        known = LeafSet.insert(leaves, known, (from + length - 1) / unit);
        known = LeafSet.insert(leaves, known, to / unit);
        LeafSet.cut(leaves, known);
    }

    function openDropped(
        Machine memory m,
        uint256 segment
    ) internal pure returns (Multiproof memory) {
        return openBytes(m, DROPPED, segment, 1);
    }

    function isDropped(Machine memory m, uint256 segment) internal pure returns (bool) {
        return openDropped(m, segment).load(segment, 1) != 0;
    }

    /// @dev Charges so many chunks (docs/machine.md section 5, rule 4). False if fuel does not suffice: then nothing is
    /// charged.
    function chargeChunks(Machine memory m, uint256 count) internal pure returns (bool) {
        unchecked {
            uint256 charge = count * m.chunkFuel;
            if (m.fuelCounter + m.cost + charge > m.fuelLimit) return false;
            m.fuelCounter += charge;
            return true;
        }
    }

    /// @dev Charges and marks the clean chunks among the bytes that a step is about to write. False if fuel does not
    /// suffice: then nothing is charged or marked.
    function markDirty(
        Machine memory m,
        uint256 position,
        uint256 length
    ) internal pure returns (bool) {
        unchecked {
            uint256 first = position / CHUNK_BYTES;
            uint256 last = (position + length - 1) / CHUNK_BYTES;
            uint256[] memory leaves = LeafSet.two(first / CHUNKS_A_LEAF, last / CHUNKS_A_LEAF);
            Multiproof memory dirty = MerkleArray.open(m, DIRTY, leaves);
            uint256 clean = 0;
            for (uint256 chunk = first; chunk <= last; ++chunk) {
                uint256 flags = dirty.load(chunk / 8, 1);
                uint256 bit = 1 << (chunk % 8);
                if (flags & bit == 0) ++clean;
                dirty.store(chunk / 8, 1, flags | bit);
            }
            if (!chargeChunks(m, clean)) return false;
            if (clean > 0) MerkleArray.commit(m, dirty);
            return true;
        }
    }
}
