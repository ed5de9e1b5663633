// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {GLOBALS} from "../generated/Arrays.sol";
import {ParametricDispatch} from "../generated/ParametricDispatch.sol";
import {TRAP_NONE} from "../generated/Opcodes.sol";
import {LeafSet} from "../merkle/LeafSet.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";
import {Stack} from "../state/Stack.sol";
import {Machine} from "../state/Machine.sol";

/// @title Parametric instructions, constants, variables and references
/// (WebAssembly core specification 2.0, sections 4.4.2 to 4.4.5).
contract ParametricStep is ParametricDispatch {
    using Leaves for Multiproof;
    using MerkleArray for Multiproof;

    uint256 private constant SLOTS_A_LEAF = 16;

    // Parametric

    function _drop(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
        return TRAP_NONE;
    }

    function _select(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 2, top);
        if (uint32(o.slot(top)) == 0) o.setSlot(top - 2, o.slot(top - 1));
        o.setSlot(top - 1, 0);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top - 1;
        return TRAP_NONE;
    }

    function _dropV128(Machine memory m) internal pure override returns (uint256) {
        uint256 base = m.sp - 2;
        Multiproof memory o = Stack.open(m, base, base + 1);
        o.setVector(base, 0);
        Stack.commit(m, o);
        m.sp = base;
        return TRAP_NONE;
    }

    function _selectV128(Machine memory m) internal pure override returns (uint256) {
        uint256 base = m.sp - 5;
        Multiproof memory o = Stack.open(m, base, base + 4);
        if (uint32(o.slot(base + 4)) == 0) o.setVector(base, o.vector(base + 2));
        o.setVector(base + 2, 0);
        o.setSlot(base + 4, 0);
        Stack.commit(m, o);
        m.sp = base + 2;
        return TRAP_NONE;
    }

    // Locals

    function _localGet(Machine memory m) internal pure override returns (uint256) {
        uint256 local = m.fp + m.a;
        Multiproof memory o = Stack.open(m, local, m.sp);
        o.setSlot(m.sp, o.slot(local));
        Stack.commit(m, o);
        ++m.sp;
        return TRAP_NONE;
    }

    function _localSet(Machine memory m) internal pure override returns (uint256) {
        uint256 local = m.fp + m.a;
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, local, top);
        o.setSlot(local, o.slot(top));
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
        return TRAP_NONE;
    }

    function _localTee(Machine memory m) internal pure override returns (uint256) {
        uint256 local = m.fp + m.a;
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, local, top);
        o.setSlot(local, o.slot(top));
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    function _localGetV128(Machine memory m) internal pure override returns (uint256) {
        uint256 local = m.fp + m.a;
        Multiproof memory o = Stack.openVectors(m, local, m.sp);
        o.setVector(m.sp, o.vector(local));
        Stack.commit(m, o);
        m.sp += 2;
        return TRAP_NONE;
    }

    function _localSetV128(Machine memory m) internal pure override returns (uint256) {
        uint256 local = m.fp + m.a;
        uint256 base = m.sp - 2;
        Multiproof memory o = Stack.openVectors(m, local, base);
        o.setVector(local, o.vector(base));
        o.setVector(base, 0);
        Stack.commit(m, o);
        m.sp = base;
        return TRAP_NONE;
    }

    function _localTeeV128(Machine memory m) internal pure override returns (uint256) {
        uint256 local = m.fp + m.a;
        uint256 base = m.sp - 2;
        Multiproof memory o = Stack.openVectors(m, local, base);
        o.setVector(local, o.vector(base));
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    // Globals

    function _globalGet(Machine memory m) internal pure override returns (uint256) {
        Multiproof memory o = Stack.open(m, m.sp, m.sp);
        o.setSlot(m.sp, _openGlobals(m, 1).slot(m.a));
        Stack.commit(m, o);
        ++m.sp;
        return TRAP_NONE;
    }

    function _globalSet(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        Multiproof memory globals = _openGlobals(m, 1);
        globals.setSlot(m.a, o.slot(top));
        MerkleArray.commit(m, globals);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
        return TRAP_NONE;
    }

    function _globalGetV128(Machine memory m) internal pure override returns (uint256) {
        Multiproof memory o = Stack.open(m, m.sp, m.sp + 1);
        o.setVector(m.sp, _openGlobals(m, 2).vector(m.a));
        Stack.commit(m, o);
        m.sp += 2;
        return TRAP_NONE;
    }

    function _globalSetV128(Machine memory m) internal pure override returns (uint256) {
        uint256 base = m.sp - 2;
        Multiproof memory o = Stack.open(m, base, base + 1);
        Multiproof memory globals = _openGlobals(m, 2);
        globals.setVector(m.a, o.vector(base));
        MerkleArray.commit(m, globals);
        o.setVector(base, 0);
        Stack.commit(m, o);
        m.sp = base;
        return TRAP_NONE;
    }

    // Constants

    function _i32Const(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, m.c);
        return TRAP_NONE;
    }

    function _i64Const(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, (m.b << 32) | m.c);
        return TRAP_NONE;
    }

    function _f32Const(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, m.c);
        return TRAP_NONE;
    }

    function _f64Const(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, (m.b << 32) | m.c);
        return TRAP_NONE;
    }

    // References

    function _refNull(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, 0);
        return TRAP_NONE;
    }

    function _refIsNull(Machine memory m) internal pure override returns (uint256) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        o.setSlot(top, o.slot(top) == 0 ? 1 : 0);
        Stack.commit(m, o);
        return TRAP_NONE;
    }

    function _refFunc(Machine memory m) internal pure override returns (uint256) {
        Stack.push(m, m.a);
        return TRAP_NONE;
    }

    // Primitives

    /// @dev Opens the leaves of the instruction's global, which has this many slots.
    function _openGlobals(
        Machine memory m,
        uint256 slots
    ) private pure returns (Multiproof memory) {
        uint256 first = m.a / SLOTS_A_LEAF;
        uint256 last = (m.a + slots - 1) / SLOTS_A_LEAF;
        return MerkleArray.open(m, GLOBALS, LeafSet.two(first, last));
    }
}
