// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    F32_ABS,
    F32_ADD,
    F32_CEIL,
    F32_COPYSIGN,
    F32_DIV,
    F32_EQ,
    F32_FLOOR,
    F32_GE,
    F32_GT,
    F32_LE,
    F32_LT,
    F32_MAX,
    F32_MIN,
    F32_MUL,
    F32_NE,
    F32_NEAREST,
    F32_NEG,
    F32_SQRT,
    F32_SUB,
    F32_TRUNC,
    F64_ABS,
    F64_ADD,
    F64_CEIL,
    F64_COPYSIGN,
    F64_DIV,
    F64_EQ,
    F64_FLOOR,
    F64_GE,
    F64_GT,
    F64_LE,
    F64_LT,
    F64_MAX,
    F64_MIN,
    F64_MUL,
    F64_NE,
    F64_NEAREST,
    F64_NEG,
    F64_SQRT,
    F64_SUB,
    F64_TRUNC,
    TRAP_NONE
} from "../generated/Opcodes.sol";
import {F32} from "../numeric/F32.sol";
import {F64} from "../numeric/F64.sol";
import {BinaryFamily} from "./BinaryFamily.sol";

/// @title Floating-point instructions: comparison, arithmetic, rounding.
contract FloatStep is BinaryFamily {
    function _isBinary(uint256 op) internal pure override returns (bool) {
        return
            (op >= F32_EQ && op <= F64_GE) ||
            (op >= F32_ADD && op <= F32_COPYSIGN) ||
            (op >= F64_ADD && op <= F64_COPYSIGN);
    }

    function _unary(uint256 op, uint256 x) internal pure override returns (uint256, uint256) {
        if (op <= F32_SQRT) return _unaryF32(op, x);
        if (op <= F64_SQRT) return _unaryF64(op, x);
        revert UnhandledOpcode(op);
    }

    function _binary(
        uint256 op,
        uint256 x,
        uint256 y
    ) internal pure override returns (uint256, uint256) {
        if (op <= F32_GE) return _binaryCompareF32(op, x, y);
        if (op <= F64_GE) return _binaryCompareF64(op, x, y);
        if (op <= F32_COPYSIGN) return _binaryF32(op, x, y);
        if (op <= F64_COPYSIGN) return _binaryF64(op, x, y);
        revert UnhandledOpcode(op);
    }

    function _unaryF32(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == F32_ABS) return (F32.f32_abs(x), TRAP_NONE);
        if (op == F32_NEG) return (F32.f32_neg(x), TRAP_NONE);
        if (op == F32_CEIL) return (F32.f32_ceil(x), TRAP_NONE);
        if (op == F32_FLOOR) return (F32.f32_floor(x), TRAP_NONE);
        if (op == F32_TRUNC) return (F32.f32_trunc(x), TRAP_NONE);
        if (op == F32_NEAREST) return (F32.f32_nearest(x), TRAP_NONE);
        if (op == F32_SQRT) return (F32.f32_sqrt(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _unaryF64(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == F64_ABS) return (F64.f64_abs(x), TRAP_NONE);
        if (op == F64_NEG) return (F64.f64_neg(x), TRAP_NONE);
        if (op == F64_CEIL) return (F64.f64_ceil(x), TRAP_NONE);
        if (op == F64_FLOOR) return (F64.f64_floor(x), TRAP_NONE);
        if (op == F64_TRUNC) return (F64.f64_trunc(x), TRAP_NONE);
        if (op == F64_NEAREST) return (F64.f64_nearest(x), TRAP_NONE);
        if (op == F64_SQRT) return (F64.f64_sqrt(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryCompareF32(
        uint256 op,
        uint256 x,
        uint256 y
    ) private pure returns (uint256, uint256) {
        if (op == F32_EQ) return (F32.f32_eq(x, y), TRAP_NONE);
        if (op == F32_NE) return (F32.f32_ne(x, y), TRAP_NONE);
        if (op == F32_LT) return (F32.f32_lt(x, y), TRAP_NONE);
        if (op == F32_GT) return (F32.f32_gt(x, y), TRAP_NONE);
        if (op == F32_LE) return (F32.f32_le(x, y), TRAP_NONE);
        if (op == F32_GE) return (F32.f32_ge(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryCompareF64(
        uint256 op,
        uint256 x,
        uint256 y
    ) private pure returns (uint256, uint256) {
        if (op == F64_EQ) return (F64.f64_eq(x, y), TRAP_NONE);
        if (op == F64_NE) return (F64.f64_ne(x, y), TRAP_NONE);
        if (op == F64_LT) return (F64.f64_lt(x, y), TRAP_NONE);
        if (op == F64_GT) return (F64.f64_gt(x, y), TRAP_NONE);
        if (op == F64_LE) return (F64.f64_le(x, y), TRAP_NONE);
        if (op == F64_GE) return (F64.f64_ge(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryF32(uint256 op, uint256 x, uint256 y) private pure returns (uint256, uint256) {
        if (op == F32_ADD) return (F32.f32_add(x, y), TRAP_NONE);
        if (op == F32_SUB) return (F32.f32_sub(x, y), TRAP_NONE);
        if (op == F32_MUL) return (F32.f32_mul(x, y), TRAP_NONE);
        if (op == F32_DIV) return (F32.f32_div(x, y), TRAP_NONE);
        if (op == F32_MIN) return (F32.f32_min(x, y), TRAP_NONE);
        if (op == F32_MAX) return (F32.f32_max(x, y), TRAP_NONE);
        if (op == F32_COPYSIGN) return (F32.f32_copysign(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _binaryF64(uint256 op, uint256 x, uint256 y) private pure returns (uint256, uint256) {
        if (op == F64_ADD) return (F64.f64_add(x, y), TRAP_NONE);
        if (op == F64_SUB) return (F64.f64_sub(x, y), TRAP_NONE);
        if (op == F64_MUL) return (F64.f64_mul(x, y), TRAP_NONE);
        if (op == F64_DIV) return (F64.f64_div(x, y), TRAP_NONE);
        if (op == F64_MIN) return (F64.f64_min(x, y), TRAP_NONE);
        if (op == F64_MAX) return (F64.f64_max(x, y), TRAP_NONE);
        if (op == F64_COPYSIGN) return (F64.f64_copysign(x, y), TRAP_NONE);
        revert UnhandledOpcode(op);
    }
}
