// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {
    TRAP_INTEGER_DIVIDE_BY_ZERO,
    TRAP_INTEGER_OVERFLOW,
    TRAP_NONE
} from "../generated/Opcodes.sol";

/// @title 64-bit integer instructions (WebAssembly core specification 2.0, section 4.3.2).
/// @notice One function an instruction, named and ordered as the instruction table.
/// Invariant: operands and results are below 2^64; functions that can trap return the trap code beside the result.
/// Arithmetic is unchecked throughout: operands of 64 bits cannot overflow a 256-bit word, and what has to wrap is masked.
library I64 {
    uint256 private constant MASK = 0xffffffffffffffff;
    /// @dev The most negative integer.
    uint256 private constant MIN = 0x8000000000000000;

    function i64_eqz(uint256 x) internal pure returns (uint256) {
        return _bool(x == 0);
    }

    function i64_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x == y);
    }

    function i64_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x != y);
    }

    function i64_lt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) < _signed(y));
    }

    function i64_lt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x < y);
    }

    function i64_gt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) > _signed(y));
    }

    function i64_gt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x > y);
    }

    function i64_le_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) <= _signed(y));
    }

    function i64_le_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x <= y);
    }

    function i64_ge_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) >= _signed(y));
    }

    function i64_ge_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x >= y);
    }

    function i64_clz(uint256 x) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := sub(clz(x), 192)
        }
    }

    function i64_ctz(uint256 x) internal pure returns (uint256 result) {
        if (x == 0) return 64;
        assembly ("memory-safe") {
            result := sub(255, clz(and(x, sub(0, x))))
        }
    }

    function i64_popcnt(uint256 x) internal pure returns (uint256) {
        unchecked {
            // Sums of neighbouring bits, pairs and nibbles; the multiplication adds the bytes up in the highest one.
            x -= (x >> 1) & 0x5555555555555555;
            x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
            x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
            return uint8((x * 0x0101010101010101) >> 56);
        }
    }

    function i64_add(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x + y) & MASK;
        }
    }

    function i64_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x - y) & MASK;
        }
    }

    function i64_mul(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x * y) & MASK;
        }
    }

    function i64_div_s(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            if (x == MIN && y == MASK) return (0, TRAP_INTEGER_OVERFLOW);
            return (uint256(_signed(x) / _signed(y)) & MASK, TRAP_NONE);
        }
    }

    function i64_div_u(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            return (x / y, TRAP_NONE);
        }
    }

    function i64_rem_s(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            return (uint256(_signed(x) % _signed(y)) & MASK, TRAP_NONE);
        }
    }

    function i64_rem_u(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            return (x % y, TRAP_NONE);
        }
    }

    function i64_and(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x & y;
        }
    }

    function i64_or(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x | y;
        }
    }

    function i64_xor(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x ^ y;
        }
    }

    function i64_shl(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x << (y % 64)) & MASK;
        }
    }

    function i64_shr_s(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return uint256(_signed(x) >> (y % 64)) & MASK;
        }
    }

    function i64_shr_u(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x >> (y % 64);
        }
    }

    function i64_rotl(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return ((x << (y % 64)) | (x >> (64 - (y % 64)))) & MASK;
        }
    }

    function i64_rotr(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return ((x >> (y % 64)) | (x << (64 - (y % 64)))) & MASK;
        }
    }

    function i64_extend_i32_s(uint256 x) internal pure returns (uint256) {
        return uint256(int256(int32(uint32(x)))) & MASK;
    }

    function i64_extend_i32_u(uint256 x) internal pure returns (uint256) {
        return x;
    }

    function i64_reinterpret_f64(uint256 x) internal pure returns (uint256) {
        return x;
    }

    function i64_extend8_s(uint256 x) internal pure returns (uint256) {
        return uint256(int256(int8(uint8(x)))) & MASK;
    }

    function i64_extend16_s(uint256 x) internal pure returns (uint256) {
        return uint256(int256(int16(uint16(x)))) & MASK;
    }

    function i64_extend32_s(uint256 x) internal pure returns (uint256) {
        return uint256(int256(int32(uint32(x)))) & MASK;
    }

    function _signed(uint256 x) private pure returns (int256) {
        return int256(int64(uint64(x)));
    }

    function _bool(bool condition) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := condition
        }
    }
}
