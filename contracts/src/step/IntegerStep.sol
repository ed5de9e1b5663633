// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    F32_REINTERPRET_I32,
    F64_REINTERPRET_I64,
    I32_ADD,
    I32_AND,
    I32_CLZ,
    I32_CTZ,
    I32_DIV_S,
    I32_DIV_U,
    I32_EQ,
    I32_EQZ,
    I32_EXTEND16_S,
    I32_EXTEND8_S,
    I32_GE_S,
    I32_GE_U,
    I32_GT_S,
    I32_GT_U,
    I32_LE_S,
    I32_LE_U,
    I32_LT_S,
    I32_LT_U,
    I32_MUL,
    I32_NE,
    I32_OR,
    I32_POPCNT,
    I32_REINTERPRET_F32,
    I32_REM_S,
    I32_REM_U,
    I32_ROTL,
    I32_ROTR,
    I32_SHL,
    I32_SHR_S,
    I32_SHR_U,
    I32_SUB,
    I32_WRAP_I64,
    I32_XOR,
    I64_ADD,
    I64_AND,
    I64_CLZ,
    I64_CTZ,
    I64_DIV_S,
    I64_DIV_U,
    I64_EQ,
    I64_EQZ,
    I64_EXTEND16_S,
    I64_EXTEND32_S,
    I64_EXTEND8_S,
    I64_EXTEND_I32_S,
    I64_EXTEND_I32_U,
    I64_GE_S,
    I64_GE_U,
    I64_GT_S,
    I64_GT_U,
    I64_LE_S,
    I64_LE_U,
    I64_LT_S,
    I64_LT_U,
    I64_MUL,
    I64_NE,
    I64_OR,
    I64_POPCNT,
    I64_REINTERPRET_F64,
    I64_REM_S,
    I64_REM_U,
    I64_ROTL,
    I64_ROTR,
    I64_SHL,
    I64_SHR_S,
    I64_SHR_U,
    I64_SUB,
    I64_XOR,
    TRAP_NONE
} from "../generated/Opcodes.sol";
import {F32} from "../numeric/F32.sol";
import {F64} from "../numeric/F64.sol";
import {I32} from "../numeric/I32.sol";
import {I64} from "../numeric/I64.sol";
import {BinaryFamily} from "./BinaryFamily.sol";

