// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AtomicDispatch} from "../generated/AtomicDispatch.sol";
import {
    TRAP_DEADLOCK,
    TRAP_NONE,
    TRAP_NOT_SHARED,
    TRAP_OUT_OF_BOUNDS_MEMORY,
    TRAP_OUT_OF_FUEL,
    TRAP_UNALIGNED
} from "../generated/Opcodes.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";
import {Machine} from "../state/Machine.sol";
import {MachineArrays} from "../state/MachineArrays.sol";
import {Stack} from "../state/Stack.sol";

/// @title Atomic instructions on a machine of one thread (docs/machine.md section 7).
/// @notice Invariant: bounds, then alignment, then the fuel of the chunk, then the write. What is compared and not equal
/// is written all the same, as what was there: an exchange is a write whatever it finds.
contract AtomicStep is AtomicDispatch {
    using Leaves for Multiproof;

    uint256 private constant NOT_EQUAL = 1;
    uint256 private constant TIMED_OUT = 2;
    /// @dev Sign of a timeout in nanoseconds: a wait without one has no end.
    uint256 private constant SIGN_I64 = 1 << 63;

    // Loads and stores

    function _load(Machine memory m, uint256 width) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        (uint256 trap, uint256 position) = _access(m, o.slot(top), width);
        if (trap != TRAP_NONE) return trap;
        o.setSlot(top, MachineArrays.openMemory(m, position, width).load(position, width));
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    function _store(Machine memory m, uint256 width) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        (uint256 trap, uint256 position) = _access(m, o.slot(top - 1), width);
        if (trap != TRAP_NONE) return trap;
        if (!MachineArrays.markDirty(m, position, width)) return TRAP_OUT_OF_FUEL;
        Multiproof memory bytes_ = MachineArrays.openMemory(m, position, width);
        bytes_.store(position, width, o.slot(top));
        MerkleArray.commit(m, bytes_);
        _result(m, o, 2, 0);
        m.sp = top - 1;
        return TRAP_NONE;
    }

    // Reads with a write

    /// @dev What stands there is the result; what the kernel makes of it and the operand is written.
    function _modify(
        Machine memory m,
        uint256 width,
        function(uint256, uint256) internal pure returns (uint256) kernel
    ) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        (uint256 trap, uint256 position) = _access(m, o.slot(top - 1), width);
        if (trap != TRAP_NONE) return trap;
        if (!MachineArrays.markDirty(m, position, width)) return TRAP_OUT_OF_FUEL;
        Multiproof memory bytes_ = MachineArrays.openMemory(m, position, width);
        uint256 read = bytes_.load(position, width);
        bytes_.store(position, width, kernel(read, _truncated(o.slot(top), width)));
        MerkleArray.commit(m, bytes_);
        _result(m, o, 2, read);
        return TRAP_NONE;
    }

    /// @dev Operands: address, what is expected, of which the low `width` bytes count, and what takes its place.
    function _compareExchange(
        Machine memory m,
        uint256 width
    ) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 2, top);
        (uint256 trap, uint256 position) = _access(m, o.slot(top - 2), width);
        if (trap != TRAP_NONE) return trap;
        if (!MachineArrays.markDirty(m, position, width)) return TRAP_OUT_OF_FUEL;
        Multiproof memory bytes_ = MachineArrays.openMemory(m, position, width);
        uint256 read = bytes_.load(position, width);
        bool expected = _truncated(o.slot(top - 1), width) == read;
        bytes_.store(position, width, expected ? o.slot(top) : read);
        MerkleArray.commit(m, bytes_);
        _result(m, o, 3, read);
        return TRAP_NONE;
    }

    // Waiting

    /// @dev Nobody waits, so nobody is woken.
    function _memoryAtomicNotify(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        (uint256 trap, ) = _access(m, o.slot(top - 1), 4);
        if (trap != TRAP_NONE) return trap;
        _result(m, o, 2, 0);
        return TRAP_NONE;
    }

    function _memoryAtomicWait32(Machine memory m) internal pure override returns (uint256) {
        return _wait(m, 4);
    }

    function _memoryAtomicWait64(Machine memory m) internal pure override returns (uint256) {
        return _wait(m, 8);
    }

    /// @dev Operands: address, what is expected, nanoseconds, none of which end the wait if they are negative. c = 1: the
    /// memory is not shared. Nobody can wake this thread, so a wait that begins ends by its time or never.
    function _wait(Machine memory m, uint256 width) private pure returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 2, top);
        (uint256 trap, uint256 position) = _access(m, o.slot(top - 2), width);
        if (trap != TRAP_NONE) return trap;
        if (m.c == 1) return TRAP_NOT_SHARED;
        uint256 read = MachineArrays.openMemory(m, position, width).load(position, width);
        bool expected = _truncated(o.slot(top - 1), width) == read;
        if (expected && o.slot(top) >= SIGN_I64) return TRAP_DEADLOCK;
        _result(m, o, 3, expected ? TIMED_OUT : NOT_EQUAL);
        return TRAP_NONE;
    }

    // Order

    /// @dev All that one thread does is in order.
    function _atomicFence(Machine memory) internal pure override returns (uint256) {
        return TRAP_NONE;
    }

    // Primitives

    /// @dev Position in the memories of an access to `width` bytes, or the trap that it ends in.
    function _access(
        Machine memory m,
        uint256 addr,
        uint256 width
    ) private pure returns (uint256 trap, uint256 position) {
        bool inside;
        (inside, position) = MachineArrays.access(m, addr, width);
        if (!inside) return (TRAP_OUT_OF_BOUNDS_MEMORY, position);
        // A memory begins at a multiple of every width.
        if (position % width != 0) return (TRAP_UNALIGNED, position);
    }

    /// @dev The low `width` bytes of a slot.
    function _truncated(uint256 value, uint256 width) private pure returns (uint256) {
        return value & ((1 << (8 * width)) - 1);
    }

    /// @dev Writes a result where the deepest of `pops` operands was.
    function _result(
        Machine memory m,
        Multiproof memory o,
        uint256 pops,
        uint256 value
    ) private pure {
        uint256 base = m.sp - pops;
        o.setSlot(base, value);
        for (uint256 slot = base + 1; slot < m.sp; ++slot) o.setSlot(slot, 0);
        Stack.commit(m, o);
        m.sp = base + 1;
    }
}
