// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {TRAP_INTEGER_OVERFLOW, TRAP_INVALID_CONVERSION, TRAP_NONE} from "../generated/Opcodes.sol";
import {Float} from "./Float.sol";

/// @title Conversions between integers and floats (WebAssembly core specification 2.0, section 4.3.4).
/// @notice One function an instruction, named and ordered as the instruction table, on bit patterns.
/// Invariant: results fit the width of their type; truncations return a trap code beside the result, saturating ones never trap.
library Convert {
    /// @dev Exponent and mantissa bits of the two formats.
    uint256 private constant E32 = 8;
    uint256 private constant M32 = 23;
    uint256 private constant E64 = 11;
    uint256 private constant M64 = 52;

    function i32_trunc_f32_s(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E32, M32, 32, true);
    }

    function i32_trunc_f32_u(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E32, M32, 32, false);
    }

    function i32_trunc_f64_s(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E64, M64, 32, true);
    }

    function i32_trunc_f64_u(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E64, M64, 32, false);
    }

    function i64_trunc_f32_s(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E32, M32, 64, true);
    }

    function i64_trunc_f32_u(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E32, M32, 64, false);
    }

    function i64_trunc_f64_s(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E64, M64, 64, true);
    }

    function i64_trunc_f64_u(uint256 x) internal pure returns (uint256, uint256) {
        return _trunc(x, E64, M64, 64, false);
    }

    function f32_convert_i32_s(uint256 x) internal pure returns (uint256) {
        return _convert(int256(int32(uint32(x))), E32, M32);
    }

    function f32_convert_i32_u(uint256 x) internal pure returns (uint256) {
        return _convert(int256(x), E32, M32);
    }

    function f32_convert_i64_s(uint256 x) internal pure returns (uint256) {
        return _convert(int256(int64(uint64(x))), E32, M32);
    }

    function f32_convert_i64_u(uint256 x) internal pure returns (uint256) {
        return _convert(int256(x), E32, M32);
    }

    function f32_demote_f64(uint256 x) internal pure returns (uint256) {
        return _resize(x, E64, M64, E32, M32);
    }

    function f64_convert_i32_s(uint256 x) internal pure returns (uint256) {
        return _convert(int256(int32(uint32(x))), E64, M64);
    }

    function f64_convert_i32_u(uint256 x) internal pure returns (uint256) {
        return _convert(int256(x), E64, M64);
    }

    function f64_convert_i64_s(uint256 x) internal pure returns (uint256) {
        return _convert(int256(int64(uint64(x))), E64, M64);
    }

    function f64_convert_i64_u(uint256 x) internal pure returns (uint256) {
        return _convert(int256(x), E64, M64);
    }

    function f64_promote_f32(uint256 x) internal pure returns (uint256) {
        return _resize(x, E32, M32, E64, M64);
    }

    function i32_trunc_sat_f32_s(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E32, M32, 32, true);
    }

    function i32_trunc_sat_f32_u(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E32, M32, 32, false);
    }

    function i32_trunc_sat_f64_s(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E64, M64, 32, true);
    }

    function i32_trunc_sat_f64_u(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E64, M64, 32, false);
    }

    function i64_trunc_sat_f32_s(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E32, M32, 64, true);
    }

    function i64_trunc_sat_f32_u(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E32, M32, 64, false);
    }

    function i64_trunc_sat_f64_s(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E64, M64, 64, true);
    }

    function i64_trunc_sat_f64_u(uint256 x) internal pure returns (uint256) {
        return _truncSat(x, E64, M64, 64, false);
    }

    function _trunc(
        uint256 x,
        uint256 e,
        uint256 m,
        uint256 bits,
        bool signed
    ) private pure returns (uint256 result, uint256 trap) {
        if (Float.isNan(x, e, m)) return (0, TRAP_INVALID_CONVERSION);
        bool clamped;
        (result, clamped) = _clamp(x, e, m, bits, signed);
        return clamped ? (0, TRAP_INTEGER_OVERFLOW) : (result, TRAP_NONE);
    }

    function _truncSat(
        uint256 x,
        uint256 e,
        uint256 m,
        uint256 bits,
        bool signed
    ) private pure returns (uint256 result) {
        if (Float.isNan(x, e, m)) return 0;
        (result, ) = _clamp(x, e, m, bits, signed);
    }

    /// @dev The integer part of x, two's complement in `bits` bits, and whether it had to be clamped to the range. Not for NaN.
    function _clamp(
        uint256 x,
        uint256 e,
        uint256 m,
        uint256 bits,
        bool signed
    ) private pure returns (uint256 result, bool clamped) {
        unchecked {
            (uint256 integer, int256 q) = Float.unpack(x, e, m);
            // An infinity unpacks to an exponent beyond every range.
            if (q > 64) integer = type(uint128).max;
            else if (q >= 0) integer <<= uint256(q);
            else integer = q < -255 ? 0 : integer >> uint256(-q);

            bool negative = x & Float.signBit(e, m) != 0;
            uint256 limit = signed ? 1 << (bits - 1) : 1 << bits;
            if (negative) {
                limit = signed ? limit : 0;
                clamped = integer > limit;
                if (clamped) integer = limit;
                return ((0 - integer) & ((1 << bits) - 1), clamped);
            }
            clamped = integer >= limit;
            return (clamped ? limit - 1 : integer, clamped);
        }
    }

    function _convert(int256 value, uint256 e, uint256 m) private pure returns (uint256) {
        unchecked {
            if (value < 0) return Float.round(Float.signBit(e, m), uint256(-value), 0, e, m);
            return Float.round(0, uint256(value), 0, e, m);
        }
    }

    /// @dev A number of format (e, m) in format (toE, toM).
    function _resize(
        uint256 x,
        uint256 e,
        uint256 m,
        uint256 toE,
        uint256 toM
    ) private pure returns (uint256) {
        if (Float.isNan(x, e, m)) return Float.canonicalNan(toE, toM);
        uint256 sign = x & Float.signBit(e, m) == 0 ? 0 : Float.signBit(toE, toM);
        if (Float.isInfinite(x, e, m)) return sign | Float.infinity(toE, toM);
        (uint256 s, int256 q) = Float.unpack(x, e, m);
        return Float.round(sign, s, q, toE, toM);
    }
}
