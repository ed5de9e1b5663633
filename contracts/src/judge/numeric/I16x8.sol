// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {Lanes} from "./Lanes.sol";

/// @title Vectors of eight integers of 16 bits (WebAssembly core specification 3.0, section 4.6.4).
/// @notice One function an instruction, named as the instruction table; `Lanes` has what they do to a lane.
/// Invariant: operands and results are below 2^128, scalar ones below 2^32; lane 0 is lowest.
library I16x8 {
    /// @dev Bits of a lane.
    uint256 private constant W = 16;

    // Lanes by number

    function i16x8_splat(uint256 x) internal pure returns (uint256) {
        return Lanes.splat(x, W);
    }

    function i16x8_extract_lane_s(uint256 x, uint256 lane) internal pure returns (uint256) {
        return uint32(int32(int16(uint16(Lanes.get(x, lane, W)))));
    }

    function i16x8_extract_lane_u(uint256 x, uint256 lane) internal pure returns (uint256) {
        return Lanes.get(x, lane, W);
    }

    function i16x8_replace_lane(
        uint256 x,
        uint256 y,
        uint256 lane
    ) internal pure returns (uint256) {
        return Lanes.set(x, lane, W, y);
    }

    // Comparisons

    function i16x8_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.eq(x, y, W);
    }

    function i16x8_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ne(x, y, W);
    }

    function i16x8_lt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(x, y, W);
    }

    function i16x8_lt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltU(x, y, W);
    }

    function i16x8_gt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(y, x, W);
    }

    function i16x8_gt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltU(y, x, W);
    }

    function i16x8_le_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(x, y, W);
    }

    function i16x8_le_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leU(x, y, W);
    }

    function i16x8_ge_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(y, x, W);
    }

    function i16x8_ge_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leU(y, x, W);
    }

    // Between widths

    function i16x8_extadd_pairwise_i8x16_s(uint256 x) internal pure returns (uint256) {
        return Lanes.addPairs(x, W, true);
    }

    function i16x8_extadd_pairwise_i8x16_u(uint256 x) internal pure returns (uint256) {
        return Lanes.addPairs(x, W, false);
    }

    function i16x8_narrow_i32x4_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.narrow(x, 2 * W, true) | (Lanes.narrow(y, 2 * W, true) << 64);
    }

    function i16x8_narrow_i32x4_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.narrow(x, 2 * W, false) | (Lanes.narrow(y, 2 * W, false) << 64);
    }

    function i16x8_extend_low_i8x16_s(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x, W, true);
    }

    function i16x8_extend_high_i8x16_s(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x >> 64, W, true);
    }

    function i16x8_extend_low_i8x16_u(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x, W, false);
    }

    function i16x8_extend_high_i8x16_u(uint256 x) internal pure returns (uint256) {
        return Lanes.extend(x >> 64, W, false);
    }

    function i16x8_extmul_low_i8x16_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x, y, W, true);
    }

    function i16x8_extmul_high_i8x16_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x >> 64, y >> 64, W, true);
    }

    function i16x8_extmul_low_i8x16_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x, y, W, false);
    }

    function i16x8_extmul_high_i8x16_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.extmul(x >> 64, y >> 64, W, false);
    }

    // Arithmetic

    function i16x8_abs(uint256 x) internal pure returns (uint256) {
        return Lanes.abs(x, W);
    }

    function i16x8_neg(uint256 x) internal pure returns (uint256) {
        return Lanes.neg(x, W);
    }

    /// @dev ⌊(x · y + 2^14) / 2^15⌋, signed, clamped to 16 bits: only −2^15 · −2^15 is too large.
    function i16x8_q15mulr_sat_s(uint256 x, uint256 y) internal pure returns (uint256 result) {
        unchecked {
            for (uint256 i = 0; i < 8; ++i) {
                int256 left = int16(uint16(Lanes.get(x, i, W)));
                int256 right = int16(uint16(Lanes.get(y, i, W)));
                int256 product = (left * right + 0x4000) >> 15;
                if (product > type(int16).max) product = type(int16).max;
                result |= uint256(uint16(uint256(product))) << (i * W);
            }
        }
    }

    function i16x8_add(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.add(x, y, W);
    }

    function i16x8_add_sat_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.addSatS(x, y, W);
    }

    function i16x8_add_sat_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.addSatU(x, y, W);
    }

    function i16x8_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.sub(x, y, W);
    }

    function i16x8_sub_sat_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.subSatS(x, y, W);
    }

    function i16x8_sub_sat_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.subSatU(x, y, W);
    }

    function i16x8_mul(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.mul(x, y, W);
    }

    function i16x8_min_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.minS(x, y, W);
    }

    function i16x8_min_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.minU(x, y, W);
    }

    function i16x8_max_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.maxS(x, y, W);
    }

    function i16x8_max_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.maxU(x, y, W);
    }

    function i16x8_avgr_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.avgrU(x, y, W);
    }

    // Tests

    function i16x8_all_true(uint256 x) internal pure returns (uint256) {
        return Lanes.allTrue(x, W) ? 1 : 0;
    }

    function i16x8_bitmask(uint256 x) internal pure returns (uint256) {
        return Lanes.bitmask(x, W);
    }

    // Shifts

    function i16x8_shl(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shl(x, k, W);
    }

    function i16x8_shr_s(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrS(x, k, W);
    }

    function i16x8_shr_u(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrU(x, k, W);
    }

    // Relaxed, in the one meaning of the deterministic profile

    function i16x8_relaxed_q15mulr_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return i16x8_q15mulr_sat_s(x, y);
    }

    function i16x8_relaxed_dot_i8x16_i7x16_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.addSatS(Lanes.evenProducts(x, y, W), Lanes.oddProducts(x, y, W), W);
    }
}
