// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {F32} from "./F32.sol";
import {FloatLanes} from "./FloatLanes.sol";
import {Lanes} from "./Lanes.sol";

/// @title Vectors of four 32-bit floats (WebAssembly core specification 3.0, section 4.6.4).
/// @notice One function an instruction, named as the instruction table: that of the scalar instruction on every lane.
/// Invariant: operands and results are below 2^128, lane 0 is lowest; arithmetic NaNs are canonical, `abs`, `neg`,
/// `pmin` and `pmax` keep bits.
library F32x4 {
    /// @dev Bits of a lane.
    uint256 private constant W = 32;

    // Lanes by number

    function f32x4_splat(uint256 x) internal pure returns (uint256) {
        return Lanes.splat(x, W);
    }

    function f32x4_extract_lane(uint256 x, uint256 lane) internal pure returns (uint256) {
        return Lanes.get(x, lane, W);
    }

    function f32x4_replace_lane(
        uint256 x,
        uint256 y,
        uint256 lane
    ) internal pure returns (uint256) {
        return Lanes.set(x, lane, W, y);
    }

    // Comparisons

    function f32x4_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.compare(x, y, W, F32.f32_eq);
    }

    function f32x4_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.compare(x, y, W, F32.f32_ne);
    }

    function f32x4_lt(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.compare(x, y, W, F32.f32_lt);
    }

    function f32x4_gt(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.compare(x, y, W, F32.f32_gt);
    }

    function f32x4_le(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.compare(x, y, W, F32.f32_le);
    }

    function f32x4_ge(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.compare(x, y, W, F32.f32_ge);
    }

    // Arithmetic

    function f32x4_ceil(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, W, W, F32.f32_ceil);
    }

    function f32x4_floor(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, W, W, F32.f32_floor);
    }

    function f32x4_trunc(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, W, W, F32.f32_trunc);
    }

    function f32x4_nearest(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, W, W, F32.f32_nearest);
    }

    function f32x4_abs(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, W, W, F32.f32_abs);
    }

    function f32x4_neg(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, W, W, F32.f32_neg);
    }

    function f32x4_sqrt(uint256 x) internal pure returns (uint256) {
        return FloatLanes.map(x, W, W, F32.f32_sqrt);
    }

    function f32x4_add(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, F32.f32_add);
    }

    function f32x4_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, F32.f32_sub);
    }

    function f32x4_mul(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, F32.f32_mul);
    }

    function f32x4_div(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, F32.f32_div);
    }

    function f32x4_min(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, F32.f32_min);
    }

    function f32x4_max(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, F32.f32_max);
    }

    function f32x4_pmin(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, _pmin);
    }

    function f32x4_pmax(uint256 x, uint256 y) internal pure returns (uint256) {
        return FloatLanes.zip(x, y, W, _pmax);
    }

    // Relaxed, in the one meaning of the deterministic profile

    function f32x4_relaxed_madd(uint256 x, uint256 y, uint256 z) internal pure returns (uint256) {
        return f32x4_add(f32x4_mul(x, y), z);
    }

    function f32x4_relaxed_nmadd(uint256 x, uint256 y, uint256 z) internal pure returns (uint256) {
        return f32x4_relaxed_madd(f32x4_neg(x), y, z);
    }

    function f32x4_relaxed_min(uint256 x, uint256 y) internal pure returns (uint256) {
        return f32x4_min(x, y);
    }

    function f32x4_relaxed_max(uint256 x, uint256 y) internal pure returns (uint256) {
        return f32x4_max(x, y);
    }

    // Primitives

    /// @dev y if y < x, else x
    function _pmin(uint256 x, uint256 y) private pure returns (uint256) {
        return F32.f32_lt(y, x) == 1 ? y : x;
    }

    /// @dev y if x < y, else x
    function _pmax(uint256 x, uint256 y) private pure returns (uint256) {
        return F32.f32_lt(x, y) == 1 ? y : x;
    }
}
