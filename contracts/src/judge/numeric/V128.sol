// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {Lanes} from "./Lanes.sol";

/// @title Vectors as 128 bits (WebAssembly core specification 3.0, section 4.6.4).
/// @notice One function an instruction, named and ordered as the instruction table.
/// Invariant: operands and results are below 2^128.
library V128 {
    uint256 private constant ALL = type(uint128).max;

    // Bits

    function v128_not(uint256 x) internal pure returns (uint256) {
        return ALL ^ x;
    }

    function v128_and(uint256 x, uint256 y) internal pure returns (uint256) {
        return x & y;
    }

    function v128_andnot(uint256 x, uint256 y) internal pure returns (uint256) {
        return x & ~y;
    }

    function v128_or(uint256 x, uint256 y) internal pure returns (uint256) {
        return x | y;
    }

    function v128_xor(uint256 x, uint256 y) internal pure returns (uint256) {
        return x ^ y;
    }

    function v128_bitselect(uint256 x, uint256 y, uint256 mask) internal pure returns (uint256) {
        return Lanes.select(x, y, mask);
    }

    // Tests

    function v128_any_true(uint256 x) internal pure returns (uint256) {
        return x == 0 ? 0 : 1;
    }

    // Relaxed, in the one meaning of the deterministic profile

    function i8x16_relaxed_laneselect(
        uint256 x,
        uint256 y,
        uint256 mask
    ) internal pure returns (uint256) {
        return Lanes.select(x, y, mask);
    }

    function i16x8_relaxed_laneselect(
        uint256 x,
        uint256 y,
        uint256 mask
    ) internal pure returns (uint256) {
        return Lanes.select(x, y, mask);
    }

    function i32x4_relaxed_laneselect(
        uint256 x,
        uint256 y,
        uint256 mask
    ) internal pure returns (uint256) {
        return Lanes.select(x, y, mask);
    }

    function i64x2_relaxed_laneselect(
        uint256 x,
        uint256 y,
        uint256 mask
    ) internal pure returns (uint256) {
        return Lanes.select(x, y, mask);
    }
}
