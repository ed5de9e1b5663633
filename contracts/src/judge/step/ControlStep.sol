// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BRANCHES, FRAMES, FUNCTIONS} from "../generated/Arrays.sol";
import {ControlDispatch} from "../generated/ControlDispatch.sol";
import {
    TRAP_CALL_STACK_EXHAUSTED,
    TRAP_INDIRECT_CALL_TYPE_MISMATCH,
    TRAP_NONE,
    TRAP_UNDEFINED_ELEMENT,
    TRAP_UNINITIALIZED_ELEMENT,
    TRAP_UNREACHABLE
} from "../generated/Opcodes.sol";
import {LeafSet} from "../merkle/LeafSet.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MachineArrays} from "../state/MachineArrays.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";
import {Stack} from "../state/Stack.sol";
import {Witness} from "../merkle/Witness.sol";
import {HALTED_PC, Machine, RETURNED} from "../state/Machine.sol";

/// @title Control instructions: branches, calls, returns (docs/machine.md section 7).
contract ControlStep is ControlDispatch {
    using Leaves for Multiproof;
    using MerkleArray for Multiproof;
    using Witness for Machine;

    /// @notice The label that the witness claims is not the one that the index on the stack selects.
    error LabelMismatch(uint256 claimed, uint256 selected);

    uint256 private constant FRAMES_A_LEAF = 16;
    uint256 private constant ENTRY_BYTES = 8;
    uint256 private constant FUNCTION_BYTES = 16;
    uint256 private constant LEAF_BYTES = 128;
    uint256 private constant ENTRIES_A_LEAF = 16;

    /// @dev What a call needs to know of its callee.
    struct Callee {
        uint256 entry;
        uint256 params;
        uint256 locals;
        uint256 frame;
    }

    // Nothing

    function _unreachable(Machine memory) internal pure override returns (uint256) {
        return TRAP_UNREACHABLE;
    }

    function _nop(Machine memory) internal pure override returns (uint256) {
        return TRAP_NONE;
    }

    // Branches

    function _if(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        if (uint32(o.slot(top)) == 0) m.nextPc = m.a;
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
        return TRAP_NONE;
    }

    function _else(Machine memory m) internal pure override returns (uint256) {
        m.nextPc = m.a;
        return TRAP_NONE;
    }

    function _br(Machine memory m) internal pure override returns (uint256) {
        Stack.close(m, Stack.openMove(m, 0, m.c, m.fp + m.b));
        m.nextPc = m.a;
        return TRAP_NONE;
    }

    function _brIf(Machine memory m) internal pure override returns (uint256) {
        Stack.Move memory move = Stack.openMove(m, 1, m.c, m.fp + m.b);
        if (uint32(move.multiproof.slot(m.sp - 1)) == 0) {
            Stack.pop(m, move);
        } else {
            Stack.close(m, move);
            m.nextPc = m.a;
        }
        return TRAP_NONE;
    }

    function _brTable(Machine memory m) internal pure override returns (uint256) {
        uint256 label = m.u32();
        uint256 position = (m.a + label) * ENTRY_BYTES;
        uint256[] memory leaves = LeafSet.one(position / LEAF_BYTES);
        Multiproof memory branches = MerkleArray.open(m, BRANCHES, leaves);
        uint256 entry = branches.bigEndian(position, ENTRY_BYTES);
        uint256 target = entry >> 32;
        uint256 height = uint16(entry >> 16);
        uint256 arity = uint16(entry);

        Stack.Move memory move = Stack.openMove(m, 1, arity, m.fp + height);
        uint256 selected = uint32(move.multiproof.slot(m.sp - 1));
        if (selected > m.b) selected = m.b;
        if (selected != label) revert LabelMismatch(label, selected);
        Stack.close(m, move);
        m.nextPc = target;
        return TRAP_NONE;
    }

    // Returns

    function _return(Machine memory m) internal pure override returns (uint256) {
        Stack.close(m, Stack.openMove(m, 0, m.a, m.fp));
        if (m.depth == 0) {
            (m.status, m.nextPc, m.fp) = (RETURNED, HALTED_PC, 0);
            return TRAP_NONE;
        }
        --m.depth;
        Multiproof memory frames = _openFrame(m);
        uint256 frame = frames.slot(m.depth);
        frames.setSlot(m.depth, 0);
        MerkleArray.commit(m, frames);
        m.nextPc = uint32(frame);
        m.fp = frame >> 32;
        return TRAP_NONE;
    }

    // Calls

    function _call(Machine memory m) internal pure override returns (uint256) {
        return _enterCall(m, _directCallee(m));
    }

    function _callIndirect(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        (uint256 trap, Callee memory callee) = _resolve(m, o.slot(top));
        if (trap != TRAP_NONE) return trap;
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
        return _enterCall(m, callee);
    }

    function _returnCall(Machine memory m) internal pure override returns (uint256) {
        Callee memory callee = _directCallee(m);
        if (m.fp + callee.frame > m.stackLimit) return TRAP_CALL_STACK_EXHAUSTED;
        return _enter(m, Stack.openMove(m, 0, callee.params, m.fp), callee);
    }

    function _returnCallIndirect(Machine memory m) internal pure override returns (uint256) {
        Stack.Move memory move = Stack.openMove(m, 1, m.c, m.fp);
        uint256 index = move.multiproof.slot(m.sp - 1);
        (uint256 trap, Callee memory callee) = _resolve(m, index);
        if (trap != TRAP_NONE) return trap;
        if (m.fp + callee.frame > m.stackLimit) return TRAP_CALL_STACK_EXHAUSTED;
        return _enter(m, move, callee);
    }

    /// @dev The callee that the instruction of a direct call names.
    function _directCallee(Machine memory m) private pure returns (Callee memory) {
        return Callee(m.a, m.b >> 16, uint16(m.b), m.c);
    }

    function _enterCall(Machine memory m, Callee memory callee) private pure returns (uint256) {
        uint256 newFp = m.sp - callee.params;
        if (m.depth >= m.frameLimit || newFp + callee.frame > m.stackLimit) {
            return TRAP_CALL_STACK_EXHAUSTED;
        }
        Multiproof memory frames = _openFrame(m);
        frames.setSlot(m.depth, (m.pc + 1) | (m.fp << 32));
        MerkleArray.commit(m, frames);
        ++m.depth;
        m.fp = newFp;
        m.sp = newFp + callee.locals;
        m.nextPc = callee.entry;
        return TRAP_NONE;
    }

    /// @dev Moves the arguments down to fp and enters the callee in the caller's place.
    function _enter(
        Machine memory m,
        Stack.Move memory move,
        Callee memory callee
    ) private pure returns (uint256) {
        Stack.close(m, move);
        m.sp = m.fp + callee.locals;
        m.nextPc = callee.entry;
        return TRAP_NONE;
    }

    /// @dev The callee of an indirect call through entry `index` of the instruction's table, or the trap that stands in its way.
    function _resolve(
        Machine memory m,
        uint256 index
    ) private pure returns (uint256 trap, Callee memory callee) {
        if (index >= MachineArrays.tableSize(m, m.a)) return (TRAP_UNDEFINED_ELEMENT, callee);
        uint256 position = MachineArrays.tablePosition(m.a, index);
        // Functions have no high word.
        uint256 ref = uint32(
            MachineArrays.entry(
                MachineArrays.openTables(m, LeafSet.one(position / ENTRIES_A_LEAF)),
                position
            )
        );
        if (ref == 0) return (TRAP_UNINITIALIZED_ELEMENT, callee);

        position = (ref - 1) * FUNCTION_BYTES;
        uint256[] memory leaves = LeafSet.one(position / LEAF_BYTES);
        Multiproof memory functions = MerkleArray.open(m, FUNCTIONS, leaves);
        // type id u32, entry pc u32, params u16, locals u16, frame u32
        uint256 functionEntry = functions.bigEndian(position, FUNCTION_BYTES);
        if (functionEntry >> 96 != m.b) return (TRAP_INDIRECT_CALL_TYPE_MISMATCH, callee);
        callee = Callee(
            uint32(functionEntry >> 64),
            uint16(functionEntry >> 48),
            uint16(functionEntry >> 32),
            uint32(functionEntry)
        );
    }

    // Primitives

    /// @dev Opens the leaf of the frame at index `depth`.
    function _openFrame(Machine memory m) private pure returns (Multiproof memory) {
        uint256[] memory leaves = LeafSet.one(m.depth / FRAMES_A_LEAF);
        return MerkleArray.open(m, FRAMES, leaves);
    }
}
