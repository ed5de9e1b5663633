// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {GLOBALS} from "../generated/Arrays.sol";
import {
    DROP,
    F32_CONST,
    F64_CONST,
    GLOBAL_GET,
    GLOBAL_SET,
    I32_CONST,
    I64_CONST,
    LOCAL_GET,
    LOCAL_SET,
    LOCAL_TEE,
    REF_FUNC,
    REF_IS_NULL,
    REF_NULL,
    SELECT,
    TRAP_NONE
} from "../generated/Opcodes.sol";
import {LeafSet} from "../libraries/LeafSet.sol";
import {Leaves} from "../libraries/Leaves.sol";
import {MerkleArray, Opening} from "../libraries/MerkleArray.sol";
import {Stack} from "../libraries/Stack.sol";
import {Machine} from "../state/Machine.sol";
import {Family} from "./Family.sol";

/// @title Parametric instructions, constants, variables and references
/// (WebAssembly core specification 2.0, sections 4.4.2 to 4.4.5).
contract ParametricStep is Family {
    using Leaves for Opening;
    using MerkleArray for Opening;

    uint256 private constant SLOTS_A_LEAF = 16;

    function _execute(Machine memory m) internal pure override returns (uint256) {
        uint256 op = m.op;
        if (op == DROP) _drop(m);
        else if (op == SELECT) _select(m);
        else if (op == LOCAL_GET) _localGet(m);
        else if (op == LOCAL_SET) _localSet(m);
        else if (op == LOCAL_TEE) _localTee(m);
        else if (op == GLOBAL_GET) _globalGet(m);
        else if (op == GLOBAL_SET) _globalSet(m);
        else if (op == I32_CONST) Stack.push(m, m.c);
        else if (op == I64_CONST) Stack.push(m, (m.b << 32) | m.c);
        else if (op == F32_CONST) Stack.push(m, m.c);
        else if (op == F64_CONST) Stack.push(m, (m.b << 32) | m.c);
        else if (op == REF_NULL) Stack.push(m, 0);
        else if (op == REF_IS_NULL) _refIsNull(m);
        else if (op == REF_FUNC) Stack.push(m, m.a);
        else revert UnhandledOpcode(op);
        return TRAP_NONE;
    }

    function _drop(Machine memory m) private pure {
        uint256 top = m.sp - 1;
        Opening memory o = Stack.open(m, top, top);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
    }

    function _select(Machine memory m) private pure {
        uint256 top = m.sp - 1;
        Opening memory o = Stack.open(m, top - 2, top);
        if (uint32(o.slot(top)) == 0) o.setSlot(top - 2, o.slot(top - 1));
        o.setSlot(top - 1, 0);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top - 1;
    }

    function _localGet(Machine memory m) private pure {
        uint256 local = m.fp + m.a;
        Opening memory o = Stack.open(m, local, m.sp);
        o.setSlot(m.sp, o.slot(local));
        Stack.commit(m, o);
        ++m.sp;
    }

    function _localSet(Machine memory m) private pure {
        uint256 local = m.fp + m.a;
        uint256 top = m.sp - 1;
        Opening memory o = Stack.open(m, local, top);
        o.setSlot(local, o.slot(top));
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
    }

    function _localTee(Machine memory m) private pure {
        uint256 local = m.fp + m.a;
        uint256 top = m.sp - 1;
        Opening memory o = Stack.open(m, local, top);
        o.setSlot(local, o.slot(top));
        Stack.commit(m, o);
    }

    function _globalGet(Machine memory m) private pure {
        Opening memory o = Stack.open(m, m.sp, m.sp);
        o.setSlot(m.sp, _openGlobal(m).slot(m.a));
        Stack.commit(m, o);
        ++m.sp;
    }

    function _globalSet(Machine memory m) private pure {
        uint256 top = m.sp - 1;
        Opening memory o = Stack.open(m, top, top);
        Opening memory globals = _openGlobal(m);
        globals.setSlot(m.a, o.slot(top));
        MerkleArray.commit(m, globals);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
    }

    function _refIsNull(Machine memory m) private pure {
        uint256 top = m.sp - 1;
        Opening memory o = Stack.open(m, top, top);
        o.setSlot(top, o.slot(top) == 0 ? 1 : 0);
        Stack.commit(m, o);
    }

    function _openGlobal(Machine memory m) private pure returns (Opening memory) {
        uint256[] memory leaves = LeafSet.one(m.a / SLOTS_A_LEAF);
        return MerkleArray.open(m, GLOBALS, leaves);
    }
}
