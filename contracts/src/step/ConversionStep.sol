// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    F32_CONVERT_I32_S,
    F32_CONVERT_I32_U,
    F32_CONVERT_I64_S,
    F32_CONVERT_I64_U,
    F32_DEMOTE_F64,
    F64_CONVERT_I32_S,
    F64_CONVERT_I32_U,
    F64_CONVERT_I64_S,
    F64_CONVERT_I64_U,
    F64_PROMOTE_F32,
    I32_TRUNC_F32_S,
    I32_TRUNC_F32_U,
    I32_TRUNC_F64_S,
    I32_TRUNC_F64_U,
    I32_TRUNC_SAT_F32_S,
    I32_TRUNC_SAT_F32_U,
    I32_TRUNC_SAT_F64_S,
    I32_TRUNC_SAT_F64_U,
    I64_TRUNC_F32_S,
    I64_TRUNC_F32_U,
    I64_TRUNC_F64_S,
    I64_TRUNC_F64_U,
    I64_TRUNC_SAT_F32_S,
    I64_TRUNC_SAT_F32_U,
    I64_TRUNC_SAT_F64_S,
    I64_TRUNC_SAT_F64_U,
    TRAP_NONE
} from "../generated/Opcodes.sol";
import {Convert} from "../numeric/Convert.sol";
import {UnaryFamily} from "./UnaryFamily.sol";

/// @title Conversions between integers and floats.
contract ConversionStep is UnaryFamily {
    function _unary(uint256 op, uint256 x) internal pure override returns (uint256, uint256) {
        if (op <= F64_PROMOTE_F32) return _unaryRounding(op, x);
        if (op <= I64_TRUNC_SAT_F64_U) return _unarySaturating(op, x);
        revert UnhandledOpcode(op);
    }

    function _unaryRounding(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == I32_TRUNC_F32_S) return Convert.i32_trunc_f32_s(x);
        if (op == I32_TRUNC_F32_U) return Convert.i32_trunc_f32_u(x);
        if (op == I32_TRUNC_F64_S) return Convert.i32_trunc_f64_s(x);
        if (op == I32_TRUNC_F64_U) return Convert.i32_trunc_f64_u(x);
        if (op == I64_TRUNC_F32_S) return Convert.i64_trunc_f32_s(x);
        if (op == I64_TRUNC_F32_U) return Convert.i64_trunc_f32_u(x);
        if (op == I64_TRUNC_F64_S) return Convert.i64_trunc_f64_s(x);
        if (op == I64_TRUNC_F64_U) return Convert.i64_trunc_f64_u(x);
        if (op == F32_CONVERT_I32_S) return (Convert.f32_convert_i32_s(x), TRAP_NONE);
        if (op == F32_CONVERT_I32_U) return (Convert.f32_convert_i32_u(x), TRAP_NONE);
        if (op == F32_CONVERT_I64_S) return (Convert.f32_convert_i64_s(x), TRAP_NONE);
        if (op == F32_CONVERT_I64_U) return (Convert.f32_convert_i64_u(x), TRAP_NONE);
        if (op == F32_DEMOTE_F64) return (Convert.f32_demote_f64(x), TRAP_NONE);
        if (op == F64_CONVERT_I32_S) return (Convert.f64_convert_i32_s(x), TRAP_NONE);
        if (op == F64_CONVERT_I32_U) return (Convert.f64_convert_i32_u(x), TRAP_NONE);
        if (op == F64_CONVERT_I64_S) return (Convert.f64_convert_i64_s(x), TRAP_NONE);
        if (op == F64_CONVERT_I64_U) return (Convert.f64_convert_i64_u(x), TRAP_NONE);
        if (op == F64_PROMOTE_F32) return (Convert.f64_promote_f32(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }

    function _unarySaturating(uint256 op, uint256 x) private pure returns (uint256, uint256) {
        if (op == I32_TRUNC_SAT_F32_S) return (Convert.i32_trunc_sat_f32_s(x), TRAP_NONE);
        if (op == I32_TRUNC_SAT_F32_U) return (Convert.i32_trunc_sat_f32_u(x), TRAP_NONE);
        if (op == I32_TRUNC_SAT_F64_S) return (Convert.i32_trunc_sat_f64_s(x), TRAP_NONE);
        if (op == I32_TRUNC_SAT_F64_U) return (Convert.i32_trunc_sat_f64_u(x), TRAP_NONE);
        if (op == I64_TRUNC_SAT_F32_S) return (Convert.i64_trunc_sat_f32_s(x), TRAP_NONE);
        if (op == I64_TRUNC_SAT_F32_U) return (Convert.i64_trunc_sat_f32_u(x), TRAP_NONE);
        if (op == I64_TRUNC_SAT_F64_S) return (Convert.i64_trunc_sat_f64_s(x), TRAP_NONE);
        if (op == I64_TRUNC_SAT_F64_U) return (Convert.i64_trunc_sat_f64_u(x), TRAP_NONE);
        revert UnhandledOpcode(op);
    }
}
