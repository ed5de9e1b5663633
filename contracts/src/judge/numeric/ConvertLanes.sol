// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {Convert} from "./Convert.sol";
import {FloatLanes} from "./FloatLanes.sol";

/// @title Conversions between lanes of integers and floats (WebAssembly core specification 3.0, section 4.6.4).
/// @notice One function an instruction, named as the instruction table: a scalar conversion on as many lanes as the wider of
/// the two shapes has; what remains of a vector is zero.
/// Invariant: operands and results are below 2^128, lane 0 is lowest; nothing traps.
library ConvertLanes {
    // Conversions

    function f32x4_demote_f64x2_zero(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 64, 32, Convert.f32_demote_f64);
    }

    function f64x2_promote_low_f32x4(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 32, 64, Convert.f64_promote_f32);
    }

    function i32x4_trunc_sat_f32x4_s(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 32, 32, Convert.i32_trunc_sat_f32_s);
    }

    function i32x4_trunc_sat_f32x4_u(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 32, 32, Convert.i32_trunc_sat_f32_u);
    }

    function f32x4_convert_i32x4_s(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 32, 32, Convert.f32_convert_i32_s);
    }

    function f32x4_convert_i32x4_u(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 32, 32, Convert.f32_convert_i32_u);
    }

    function i32x4_trunc_sat_f64x2_s_zero(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 64, 32, Convert.i32_trunc_sat_f64_s);
    }

    function i32x4_trunc_sat_f64x2_u_zero(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 64, 32, Convert.i32_trunc_sat_f64_u);
    }

    function f64x2_convert_low_i32x4_s(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 32, 64, Convert.f64_convert_i32_s);
    }

    function f64x2_convert_low_i32x4_u(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, 32, 64, Convert.f64_convert_i32_u);
    }

    // Relaxed, in the one meaning of the deterministic profile

    function i32x4_relaxed_trunc_f32x4_s(uint256 x) internal pure returns (uint256) {
        return i32x4_trunc_sat_f32x4_s(x);
    }

    function i32x4_relaxed_trunc_f32x4_u(uint256 x) internal pure returns (uint256) {
        return i32x4_trunc_sat_f32x4_u(x);
    }

    function i32x4_relaxed_trunc_f64x2_s_zero(uint256 x) internal pure returns (uint256) {
        return i32x4_trunc_sat_f64x2_s_zero(x);
    }

    function i32x4_relaxed_trunc_f64x2_u_zero(uint256 x) internal pure returns (uint256) {
        return i32x4_trunc_sat_f64x2_u_zero(x);
    }
}
