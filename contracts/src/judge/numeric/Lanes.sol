// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Integer lanes of a 128-bit vector, for every width at once (WebAssembly core specification 3.0, section 4.6.4).
/// @notice A vector is a number below 2^128; lane i of w bits is its bits [i·w, (i + 1)·w). Lanes are worked on side by
/// side in one word, and each function says what it does to a lane. Masks are quotients of 2^128 − 1: divided by
/// 2^w − 1 it has the lowest bit of every lane, divided by 2^h + 1 the low half of every lane of 2h bits.
/// Invariant: no carry or borrow leaves its lane: the top bit of each lane is kept out of sums and put back by XOR.
library Lanes {
    uint256 private constant ALL = type(uint128).max;
    /// @dev Bits of a vector.
    uint256 private constant BITS = 128;

    // Masks

    /// @dev The lowest bit of every lane.
    function ones(uint256 w) internal pure returns (uint256) {
        unchecked {
            return ALL / ((1 << w) - 1);
        }
    }

    /// @dev The sign bit of every lane.
    function tops(uint256 w) internal pure returns (uint256) {
        unchecked {
            return ones(w) << (w - 1);
        }
    }

    /// @dev The low half of every lane of 2h bits.
    function halves(uint256 h) internal pure returns (uint256) {
        unchecked {
            return ALL / ((1 << h) + 1);
        }
    }

    /// @dev A lane of ones for each sign bit of x, else a lane of zeros.
    function signs(uint256 x, uint256 w) internal pure returns (uint256) {
        unchecked {
            return ((x >> (w - 1)) & ones(w)) * ((1 << w) - 1);
        }
    }

    /// @dev Bits of x where the mask has ones, bits of y elsewhere.
    function select(uint256 x, uint256 y, uint256 mask) internal pure returns (uint256) {
        return y ^ ((x ^ y) & mask);
    }

    // Lanes one by one

    /// @dev Lane i, zero-extended.
    function get(uint256 x, uint256 i, uint256 w) internal pure returns (uint256) {
        unchecked {
            return (x >> (i * w)) & ((1 << w) - 1);
        }
    }

    /// @dev x with another lane i.
    function set(uint256 x, uint256 i, uint256 w, uint256 lane) internal pure returns (uint256) {
        unchecked {
            uint256 mask = ((1 << w) - 1) << (i * w);
            return select(lane << (i * w), x, mask);
        }
    }

    /// @dev The low w bits of a scalar in every lane.
    function splat(uint256 scalar, uint256 w) internal pure returns (uint256) {
        unchecked {
            return (scalar & ((1 << w) - 1)) * ones(w);
        }
    }

    // Arithmetic

    /// @dev (x + y) mod 2^w
    function add(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        unchecked {
            uint256 top = tops(w);
            return ((x & ~top) + (y & ~top)) ^ ((x ^ y) & top);
        }
    }

    /// @dev (x − y) mod 2^w
    function sub(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        unchecked {
            uint256 top = tops(w);
            return ((x | top) - (y & ~top)) ^ (~(x ^ y) & top);
        }
    }

    /// @dev x · y mod 2^w
    function mul(uint256 x, uint256 y, uint256 w) internal pure returns (uint256 product) {
        unchecked {
            uint256 mask = (1 << w) - 1;
            for (uint256 bit = 0; bit < BITS; bit += w) {
                product |= ((((x >> bit) & mask) * ((y >> bit) & mask)) & mask) << bit;
            }
        }
    }

    /// @dev −x mod 2^w
    function neg(uint256 x, uint256 w) internal pure returns (uint256) {
        return sub(0, x, w);
    }

    /// @dev |x| mod 2^w, x signed
    function abs(uint256 x, uint256 w) internal pure returns (uint256) {
        uint256 negative = signs(x, w);
        return sub(x ^ negative, negative, w);
    }

    /// @dev min(x + y, 2^w − 1)
    function addSatU(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        uint256 sum = add(x, y, w);
        return sum | ltU(sum, x, w);
    }

    /// @dev max(x − y, 0)
    function subSatU(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return sub(x, y, w) & ~ltU(x, y, w);
    }

    /// @dev x + y, signed, clamped to w bits
    function addSatS(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        uint256 sum = add(x, y, w);
        return select(_limit(x, w), sum, signs((x ^ sum) & (y ^ sum), w));
    }

    /// @dev x − y, signed, clamped to w bits
    function subSatS(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        uint256 difference = sub(x, y, w);
        return select(_limit(x, w), difference, signs((x ^ y) & (x ^ difference), w));
    }

    /// @dev ⌊(x + y + 1) / 2⌋
    function avgrU(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        unchecked {
            return (x | y) - (((x ^ y) & ~ones(w)) >> 1);
        }
    }

    /// @dev min(x, y), signed
    function minS(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return select(x, y, ltS(x, y, w));
    }

    /// @dev min(x, y)
    function minU(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return select(x, y, ltU(x, y, w));
    }

    /// @dev max(x, y), signed
    function maxS(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return select(y, x, ltS(x, y, w));
    }

    /// @dev max(x, y)
    function maxU(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return select(y, x, ltU(x, y, w));
    }

    /// @dev Bits of x that are one, for lanes of 8 bits.
    function popcnt8(uint256 x) internal pure returns (uint256) {
        unchecked {
            x -= (x >> 1) & (ALL / 3);
            x = (x & (ALL / 5)) + ((x >> 2) & (ALL / 5));
            return (x + (x >> 4)) & (ALL / 17);
        }
    }

    /// @dev The number of w bits, signed, that is furthest from 0 on x's side of it: 2^(w−1) − 1 or −2^(w−1).
    function _limit(uint256 x, uint256 w) private pure returns (uint256) {
        return signs(x, w) ^ (ALL ^ tops(w));
    }

    // Comparisons: a lane of ones where they hold, else a lane of zeros

    /// @dev x = y
    function eq(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        unchecked {
            uint256 low = ALL ^ tops(w);
            uint256 z = x ^ y;
            // The top bit of each lane: whether any bit of z is one.
            return signs(~(((z & low) + low) | z), w);
        }
    }

    /// @dev x < y
    function ltU(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        // The borrow of x − y out of each lane.
        return signs((~x & y) | (~(x ^ y) & sub(x, y, w)), w);
    }

    /// @dev x < y, signed
    function ltS(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        uint256 top = tops(w);
        return ltU(x ^ top, y ^ top, w);
    }

    /// @dev x ≠ y
    function ne(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return ALL ^ eq(x, y, w);
    }

    /// @dev x ≤ y
    function leU(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return ALL ^ ltU(y, x, w);
    }

    /// @dev x ≤ y, signed
    function leS(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return ALL ^ ltS(y, x, w);
    }

    // Shifts, by k modulo w

    /// @dev x · 2^k mod 2^w
    function shl(uint256 x, uint256 k, uint256 w) internal pure returns (uint256) {
        unchecked {
            k &= w - 1;
            return (x << k) & splat(type(uint256).max << k, w);
        }
    }

    /// @dev ⌊x / 2^k⌋
    function shrU(uint256 x, uint256 k, uint256 w) internal pure returns (uint256) {
        unchecked {
            k &= w - 1;
            return (x >> k) & splat(((1 << w) - 1) >> k, w);
        }
    }

    /// @dev ⌊x / 2^k⌋, signed
    function shrS(uint256 x, uint256 k, uint256 w) internal pure returns (uint256) {
        // The complement of a negative number shifts in zeros where the number shifts in ones.
        uint256 negative = signs(x, w);
        return shrU(x ^ negative, k, w) ^ negative;
    }

    // Between widths

    /// @dev The lanes of w / 2 bits in the low half of x, zero-extended or sign-extended to w bits.
    function extend(uint256 x, uint256 w, bool signed) internal pure returns (uint256) {
        unchecked {
            uint256 h = w / 2;
            x &= type(uint64).max;
            for (uint256 step = 32; step >= h; step /= 2) x = (x | (x << step)) & halves(step);
            return signed ? _signExtend(x, w) : x;
        }
    }

    /// @dev The even lanes of w / 2 bits, zero-extended or sign-extended to w bits.
    function even(uint256 x, uint256 w, bool signed) internal pure returns (uint256) {
        unchecked {
            x &= halves(w / 2);
            return signed ? _signExtend(x, w) : x;
        }
    }

    /// @dev The odd lanes of w / 2 bits, zero-extended or sign-extended to w bits.
    function odd(uint256 x, uint256 w, bool signed) internal pure returns (uint256) {
        unchecked {
            return even(x >> (w / 2), w, signed);
        }
    }

    /// @dev Products of the lanes that `extend` gives.
    function extmul(uint256 x, uint256 y, uint256 w, bool signed) internal pure returns (uint256) {
        return mul(extend(x, w, signed), extend(y, w, signed), w);
    }

    /// @dev Sums of neighbouring lanes of w / 2 bits.
    function addPairs(uint256 x, uint256 w, bool signed) internal pure returns (uint256) {
        return add(even(x, w, signed), odd(x, w, signed), w);
    }

    /// @dev Products of the even lanes of w / 2 bits, signed.
    function evenProducts(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return mul(even(x, w, true), even(y, w, true), w);
    }

    /// @dev Products of the odd lanes of w / 2 bits, signed.
    function oddProducts(uint256 x, uint256 y, uint256 w) internal pure returns (uint256) {
        return mul(odd(x, w, true), odd(y, w, true), w);
    }

    /// @dev The lanes of x, of w bits and signed, clamped to w / 2 bits, side by side in the low half of a vector.
    function narrow(uint256 x, uint256 w, bool signed) internal pure returns (uint256) {
        unchecked {
            uint256 h = w / 2;
            uint256 largest = splat((1 << (signed ? h - 1 : h)) - 1, w);
            uint256 smallest = signed ? ~largest & ALL : 0;
            x = minS(maxS(x, smallest, w), largest, w) & halves(h);
            for (; h < 64; h *= 2) x = (x | (x >> h)) & halves(2 * h);
            return x;
        }
    }

    /// @dev Sign-extends the low halves of lanes whose high halves are zero.
    function _signExtend(uint256 x, uint256 w) private pure returns (uint256) {
        unchecked {
            uint256 sign = ones(w) << (w / 2 - 1);
            return sub(x ^ sign, sign, w);
        }
    }

    // To a scalar

    /// @dev Whether no lane is zero.
    function allTrue(uint256 x, uint256 w) internal pure returns (bool) {
        return eq(x, 0, w) == 0;
    }

    /// @dev The sign bits, that of lane i as bit i.
    function bitmask(uint256 x, uint256 w) internal pure returns (uint256 mask) {
        unchecked {
            x >>= w - 1;
            for (uint256 i = 0; i < BITS / w; ++i) mask |= ((x >> (i * w)) & 1) << i;
        }
    }
}
