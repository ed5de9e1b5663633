// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ELEMENTS} from "../generated/Arrays.sol";
import {TableDispatch} from "../generated/TableDispatch.sol";
import {TRAP_NONE, TRAP_OUT_OF_BOUNDS_TABLE, TRAP_OUT_OF_FUEL} from "../generated/Opcodes.sol";
import {LeafSet} from "../merkle/LeafSet.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MachineArrays} from "../state/MachineArrays.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";
import {Operands, ThreeOperands} from "../state/ThreeOperands.sol";
import {Stack} from "../state/Stack.sol";
import {Machine} from "../state/Machine.sol";

/// @title Table instructions (docs/machine.md section 7).
/// @notice One step of a long one handles one piece, which lies within one leaf of the destination.
contract TableStep is TableDispatch {
    using Leaves for Multiproof;
    using MerkleArray for Multiproof;

    uint256 private constant LEAF_ENTRIES = 16;
    uint256 private constant ENTRY_BYTES = 8;
    uint256 private constant MINUS_ONE = 0xffffffff;
    uint256 private constant MINUS_ONE_I64 = 0xffffffffffffffff;

    // One entry

    function _tableGet(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        uint256 index = o.slot(top);
        if (index >= MachineArrays.tableSize(m, m.a)) return TRAP_OUT_OF_BOUNDS_TABLE;
        uint256 position = MachineArrays.tablePosition(m.a, index);
        o.setSlot(top, MachineArrays.entry(_openPiece(m, position), position));
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    function _tableSet(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        uint256 index = o.slot(top - 1);
        if (index >= MachineArrays.tableSize(m, m.a)) return TRAP_OUT_OF_BOUNDS_TABLE;
        if (!_chargeLeaf(m, 1)) return TRAP_OUT_OF_FUEL;
        _fill(m, MachineArrays.tablePosition(m.a, index), 1, o.slot(top));
        o.setSlot(top - 1, 0);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top - 1;
        return TRAP_NONE;
    }

    // Size and growth

    function _tableSize(Machine memory m) internal pure override returns (uint256) {
        Multiproof memory o = Stack.open(m, m.sp, m.sp);
        o.setSlot(m.sp, MachineArrays.tableSize(m, m.a));
        Stack.commit(m, o);
        ++m.sp;
        return TRAP_NONE;
    }

    /// @dev The slot of n holds (rest, done) in its low and high word between the steps.
    function _tableGrow(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        uint256 value = o.slot(top - 1);
        uint256 rest = uint32(o.slot(top));
        uint256 done = o.slot(top) >> 32;
        uint256 element = MachineArrays.TABLE_SIZES + m.a;
        Multiproof memory sizes = MachineArrays.openSizes(m, element, element);
        uint256 size = MachineArrays.size(sizes, element);

        uint256 result;
        if (done == 0 && size + rest > m.b) {
            (rest, result) = (0, MINUS_ONE);
        } else {
            (uint256 length, bool isPaid) = _growBy(m, sizes, size, rest, value);
            if (!isPaid) return TRAP_OUT_OF_FUEL;
            (rest, done) = (rest - length, done + length);
            result = size + length - done;
        }

        if (rest > 0) {
            o.setSlot(top, rest | (done << 32));
            m.nextPc = m.pc;
        } else {
            o.setSlot(top - 1, result);
            o.setSlot(top, 0);
            m.sp = top;
        }
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    /// @dev The first step of a growth by n, which has all 64 bits; what remains of it is `table.grow.rest`'s, the next
    /// instruction.
    function _tableGrowI64(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        uint256 value = o.slot(top - 1);
        uint256 count = o.slot(top);
        uint256 element = MachineArrays.TABLE_SIZES + m.a;
        Multiproof memory sizes = MachineArrays.openSizes(m, element, element);
        uint256 size = MachineArrays.size(sizes, element);

        uint256 length = count;
        uint256 result = size;
        if (size + count > m.b) {
            result = MINUS_ONE_I64;
        } else {
            bool isPaid;
            (length, isPaid) = _growBy(m, sizes, size, count, value);
            if (!isPaid) return TRAP_OUT_OF_FUEL;
        }

        if (length < count) {
            o.setSlot(top, (count - length) | (length << 32));
        } else {
            o.setSlot(top - 1, result);
            o.setSlot(top, 0);
            m.sp = top;
            m.nextPc = m.pc + 2;
        }
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    /// @dev Pieces of a growth whose first one `table.grow.i64` has done: the slot of n holds (rest, done).
    function _tableGrowRest(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        uint256 rest = uint32(o.slot(top));
        uint256 done = o.slot(top) >> 32;
        uint256 element = MachineArrays.TABLE_SIZES + m.a;
        Multiproof memory sizes = MachineArrays.openSizes(m, element, element);
        uint256 size = MachineArrays.size(sizes, element);
        (uint256 length, bool isPaid) = _growBy(m, sizes, size, rest, o.slot(top - 1));
        if (!isPaid) return TRAP_OUT_OF_FUEL;
        if (length < rest) {
            o.setSlot(top, (rest - length) | ((done + length) << 32));
            m.nextPc = m.pc;
        } else {
            o.setSlot(top - 1, size - done);
            o.setSlot(top, 0);
            m.sp = top;
        }
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    /// @dev One piece of a growth by `rest` from `size` on; its length, 0 if nothing is to be done, and whether fuel
    /// suffices: if not, nothing is done.
    function _growBy(
        Machine memory m,
        Multiproof memory sizes,
        uint256 size,
        uint256 rest,
        uint256 value
    ) private pure returns (uint256 length, bool isPaid) {
        uint256 room = LEAF_ENTRIES - (size % LEAF_ENTRIES);
        length = rest < room ? rest : room;
        isPaid = _chargeLeaf(m, length);
        if (!isPaid || length == 0) return (length, isPaid);
        _fill(m, MachineArrays.tablePosition(m.a, size), length, value);
        MachineArrays.setSize(m, sizes, MachineArrays.TABLE_SIZES + m.a, size + length);
    }

    // Many entries

    function _tableInit(Machine memory m) internal pure override returns (uint256) {
        Operands memory x = ThreeOperands.open(m);
        uint256 tableIndex = m.a >> 24;
        uint256 size = MachineArrays.tableSize(m, tableIndex);
        uint256 count = MachineArrays.isDropped(m, m.a & 0xffffff) ? 0 : m.c;
        if (x.second + x.n > count || x.d + x.n > size) return TRAP_OUT_OF_BOUNDS_TABLE;
        uint256 length = ThreeOperands.forwardPiece(x, LEAF_ENTRIES);
        if (!_chargeLeaf(m, length)) return TRAP_OUT_OF_FUEL;
        if (length > 0) {
            uint256 from = m.b + x.second;
            Multiproof memory elements = MachineArrays.openBytes(
                m,
                ELEMENTS,
                from * ENTRY_BYTES,
                length * ENTRY_BYTES
            );
            uint256 to = MachineArrays.tablePosition(tableIndex, x.d);
            Multiproof memory entries = _openPiece(m, to);
            _copy(entries.pointer(to * ENTRY_BYTES), elements.pointer(from * ENTRY_BYTES), length);
            MerkleArray.commit(m, entries);
        }
        ThreeOperands.advance(m, x, length, true);
        return TRAP_NONE;
    }

    function _tableCopy(Machine memory m) internal pure override returns (uint256) {
        Operands memory x = ThreeOperands.open(m);
        uint256 target = MachineArrays.TABLE_SIZES + m.a;
        uint256 source = MachineArrays.TABLE_SIZES + m.b;
        Multiproof memory sizes = MachineArrays.openSizes(m, target, source);
        if (
            x.d + x.n > MachineArrays.size(sizes, target) ||
            x.second + x.n > MachineArrays.size(sizes, source)
        ) return TRAP_OUT_OF_BOUNDS_TABLE;
        bool forward = m.a != m.b || x.d <= x.second;
        (uint256 length, uint256 offset) = ThreeOperands.piece(x, LEAF_ENTRIES, forward);
        if (!_chargeLeaf(m, length)) return TRAP_OUT_OF_FUEL;
        if (length > 0) {
            uint256 to = MachineArrays.tablePosition(m.a, x.d + offset);
            uint256 from = MachineArrays.tablePosition(m.b, x.second + offset);
            Multiproof memory o = MachineArrays.openTables(
                m,
                MachineArrays.copyLeaves(from, to, length, LEAF_ENTRIES)
            );
            _copy(o.pointer(to * ENTRY_BYTES), o.pointer(from * ENTRY_BYTES), length);
            MerkleArray.commit(m, o);
        }
        ThreeOperands.advanceCopy(m, x, length, forward);
        return TRAP_NONE;
    }

    function _tableFill(Machine memory m) internal pure override returns (uint256) {
        Operands memory x = ThreeOperands.open(m);
        if (x.d + x.n > MachineArrays.tableSize(m, m.a)) return TRAP_OUT_OF_BOUNDS_TABLE;
        uint256 length = ThreeOperands.forwardPiece(x, LEAF_ENTRIES);
        if (!_chargeLeaf(m, length)) return TRAP_OUT_OF_FUEL;
        // A reference has both words of its slot.
        uint256 ref = x.multiproof.slot(m.sp - 2);
        if (length > 0) _fill(m, MachineArrays.tablePosition(m.a, x.d), length, ref);
        ThreeOperands.advance(m, x, length, false);
        return TRAP_NONE;
    }

    // Primitives

    /// @dev Charges the leaf of a piece of so many entries, which is about to be written, as a chunk. False if fuel does
    /// not suffice: then nothing is charged.
    function _chargeLeaf(Machine memory m, uint256 length) private pure returns (bool) {
        return length == 0 || MachineArrays.chargeChunks(m, 1);
    }

    /// @dev Opens the leaf of a table position.
    function _openPiece(
        Machine memory m,
        uint256 position
    ) private pure returns (Multiproof memory) {
        return MachineArrays.openTables(m, LeafSet.one(position / LEAF_ENTRIES));
    }

    /// @dev Writes a reference to `length` entries from a position on, all in one leaf.
    function _fill(Machine memory m, uint256 position, uint256 length, uint256 ref) private pure {
        Multiproof memory entries = _openPiece(m, position);
        for (uint256 i = 0; i < length; ++i) {
            entries.store((position + i) * ENTRY_BYTES, ENTRY_BYTES, ref);
        }
        MerkleArray.commit(m, entries);
    }

    /// @dev Copies entries within memory; the ranges may overlap.
    function _copy(uint256 to, uint256 from, uint256 length) private pure {
        assembly ("memory-safe") {
            mcopy(to, from, shl(3, length))
        }
    }
}
