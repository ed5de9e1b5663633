// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {Lanes} from "./Lanes.sol";

/// @title Vectors of two integers of 64 bits (WebAssembly core specification 3.0, section 4.6.4).
/// @notice One function an instruction, named as the instruction table; `Lanes` has what they do to a lane.
/// Invariant: operands and results are below 2^128, scalar ones below 2^64; lane 0 is lowest.
library I64x2 {
    /// @dev Bits of a lane.
    uint256 private constant W = 64;

    // Lanes by number

    function i64x2_splat(uint256 x) internal pure returns (uint256) {
        return Lanes.splat(x, W);
    }

    function i64x2_extract_lane(uint256 x, uint256 lane) internal pure returns (uint256) {
        return Lanes.get(x, lane, W);
    }

    function i64x2_replace_lane(
        uint256 x,
        uint256 y,
        uint256 lane
    ) internal pure returns (uint256) {
        return Lanes.set(x, lane, W, y);
    }

    // Arithmetic

    function i64x2_abs(uint256 x) internal pure returns (uint256) {
        return Lanes.abs(x, W);
    }

    function i64x2_neg(uint256 x) internal pure returns (uint256) {
        return Lanes.neg(x, W);
    }

    function i64x2_add(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.add(x, y, W);
    }

    function i64x2_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.sub(x, y, W);
    }

    function i64x2_mul(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.mul(x, y, W);
    }

    // Tests

    function i64x2_all_true(uint256 x) internal pure returns (uint256) {
        return Lanes.allTrue(x, W) ? 1 : 0;
    }

    function i64x2_bitmask(uint256 x) internal pure returns (uint256) {
        return Lanes.bitmask(x, W);
    }

    // Between widths

    function i64x2_extend_low_i32x4_s(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x, W, true);
    }

    function i64x2_extend_high_i32x4_s(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x >> 64, W, true);
    }

    function i64x2_extend_low_i32x4_u(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x, W, false);
    }

    function i64x2_extend_high_i32x4_u(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x >> 64, W, false);
    }

    function i64x2_extmul_low_i32x4_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x, y, W, true);
    }

    function i64x2_extmul_high_i32x4_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x >> 64, y >> 64, W, true);
    }

    function i64x2_extmul_low_i32x4_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x, y, W, false);
    }

    function i64x2_extmul_high_i32x4_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x >> 64, y >> 64, W, false);
    }

    // Shifts

    function i64x2_shl(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shl(x, k, W);
    }

    function i64x2_shr_s(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrS(x, k, W);
    }

    function i64x2_shr_u(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrU(x, k, W);
    }

    // Comparisons

    function i64x2_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.eq(x, y, W);
    }

    function i64x2_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ne(x, y, W);
    }

    function i64x2_lt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(x, y, W);
    }

    function i64x2_gt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(y, x, W);
    }

    function i64x2_le_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(x, y, W);
    }

    function i64x2_ge_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(y, x, W);
    }
}
