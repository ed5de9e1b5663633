// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DATA, INPUT, MEMORY, OUTPUT} from "../generated/Arrays.sol";
import {BulkDispatch} from "../generated/BulkDispatch.sol";
import {
    TRAP_NONE,
    TRAP_OUT_OF_BOUNDS_INPUT,
    TRAP_OUT_OF_BOUNDS_MEMORY,
    TRAP_OUT_OF_BOUNDS_OUTPUT,
    TRAP_OUT_OF_FUEL,
    TRAP_UNKNOWN_HOST_FUNCTION
} from "../generated/Opcodes.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MachineArrays} from "../state/MachineArrays.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";
import {Operands, ThreeOperands} from "../state/ThreeOperands.sol";
import {Stack} from "../state/Stack.sol";
import {EXITED, HALTED_PC, Machine} from "../state/Machine.sol";

/// @title Bulk memory and host instructions (docs/machine.md sections 7 and 8).
/// @notice One step handles one piece, which lies within one leaf of the destination.
contract BulkStep is BulkDispatch {
    using Leaves for Multiproof;
    using MerkleArray for Multiproof;

    uint256 private constant LEAF_BYTES = 128;
    /// @dev Fuel in a millisecond.
    uint256 private constant FUEL_A_MS = 1_000_000;
    /// @dev Milliseconds that an era stands for: as many as its last call may reach, so that time never falls.
    uint256 private constant MS_AN_ERA = (2 ** 53 - 1) / FUEL_A_MS;

    // Segments

    function _dataDrop(Machine memory m) internal pure override returns (uint256) {
        return _dropSegment(m);
    }

    function _elemDrop(Machine memory m) internal pure override returns (uint256) {
        return _dropSegment(m);
    }

    function _dropSegment(Machine memory m) private pure returns (uint256) {
        Multiproof memory dropped = MachineArrays.openDropped(m, m.a);
        dropped.store(m.a, 1, 1);
        MerkleArray.commit(m, dropped);
        return TRAP_NONE;
    }

    function _memoryInit(Machine memory m) internal pure override returns (uint256) {
        Operands memory x = ThreeOperands.open(m);
        uint256 memoryIndex = m.a >> 24;
        uint256 size = MachineArrays.memoryBytes(m, memoryIndex);
        uint256 length = MachineArrays.isDropped(m, m.a & 0xffffff) ? 0 : m.c;
        if (x.second + x.n > length || x.d + x.n > size) return TRAP_OUT_OF_BOUNDS_MEMORY;
        return _read(m, x, memoryIndex, DATA, m.b + x.second);
    }

    // Memory

    function _memoryCopy(Machine memory m) internal pure override returns (uint256) {
        Operands memory x = ThreeOperands.open(m);
        Multiproof memory sizes = MachineArrays.openSizes(m, m.a, m.b);
        uint256 targetBytes = MachineArrays.size(sizes, m.a) * MachineArrays.PAGE_BYTES;
        uint256 sourceBytes = MachineArrays.size(sizes, m.b) * MachineArrays.PAGE_BYTES;
        if (x.d + x.n > targetBytes || x.second + x.n > sourceBytes) {
            return TRAP_OUT_OF_BOUNDS_MEMORY;
        }
        bool forward = m.a != m.b || x.d <= x.second;
        (uint256 length, uint256 offset) = ThreeOperands.piece(x, LEAF_BYTES, forward);
        if (length > 0) {
            uint256 to = MachineArrays.memoryPosition(m.a, x.d + offset);
            uint256 from = MachineArrays.memoryPosition(m.b, x.second + offset);
            if (!MachineArrays.markDirty(m, to, length)) return TRAP_OUT_OF_FUEL;
            uint256[] memory leaves = MachineArrays.copyLeaves(from, to, length, LEAF_BYTES);
            Multiproof memory o = MerkleArray.open(m, MEMORY, leaves);
            _copy(o.pointer(to), o.pointer(from), length);
            MerkleArray.commit(m, o);
        }
        ThreeOperands.advanceCopy(m, x, length, forward);
        return TRAP_NONE;
    }

    function _memoryFill(Machine memory m) internal pure override returns (uint256) {
        Operands memory x = ThreeOperands.open(m);
        if (x.d + x.n > MachineArrays.memoryBytes(m, m.a)) return TRAP_OUT_OF_BOUNDS_MEMORY;
        uint256 length = ThreeOperands.forwardPiece(x, LEAF_BYTES);
        if (length > 0) {
            uint256 to = MachineArrays.memoryPosition(m.a, x.d);
            if (!MachineArrays.markDirty(m, to, length)) return TRAP_OUT_OF_FUEL;
            Multiproof memory target = MachineArrays.openMemory(m, to, length);
            _fill(target.pointer(to), uint8(x.second), length);
            MerkleArray.commit(m, target);
        }
        ThreeOperands.advance(m, x, length, false);
        return TRAP_NONE;
    }

    // Host

    function _hostInputSize(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, m.inputLength);
        return TRAP_NONE;
    }

    function _hostInputRead(Machine memory m) internal pure override returns (uint256) {
        Operands memory x = ThreeOperands.open(m);
        if (x.second + x.n > m.inputLength) return TRAP_OUT_OF_BOUNDS_INPUT;
        uint256 size = m.b == 1 ? 0 : MachineArrays.memoryBytes(m, m.a);
        if (x.d + x.n > size) return TRAP_OUT_OF_BOUNDS_MEMORY;
        return _read(m, x, m.a, INPUT, x.second);
    }

    function _hostTimeMs(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, m.era * MS_AN_ERA + m.fuelCounter / FUEL_A_MS);
        return TRAP_NONE;
    }

    function _hostUnknown(Machine memory) internal pure override returns (uint256) {
        return TRAP_UNKNOWN_HOST_FUNCTION;
    }

    /// @dev Operands: source, length. b = 1: the module has no memory; c: most bytes of output.
    function _hostOutputWrite(Machine memory m) internal pure override returns (uint256) {
        uint256 base = m.sp - 2;
        Multiproof memory o = Stack.open(m, base, base + 1);
        uint256 from = uint32(o.slot(base));
        uint256 rest = uint32(o.slot(base + 1));
        if (m.outputLength + rest > m.c) return TRAP_OUT_OF_BOUNDS_OUTPUT;
        uint256 size = m.b == 1 ? 0 : MachineArrays.memoryBytes(m, m.a);
        if (from + rest > size) return TRAP_OUT_OF_BOUNDS_MEMORY;
        uint256 length = LEAF_BYTES - (m.outputLength % LEAF_BYTES);
        if (rest < length) length = rest;
        if (length > 0) _append(m, MachineArrays.memoryPosition(m.a, from), length);
        if (length == rest) {
            o.setSlot(base, 0);
            o.setSlot(base + 1, 0);
            m.sp = base;
        } else {
            o.setSlot(base, from + length);
            o.setSlot(base + 1, rest - length);
            m.nextPc = m.pc;
        }
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    /// @dev The code becomes the only slot; nothing else but the frames changes.
    function _hostExit(Machine memory m) internal pure override returns (uint256) {
        Stack.close(m, Stack.openMove(m, 0, 1, 0));
        (m.status, m.nextPc, m.fp, m.depth) = (EXITED, HALTED_PC, 0, 0);
        return TRAP_NONE;
    }

    /// @dev A piece of a copy into a memory from another array, forward.
    function _read(
        Machine memory m,
        Operands memory x,
        uint256 memoryIndex,
        uint256 sourceArray,
        uint256 from
    ) private pure returns (uint256) {
        uint256 length = ThreeOperands.forwardPiece(x, LEAF_BYTES);
        if (length > 0) {
            uint256 to = MachineArrays.memoryPosition(memoryIndex, x.d);
            if (!MachineArrays.markDirty(m, to, length)) return TRAP_OUT_OF_FUEL;
            Multiproof memory source = MachineArrays.openBytes(m, sourceArray, from, length);
            Multiproof memory target = MachineArrays.openMemory(m, to, length);
            _copy(target.pointer(to), source.pointer(from), length);
            MerkleArray.commit(m, target);
        }
        ThreeOperands.advance(m, x, length, true);
        return TRAP_NONE;
    }

    // Primitives

    /// @dev Copies bytes of memory to the end of the output.
    function _append(Machine memory m, uint256 from, uint256 length) private pure {
        uint256 to = m.outputLength;
        Multiproof memory source = MachineArrays.openMemory(m, from, length);
        Multiproof memory target = MachineArrays.openBytes(m, OUTPUT, to, length);
        _copy(target.pointer(to), source.pointer(from), length);
        MerkleArray.commit(m, target);
        m.outputLength = to + length;
    }

    /// @dev Writes a byte to each of `length` places in memory.
    function _fill(uint256 to, uint256 value, uint256 length) private pure {
        assembly ("memory-safe") {
            for {
                let end := add(to, length)
            } lt(to, end) {
                to := add(to, 1)
            } {
                mstore8(to, value)
            }
        }
    }

    /// @dev Copies bytes within memory; the ranges may overlap.
    function _copy(uint256 to, uint256 from, uint256 length) private pure {
        assembly ("memory-safe") {
            mcopy(to, from, length)
        }
    }
}
