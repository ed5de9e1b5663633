// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MemoryDispatch} from "../generated/MemoryDispatch.sol";
import {TRAP_NONE, TRAP_OUT_OF_BOUNDS_MEMORY, TRAP_OUT_OF_FUEL} from "../generated/Opcodes.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MachineArrays} from "../state/MachineArrays.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";
import {Stack} from "../state/Stack.sol";
import {Machine} from "../state/Machine.sol";

/// @title Loads, stores, memory size and growth (docs/machine.md section 7).
contract MemoryStep is MemoryDispatch {
    using Leaves for Multiproof;
    using MerkleArray for Multiproof;

    /// @dev b of a `memory.grow` instruction under the policy `fixed`, and what a failed growth pushes.
    uint256 private constant NEVER = 0xffffffff;
    uint256 private constant MINUS_ONE = 0xffffffff;
    uint256 private constant MINUS_ONE_I64 = 0xffffffffffffffff;
    /// @dev Pages that a growth gets for the fuel of one chunk.
    uint256 private constant GROWTH_PAGES = 256;

    // Loads and stores

    function _load(
        Machine memory m,
        uint256 width,
        bool signed,
        uint256 bits
    ) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        (bool inside, uint256 position) = MachineArrays.access(m, o.slot(top), width);
        if (!inside) return TRAP_OUT_OF_BOUNDS_MEMORY;
        uint256 value = MachineArrays.openMemory(m, position, width).load(position, width);
        if (signed) value = _signExtend(value, width, bits);
        o.setSlot(top, value);
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    function _store(Machine memory m, uint256 width) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        (bool inside, uint256 position) = MachineArrays.access(m, o.slot(top - 1), width);
        if (!inside) return TRAP_OUT_OF_BOUNDS_MEMORY;
        if (!MachineArrays.markDirty(m, position, width)) return TRAP_OUT_OF_FUEL;
        Multiproof memory bytes_ = MachineArrays.openMemory(m, position, width);
        bytes_.store(position, width, o.slot(top));
        MerkleArray.commit(m, bytes_);
        o.setSlot(top - 1, 0);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top - 1;
        return TRAP_NONE;
    }

    // Size and growth

    function _memorySize(Machine memory m) internal pure override returns (uint256) {
        Multiproof memory o = Stack.open(m, m.sp, m.sp);
        o.setSlot(m.sp, MachineArrays.size(MachineArrays.openSizes(m, m.a, m.a), m.a));
        Stack.commit(m, o);
        ++m.sp;
        return TRAP_NONE;
    }

    /// @dev c = 1: the result is an i64.
    function _memoryGrow(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        Multiproof memory sizes = MachineArrays.openSizes(m, m.a, m.a);
        uint256 old = MachineArrays.size(sizes, m.a);
        uint256 requested = o.slot(top);
        if (m.b == NEVER || old + requested > m.b) {
            o.setSlot(top, m.c == 1 ? MINUS_ONE_I64 : MINUS_ONE);
        } else {
            uint256 charged = (requested + GROWTH_PAGES - 1) / GROWTH_PAGES;
            if (!MachineArrays.chargeChunks(m, charged)) return TRAP_OUT_OF_FUEL;
            MachineArrays.setSize(m, sizes, m.a, old + requested);
            o.setSlot(top, old);
        }
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    // Primitives

    /// @dev The low `width` bytes of a value as a signed integer, in two's complement of `bits` bits.
    function _signExtend(
        uint256 value,
        uint256 width,
        uint256 bits
    ) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := and(signextend(sub(width, 1), value), sub(shl(bits, 1), 1))
        }
    }
}
