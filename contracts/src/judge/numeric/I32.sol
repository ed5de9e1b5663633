// SPDX-License-Identifier: Apache-2.0
// Functions are named as the mnemonics are.
// solhint-disable func-name-mixedcase
pragma solidity ^0.8.28;

import {
    TRAP_INTEGER_DIVIDE_BY_ZERO,
    TRAP_INTEGER_OVERFLOW,
    TRAP_NONE
} from "../generated/Opcodes.sol";

/// @title 32-bit integer instructions (WebAssembly core specification 2.0, section 4.3.2).
/// @notice One function an instruction, named and ordered as the instruction table.
/// Invariant: operands and results are below 2^32; functions that can trap return the trap code beside the result.
/// Arithmetic is unchecked throughout: operands of 32 bits cannot overflow a 256-bit word, and what has to wrap is masked.
library I32 {
    uint256 private constant MASK = 0xffffffff;
    /// @dev The most negative integer.
    uint256 private constant MIN = 0x80000000;

    function i32_eqz(uint256 x) internal pure returns (uint256) {
        return _bool(x == 0);
    }

    function i32_eq(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x == y);
    }

    function i32_ne(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x != y);
    }

    function i32_lt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) < _signed(y));
    }

    function i32_lt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x < y);
    }

    function i32_gt_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) > _signed(y));
    }

    function i32_gt_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x > y);
    }

    function i32_le_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) <= _signed(y));
    }

    function i32_le_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x <= y);
    }

    function i32_ge_s(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(_signed(x) >= _signed(y));
    }

    function i32_ge_u(uint256 x, uint256 y) internal pure returns (uint256) {
        return _bool(x >= y);
    }

    function i32_clz(uint256 x) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := sub(clz(x), 224)
        }
    }

    function i32_ctz(uint256 x) internal pure returns (uint256 result) {
        if (x == 0) return 32;
        assembly ("memory-safe") {
            result := sub(255, clz(and(x, sub(0, x))))
        }
    }

    function i32_popcnt(uint256 x) internal pure returns (uint256) {
        unchecked {
            // Sums of neighbouring bits, pairs and nibbles; the multiplication adds the bytes up in the highest one.
            x -= (x >> 1) & 0x55555555;
            x = (x & 0x33333333) + ((x >> 2) & 0x33333333);
            x = (x + (x >> 4)) & 0x0f0f0f0f;
            return uint8((x * 0x01010101) >> 24);
        }
    }

    function i32_add(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x + y) & MASK;
        }
    }

    function i32_sub(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x - y) & MASK;
        }
    }

    function i32_mul(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x * y) & MASK;
        }
    }

    function i32_div_s(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            if (x == MIN && y == MASK) return (0, TRAP_INTEGER_OVERFLOW);
            return (uint256(_signed(x) / _signed(y)) & MASK, TRAP_NONE);
        }
    }

    function i32_div_u(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            return (x / y, TRAP_NONE);
        }
    }

    function i32_rem_s(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            return (uint256(_signed(x) % _signed(y)) & MASK, TRAP_NONE);
        }
    }

    function i32_rem_u(uint256 x, uint256 y) internal pure returns (uint256 result, uint256 trap) {
        unchecked {
            if (y == 0) return (0, TRAP_INTEGER_DIVIDE_BY_ZERO);
            return (x % y, TRAP_NONE);
        }
    }

    function i32_and(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x & y;
        }
    }

    function i32_or(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x | y;
        }
    }

    function i32_xor(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x ^ y;
        }
    }

    function i32_shl(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return (x << (y % 32)) & MASK;
        }
    }

    function i32_shr_s(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return uint256(_signed(x) >> (y % 32)) & MASK;
        }
    }

    function i32_shr_u(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return x >> (y % 32);
        }
    }

    function i32_rotl(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return ((x << (y % 32)) | (x >> (32 - (y % 32)))) & MASK;
        }
    }

    function i32_rotr(uint256 x, uint256 y) internal pure returns (uint256) {
        unchecked {
            return ((x >> (y % 32)) | (x << (32 - (y % 32)))) & MASK;
        }
    }

    function i32_wrap_i64(uint256 x) internal pure returns (uint256) {
        return x & MASK;
    }

    function i32_reinterpret_f32(uint256 x) internal pure returns (uint256) {
        return x;
    }

    function i32_extend8_s(uint256 x) internal pure returns (uint256) {
        return uint256(int256(int8(uint8(x)))) & MASK;
    }

    function i32_extend16_s(uint256 x) internal pure returns (uint256) {
        return uint256(int256(int16(uint16(x)))) & MASK;
    }

    function _signed(uint256 x) private pure returns (int256) {
        return int256(int32(uint32(x)));
    }

    function _bool(bool condition) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := condition
        }
    }
}
