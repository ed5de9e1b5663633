// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {I16x8} from "./I16x8.sol";
import {Lanes} from "./Lanes.sol";

/// @title Vectors of four integers of 32 bits (WebAssembly core specification 3.0, section 4.6.4).
/// @notice One function an instruction, named as the instruction table; `Lanes` has what they do to a lane.
/// Invariant: operands and results are below 2^128, scalar ones below 2^32; lane 0 is lowest.
library I32x4 {
    /// @dev Bits of a lane.
    uint256 private constant W = 32;

    // Lanes by number

    function i32x4_splat(uint256 x) internal pure returns (uint256) {
        return Lanes.splat(x, W);
    }

    function i32x4_extract_lane(uint256 x, uint256 lane) internal pure returns (uint256) {
        return Lanes.get(x, lane, W);
    }

    function i32x4_replace_lane(
        uint256 x,
        uint256 y,
        uint256 lane
    ) internal pure returns (uint256) {
        return Lanes.set(x, lane, W, y);
    }

    // Comparisons

    function i32x4_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.eq(x, y, W);
    }

    function i32x4_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ne(x, y, W);
    }

    function i32x4_lt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(x, y, W);
    }

    function i32x4_lt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltU(x, y, W);
    }

    function i32x4_gt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(y, x, W);
    }

    function i32x4_gt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltU(y, x, W);
    }

    function i32x4_le_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(x, y, W);
    }

    function i32x4_le_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leU(x, y, W);
    }

    function i32x4_ge_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(y, x, W);
    }

    function i32x4_ge_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leU(y, x, W);
    }

    // Between widths

    function i32x4_extadd_pairwise_i16x8_s(uint256 x) internal pure returns (uint256) {
        return Lanes.addPairs(x, W, true);
    }

    function i32x4_extadd_pairwise_i16x8_u(uint256 x) internal pure returns (uint256) {
        return Lanes.addPairs(x, W, false);
    }

    function i32x4_extend_low_i16x8_s(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x, W, true);
    }

    function i32x4_extend_high_i16x8_s(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x >> 64, W, true);
    }

    function i32x4_extend_low_i16x8_u(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x, W, false);
    }

    function i32x4_extend_high_i16x8_u(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x >> 64, W, false);
    }

    function i32x4_dot_i16x8_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.add(Lanes.evenProducts(x, y, W), Lanes.oddProducts(x, y, W), W);
    }

    function i32x4_extmul_low_i16x8_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x, y, W, true);
    }

    function i32x4_extmul_high_i16x8_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x >> 64, y >> 64, W, true);
    }

    function i32x4_extmul_low_i16x8_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x, y, W, false);
    }

    function i32x4_extmul_high_i16x8_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x >> 64, y >> 64, W, false);
    }

    // Arithmetic

    function i32x4_abs(uint256 x) internal pure returns (uint256) {
        return Lanes.abs(x, W);
    }

    function i32x4_neg(uint256 x) internal pure returns (uint256) {
        return Lanes.neg(x, W);
    }

    function i32x4_add(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.add(x, y, W);
    }

    function i32x4_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.sub(x, y, W);
    }

    function i32x4_mul(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.mul(x, y, W);
    }

    function i32x4_min_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.minS(x, y, W);
    }

    function i32x4_min_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.minU(x, y, W);
    }

    function i32x4_max_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.maxS(x, y, W);
    }

    function i32x4_max_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.maxU(x, y, W);
    }

    // Tests

    function i32x4_all_true(uint256 x) internal pure returns (uint256) {
        return Lanes.allTrue(x, W) ? 1 : 0;
    }

    function i32x4_bitmask(uint256 x) internal pure returns (uint256) {
        return Lanes.bitmask(x, W);
    }

    // Shifts

    function i32x4_shl(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shl(x, k, W);
    }

    function i32x4_shr_s(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrS(x, k, W);
    }

    function i32x4_shr_u(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrU(x, k, W);
    }

    // Relaxed, in the one meaning of the deterministic profile

    function i32x4_relaxed_dot_i8x16_i7x16_add_s(
        uint256 x,
        uint256 y,
        uint256 z
    ) internal pure returns (uint256) {
        return
            Lanes.add(
                i32x4_extadd_pairwise_i16x8_s(I16x8.i16x8_relaxed_dot_i8x16_i7x16_s(x, y)),
                z,
                W
            );
    }
}
