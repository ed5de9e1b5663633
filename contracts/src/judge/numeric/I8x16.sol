// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {Lanes} from "./Lanes.sol";

/// @title Vectors of sixteen integers of 8 bits (WebAssembly core specification 3.0, section 4.6.4).
/// @notice One function an instruction, named as the instruction table; `Lanes` has what they do to a lane.
/// Invariant: operands and results are below 2^128, scalar ones below 2^32; lane 0 is lowest.
library I8x16 {
    /// @dev Bits of a lane.
    uint256 private constant W = 8;

    // Lanes by number

    function i8x16_shuffle(
        uint256 x,
        uint256 y,
        uint256 lanes
    ) internal pure returns (uint256 result) {
        // The index of lane i is bits [5·i, 5·i + 5) of the immediate; both operands together have 32 bytes.
        unchecked {
            uint256 both = x | (y << 128);
            for (uint256 i = 0; i < 16; ++i) {
                result |= uint256(uint8(both >> (8 * ((lanes >> (5 * i)) & 31)))) << (8 * i);
            }
        }
    }

    function i8x16_swizzle(uint256 x, uint256 y) internal pure returns (uint256 result) {
        // An index of 16 or more shifts every bit out.
        unchecked {
            for (uint256 i = 0; i < 16; ++i) {
                result |= uint256(uint8(x >> (8 * Lanes.get(y, i, W)))) << (8 * i);
            }
        }
    }

    function i8x16_splat(uint256 x) internal pure returns (uint256) {
        return Lanes.splat(x, W);
    }

    function i8x16_extract_lane_s(uint256 x, uint256 lane) internal pure returns (uint256) {
        return uint32(int32(int8(uint8(Lanes.get(x, lane, W)))));
    }

    function i8x16_extract_lane_u(uint256 x, uint256 lane) internal pure returns (uint256) {
        return Lanes.get(x, lane, W);
    }

    function i8x16_replace_lane(
        uint256 x,
        uint256 y,
        uint256 lane
    ) internal pure returns (uint256) {
        return Lanes.set(x, lane, W, y);
    }

    // Comparisons

    function i8x16_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.eq(x, y, W);
    }

    function i8x16_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ne(x, y, W);
    }

    function i8x16_lt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(x, y, W);
    }

    function i8x16_lt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltU(x, y, W);
    }

    function i8x16_gt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltS(y, x, W);
    }

    function i8x16_gt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.ltU(y, x, W);
    }

    function i8x16_le_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(x, y, W);
    }

    function i8x16_le_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leU(x, y, W);
    }

    function i8x16_ge_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leS(y, x, W);
    }

    function i8x16_ge_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.leU(y, x, W);
    }

    // Arithmetic

    function i8x16_abs(uint256 x) internal pure returns (uint256) {
        return Lanes.abs(x, W);
    }

    function i8x16_neg(uint256 x) internal pure returns (uint256) {
        return Lanes.neg(x, W);
    }

    function i8x16_popcnt(uint256 x) internal pure returns (uint256) {
        return Lanes.popcnt8(x);
    }

    function i8x16_add(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.add(x, y, W);
    }

    function i8x16_add_sat_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.addSatS(x, y, W);
    }

    function i8x16_add_sat_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.addSatU(x, y, W);
    }

    function i8x16_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.sub(x, y, W);
    }

    function i8x16_sub_sat_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.subSatS(x, y, W);
    }

    function i8x16_sub_sat_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.subSatU(x, y, W);
    }

    function i8x16_min_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.minS(x, y, W);
    }

    function i8x16_min_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.minU(x, y, W);
    }

    function i8x16_max_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.maxS(x, y, W);
    }

    function i8x16_max_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.maxU(x, y, W);
    }

    function i8x16_avgr_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.avgrU(x, y, W);
    }

    // Tests

    function i8x16_all_true(uint256 x) internal pure returns (uint256) {
        return Lanes.allTrue(x, W) ? 1 : 0;
    }

    function i8x16_bitmask(uint256 x) internal pure returns (uint256) {
        return Lanes.bitmask(x, W);
    }

    // Between widths

    function i8x16_narrow_i16x8_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.narrow(x, 2 * W, true) | (Lanes.narrow(y, 2 * W, true) << 64);
    }

    function i8x16_narrow_i16x8_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return Lanes.narrow(x, 2 * W, false) | (Lanes.narrow(y, 2 * W, false) << 64);
    }

    // Shifts

    function i8x16_shl(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shl(x, k, W);
    }

    function i8x16_shr_s(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrS(x, k, W);
    }

    function i8x16_shr_u(uint256 x, uint256 k) internal pure returns (uint256) {
        return Lanes.shrU(x, k, W);
    }

    // Relaxed, in the one meaning of the deterministic profile

    function i8x16_relaxed_swizzle(uint256 x, uint256 y) internal pure returns (uint256) {
        return i8x16_swizzle(x, y);
    }
}
