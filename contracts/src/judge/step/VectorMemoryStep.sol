// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CONSTANTS} from "../generated/Arrays.sol";
import {TRAP_NONE, TRAP_OUT_OF_BOUNDS_MEMORY, TRAP_OUT_OF_FUEL} from "../generated/Opcodes.sol";
import {VectorMemoryDispatch} from "../generated/VectorMemoryDispatch.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";
import {Lanes} from "../numeric/Lanes.sol";
import {Machine} from "../state/Machine.sol";
import {MachineArrays} from "../state/MachineArrays.sol";
import {Stack} from "../state/Stack.sol";

/// @title Loads and stores of vectors and of their lanes, and vector constants (docs/machine.md sections 5 and 7).
/// @notice Invariant: bounds are checked before a chunk is charged, and a chunk is charged before a byte is written. 16
/// bytes may lie in two leaves and in two chunks.
contract VectorMemoryStep is VectorMemoryDispatch {
    using Leaves for Multiproof;

    uint256 private constant VECTOR_BYTES = 16;

    // Constants

    function _v128Const(Machine memory m) internal pure override returns (uint256) {
        Multiproof memory o = Stack.open(m, m.sp, m.sp + 1);
        uint256 position = m.a * VECTOR_BYTES;
        Multiproof memory constants = MachineArrays.openBytes(m, CONSTANTS, position, VECTOR_BYTES);
        o.setVector(m.sp, _read(constants, position, VECTOR_BYTES));
        Stack.commit(m, o);
        m.sp += 2;
        return TRAP_NONE;
    }

    // Loads

    function _load(
        Machine memory m,
        uint256 width,
        function(uint256) internal pure returns (uint256) kernel
    ) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, m.sp);
        (bool inside, uint256 position) = MachineArrays.access(m, o.slot(top), width);
        if (!inside) return TRAP_OUT_OF_BOUNDS_MEMORY;
        uint256 value = _read(MachineArrays.openMemory(m, position, width), position, width);
        o.setVector(top, kernel(value));
        Stack.commit(m, o);
        ++m.sp;
        return TRAP_NONE;
    }

    function _loadLane(Machine memory m, uint256 width) internal pure override returns (uint256) {
        uint256 base = m.sp - 3;
        Multiproof memory o = Stack.open(m, base, m.sp - 1);
        (bool inside, uint256 position) = MachineArrays.access(m, o.slot(base), width);
        if (!inside) return TRAP_OUT_OF_BOUNDS_MEMORY;
        uint256 lane = _read(MachineArrays.openMemory(m, position, width), position, width);
        o.setVector(base, Lanes.set(o.vector(base + 1), m.c, 8 * width, lane));
        o.setSlot(base + 2, 0);
        Stack.commit(m, o);
        m.sp = base + 2;
        return TRAP_NONE;
    }

    // Stores

    function _store(Machine memory m, uint256 width) internal pure override returns (uint256) {
        uint256 base = m.sp - 3;
        Multiproof memory o = Stack.open(m, base, m.sp - 1);
        (bool inside, uint256 position) = MachineArrays.access(m, o.slot(base), width);
        if (!inside) return TRAP_OUT_OF_BOUNDS_MEMORY;
        if (!MachineArrays.markDirty(m, position, width)) return TRAP_OUT_OF_FUEL;
        Multiproof memory bytes_ = MachineArrays.openMemory(m, position, width);
        // A whole vector is its only lane of 128 bits.
        _write(bytes_, position, width, Lanes.get(o.vector(base + 1), m.c, 8 * width));
        MerkleArray.commit(m, bytes_);
        for (uint256 slot = base; slot < m.sp; ++slot) o.setSlot(slot, 0);
        Stack.commit(m, o);
        m.sp = base;
        return TRAP_NONE;
    }

    // Primitives

    /// @dev The `width` ≤ 16 bytes at a position as a little-endian number.
    function _read(
        Multiproof memory o,
        uint256 position,
        uint256 width
    ) private pure returns (uint256) {
        if (width < VECTOR_BYTES) return o.load(position, width);
        return o.load(position, 8) | (o.load(position + 8, 8) << 64);
    }

    /// @dev Writes the low `width` ≤ 16 bytes of a value at a position, little-endian.
    function _write(
        Multiproof memory o,
        uint256 position,
        uint256 width,
        uint256 value
    ) private pure {
        if (width < VECTOR_BYTES) return o.store(position, width, value);
        o.store(position, 8, value);
        o.store(position + 8, 8, value >> 64);
    }
}
