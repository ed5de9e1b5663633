// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {Float} from "./Float.sol";

/// @title 32-bit floating-point instructions (WebAssembly core specification 2.0, section 4.3.3).
/// @notice One function an instruction, named and ordered as the instruction table, on bit patterns.
/// Invariant: operands and results are below 2^32; arithmetic NaNs are canonical, `abs`, `neg` and `copysign` keep bits.
library F32 {
    /// @dev Exponent and mantissa bits of the format.
    uint256 private constant E = 8;
    uint256 private constant M = 23;
    uint256 private constant SIGN = 1 << 31;

    function f32_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.eq(x, y, E, M) ? 1 : 0;
    }

    function f32_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.eq(x, y, E, M) ? 0 : 1;
    }

    function f32_lt(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.lt(x, y, E, M) ? 1 : 0;
    }

    function f32_gt(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.lt(y, x, E, M) ? 1 : 0;
    }

    function f32_le(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.le(x, y, E, M) ? 1 : 0;
    }

    function f32_ge(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.le(y, x, E, M) ? 1 : 0;
    }

    function f32_abs(uint256 x) internal pure returns (uint256) {
        return x & (SIGN - 1);
    }

    function f32_neg(uint256 x) internal pure returns (uint256) {
        return x ^ SIGN;
    }

    function f32_ceil(uint256 x) internal pure returns (uint256) {
        return Float.ceil(x, E, M);
    }

    function f32_floor(uint256 x) internal pure returns (uint256) {
        return Float.floor(x, E, M);
    }

    function f32_trunc(uint256 x) internal pure returns (uint256) {
        return Float.trunc(x, E, M);
    }

    function f32_nearest(uint256 x) internal pure returns (uint256) {
        return Float.nearest(x, E, M);
    }

    function f32_sqrt(uint256 x) internal pure returns (uint256) {
        return Float.sqrt(x, E, M);
    }

    function f32_add(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.add(x, y, E, M);
    }

    function f32_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.sub(x, y, E, M);
    }

    function f32_mul(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.mul(x, y, E, M);
    }

    function f32_div(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.div(x, y, E, M);
    }

    function f32_min(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.min(x, y, E, M);
    }

    function f32_max(uint256 x, uint256 y) internal pure returns (uint256) {
        return Float.max(x, y, E, M);
    }

    function f32_copysign(uint256 x, uint256 y) internal pure returns (uint256) {
        return (x & (SIGN - 1)) | (y & SIGN);
    }

    function f32_reinterpret_i32(uint256 x) internal pure returns (uint256) {
        return x;
    }
}