/// @title Integer instructions: comparison, arithmetic, and the conversions that need no rounding.
contract IntegerStep is BinaryFamily {
    function _isBinary(uint256 op) internal pure override returns (bool) {
        return
            (op >= I32_EQ && op <= I32_GE_U) ||
            (op >= I64_EQ && op <= I64_GE_U) ||
            (op >= I32_ADD && op <= I32_ROTR) ||
            (op >= I64_ADD && op <= I64_ROTR);
    }

    function _unary(uint256 op, uint256 x) internal pure override returns (uint256, uint256) {
        if (op <= I32_EQZ) return _unaryCompareI32(op, x);
        if (op <= I64_EQZ) return _unaryCompareI64(op, x);
        if (op <= I32_POPCNT) return _unaryI32(op, x);
        if (op <= I64_POPCNT) return _unaryI64(op, x);
        if (op <= I64_EXTEND32_S) return _unaryConvert(op, x);
        revert UnhandledOpcode(op);
    }

    function _binary(
        uint256 op,
        uint256 x,
        uint256 y
    ) internal pure override returns (uint256, uint256) {
        if (op <= I32_GE_U) return _binaryCompareI32(op, x, y);
        if (op <= I64_GE_U) return _binaryCompareI64(op, x, y);
        if (op <= I32_ROTR) return _binaryI32(op, x, y);
        if (op <= I64_ROTR) return _binaryI64(op, x, y);
        revert UnhandledOpcode(op);
    }

    function _unaryCompareI32(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == I32_EQZ) return (I32.i32_eqz(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _unaryCompareI64(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == I64_EQZ) return (I64.i64_eqz(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _unaryI32(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == I32_CLZ) return (I32.i32_clz(x), TRAP_NONE);
        if (op == I32_CTZ) return (I32.i32_ctz(x), TRAP_NONE);
        if (op == I32_POPCNT) return (I32.i32_popcnt(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _unaryI64(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == I64_CLZ) return (I64.i64_clz(x), TRAP_NONE);
        if (op == I64_CTZ) return (I64.i64_ctz(x), TRAP_NONE);
        if (op == I64_POPCNT) return (I64.i64_popcnt(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _unaryConvert(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == I32_WRAP_I64) return (I32.i32_wrap_i64(x), TRAP_NONE);
        if (op == I64_EXTEND_I32_S) return (I64.i64_extend_i32_s(x), TRAP_NONE);
        if (op == I64_EXTEND_I32_U) return (I64.i64_extend_i32_u(x), TRAP_NONE);
        if (op == I32_REINTERPRET_F32) return (I32.i32_reinterpret_f32(x), TRAP_NONE);
        if (op == I64_REINTERPRET_F64) return (I64.i64_reinterpret_f64(x), TRAP_NONE);
        if (op == F32_REINTERPRET_I32) return (F32.f32_reinterpret_i32(x), TRAP_NONE);
        if (op == F64_REINTERPRET_I64) return (F64.f64_reinterpret_i64(x), TRAP_NONE);
        if (op == I32_EXTEND8_S) return (I32.i32_extend8_s(x), TRAP_NONE);
        if (op == I32_EXTEND16_S) return (I32.i32_extend16_s(x), TRAP_NONE);
        if (op == I64_EXTEND8_S) return (I64.i64_extend8_s(x), TRAP_NONE);
        if (op == I64_EXTEND16_S) return (I64.i64_extend16_s(x), TRAP_NONE);
        if (op == I64_EXTEND32_S) return (I64.i64_extend32_s(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryCompareI32(
        uint256 op,
        uint256 x,
        uint256 y
    ) private pure returns (uint256, uint256) {
        if (op == I32_EQ) return (I32.i32_eq(x, y), TRAP_NONE);
        if (op == I32_NE) return (I32.i32_ne(x, y), TRAP_NONE);
        if (op == I32_LT_S) return (I32.i32_lt_s(x, y), TRAP_NONE);
        if (op == I32_LT_U) return (I32.i32_lt_u(x, y), TRAP_NONE);
        if (op == I32_GT_S) return (I32.i32_gt_s(x, y), TRAP_NONE);
        if (op == I32_GT_U) return (I32.i32_gt_u(x, y), TRAP_NONE);
        if (op == I32_LE_S) return (I32.i32_le_s(x, y), TRAP_NONE);
        if (op == I32_LE_U) return (I32.i32_le_u(x, y), TRAP_NONE);
        if (op == I32_GE_S) return (I32.i32_ge_s(x, y), TRAP_NONE);
        if (op == I32_GE_U) return (I32.i32_ge_u(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryCompareI64(
        uint256 op,
        uint256 x,
        uint256 y
    ) private pure returns (uint256, uint256) {
        if (op == I64_EQ) return (I64.i64_eq(x, y), TRAP_NONE);
        if (op == I64_NE) return (I64.i64_ne(x, y), TRAP_NONE);
        if (op == I64_LT_S) return (I64.i64_lt_s(x, y), TRAP_NONE);
        if (op == I64_LT_U) return (I64.i64_lt_u(x, y), TRAP_NONE);
        if (op == I64_GT_S) return (I64.i64_gt_s(x, y), TRAP_NONE);
        if (op == I64_GT_U) return (I64.i64_gt_u(x, y), TRAP_NONE);
        if (op == I64_LE_S) return (I64.i64_le_s(x, y), TRAP_NONE);
        if (op == I64_LE_U) return (I64.i64_le_u(x, y), TRAP_NONE);
        if (op == I64_GE_S) return (I64.i64_ge_s(x, y), TRAP_NONE);
        if (op == I64_GE_U) return (I64.i64_ge_u(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryI32(uint256 op, uint256 x, uint256 y) private pure returns (uint256, uint256) {
        if (op == I32_ADD) return (I32.i32_add(x, y), TRAP_NONE);
        if (op == I32_SUB) return (I32.i32_sub(x, y), TRAP_NONE);
        if (op == I32_MUL) return (I32.i32_mul(x, y), TRAP_NONE);
        if (op == I32_DIV_S) return I32.i32_div_s(x, y);
        if (op == I32_DIV_U) return I32.i32_div_u(x, y);
        if (op == I32_REM_S) return I32.i32_rem_s(x, y);
        if (op == I32_REM_U) return I32.i32_rem_u(x, y);
        if (op == I32_AND) return (I32.i32_and(x, y), TRAP_NONE);
        if (op == I32_OR) return (I32.i32_or(x, y), TRAP_NONE);
        if (op == I32_XOR) return (I32.i32_xor(x, y), TRAP_NONE);
        if (op == I32_SHL) return (I32.i32_shl(x, y), TRAP_NONE);
        if (op == I32_SHR_S) return (I32.i32_shr_s(x, y), TRAP_NONE);
        if (op == I32_SHR_U) return (I32.i32_shr_u(x, y), TRAP_NONE);
        if (op == I32_ROTL) return (I32.i32_rotl(x, y), TRAP_NONE);
        if (op == I32_ROTR) return (I32.i32_rotr(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryI64(uint256 op, uint256 x, uint256 y) private pure returns (uint256, uint256) {
        if (op == I64_ADD) return (I64.i64_add(x, y), TRAP_NONE);
        if (op == I64_SUB) return (I64.i64_sub(x, y), TRAP_NONE);
        if (op == I64_MUL) return (I64.i64_mul(x, y), TRAP_NONE);
        if (op == I64_DIV_S) return I64.i64_div_s(x, y);
        if (op == I64_DIV_U) return I64.i64_div_u(x, y);
        if (op == I64_REM_S) return I64.i64_rem_s(x, y);
        if (op == I64_REM_U) return I64.i64_rem_u(x, y);
        if (op == I64_AND) return (I64.i64_and(x, y), TRAP_NONE);
        if (op == I64_OR) return (I64.i64_or(x, y), TRAP_NONE);
        if (op == I64_XOR) return (I64.i64_xor(x, y), TRAP_NONE);
        if (op == I64_SHL) return (I64.i64_shl(x, y), TRAP_NONE);
        if (op == I64_SHR_S) return (I64.i64_shr_s(x, y), TRAP_NONE);
        if (op == I64_SHR_U) return (I64.i64_shr_u(x, y), TRAP_NONE);
        if (op == I64_ROTL) return (I64.i64_rotl(x, y), TRAP_NONE);
        if (op == I64_ROTR) return (I64.i64_rotr(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }
}
