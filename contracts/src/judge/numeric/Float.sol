// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IEEE 754-2019 binary arithmetic on bit patterns, for any format that fits 64 bits.
/// @notice The arithmetic behind F32, F64 and Convert, written once over (e, m): exponent bits and mantissa bits.
/// A finite number is sign · s · 2^q with an integer s; every operation is exact in 256-bit integers (division and
/// square root keep a sticky bit) and ends in one rounding, to nearest, ties to even.
/// Invariant: a NaN result is the canonical NaN with the sign bit set (docs/machine.md section 7).
/// Arithmetic is unchecked: significands stay below 2^190, exponents below 2^13.
library Float {
    /// @dev Shift that brings quotients and roots to more bits than any format has.
    uint256 private constant HEADROOM = 130;

    function canonicalNan(uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            return ((1 << (e + 2)) - 1) << (m - 1);
        }
    }

    function infinity(uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            return ((1 << e) - 1) << m;
        }
    }

    function signBit(uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            return 1 << (e + m);
        }
    }

    function magnitude(uint256 x, uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            return x & (signBit(e, m) - 1);
        }
    }

    function isNan(uint256 x, uint256 e, uint256 m) internal pure returns (bool) {
        return magnitude(x, e, m) > infinity(e, m);
    }

    function isInfinite(uint256 x, uint256 e, uint256 m) internal pure returns (bool) {
        return magnitude(x, e, m) == infinity(e, m);
    }

    /// @dev Significand and exponent of a finite number: |x| = s · 2^q.
    function unpack(uint256 x, uint256 e, uint256 m) internal pure returns (uint256 s, int256 q) {
        unchecked {
            s = x & ((1 << m) - 1);
            uint256 biased = magnitude(x, e, m) >> m;
            if (biased == 0) return (s, smallestExponent(e, m));
            return (s | (1 << m), smallestExponent(e, m) + int256(biased) - 1);
        }
    }

    /// @dev Exponent of the last bit of a subnormal number: 1 − bias − m.
    function smallestExponent(uint256 e, uint256 m) internal pure returns (int256) {
        unchecked {
            return 2 - int256(1 << (e - 1)) - int256(m);
        }
    }

    /// @dev The number of the format nearest to ± s · 2^q, ties to even. `sign` is 0 or the sign bit.
    function round(
        uint256 sign,
        uint256 s,
        int256 q,
        uint256 e,
        uint256 m
    ) internal pure returns (uint256) {
        unchecked {
            if (s == 0) return sign;
            uint256 length;
            assembly ("memory-safe") {
                length := sub(256, clz(s))
            }
            int256 shift = int256(length) - int256(m + 1);
            int256 smallest = smallestExponent(e, m);
            if (q + shift < smallest) shift = smallest - q;
            if (shift <= 0) {
                s <<= uint256(-shift);
            } else if (uint256(shift) > length) {
                // Less than half of the smallest subnormal number.
                return sign;
            } else {
                uint256 half = 1 << uint256(shift - 1);
                uint256 remainder = s & ((half << 1) - 1);
                s >>= uint256(shift);
                if (remainder > half || (remainder == half && s & 1 == 1)) ++s;
            }
            // A carry out of the significand, or the step from subnormal to normal, moves into the exponent field by itself.
            uint256 bits = (uint256(q + shift - smallest) << m) + s;
            return sign | (bits < infinity(e, m) ? bits : infinity(e, m));
        }
    }

    function add(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            if (isNan(x, e, m) || isNan(y, e, m)) return canonicalNan(e, m);
            if (isInfinite(x, e, m)) {
                return isInfinite(y, e, m) && x != y ? canonicalNan(e, m) : x;
            }
            if (isInfinite(y, e, m)) return y;
            if (magnitude(x, e, m) < magnitude(y, e, m)) (x, y) = (y, x);
            (uint256 big, int256 q) = unpack(x, e, m);
            (uint256 small, int256 smallQ) = unpack(y, e, m);
            uint256 distance = uint256(q - smallQ);
            if (distance > HEADROOM) {
                // Far below the last bit of the larger number: only whether it is zero matters.
                distance = HEADROOM;
                if (small != 0) small = 1;
            }
            big <<= distance;
            uint256 sign = x & signBit(e, m);
            if ((x ^ y) & signBit(e, m) == 0) {
                big += small;
            } else {
                big -= small;
                if (big == 0) sign = 0;
            }
            return round(sign, big, q - int256(distance), e, m);
        }
    }

    function sub(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (uint256) {
        return add(x, y ^ signBit(e, m), e, m);
    }

    function mul(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            if (isNan(x, e, m) || isNan(y, e, m)) return canonicalNan(e, m);
            uint256 sign = (x ^ y) & signBit(e, m);
            bool zero = magnitude(x, e, m) == 0 || magnitude(y, e, m) == 0;
            if (isInfinite(x, e, m) || isInfinite(y, e, m)) {
                return zero ? canonicalNan(e, m) : sign | infinity(e, m);
            }
            (uint256 s, int256 q) = unpack(x, e, m);
            (uint256 sy, int256 qy) = unpack(y, e, m);
            return round(sign, s * sy, q + qy, e, m);
        }
    }

    function div(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            if (isNan(x, e, m) || isNan(y, e, m)) return canonicalNan(e, m);
            uint256 sign = (x ^ y) & signBit(e, m);
            if (isInfinite(x, e, m)) {
                return isInfinite(y, e, m) ? canonicalNan(e, m) : sign | infinity(e, m);
            }
            if (isInfinite(y, e, m)) return sign;
            (uint256 s, int256 q) = unpack(x, e, m);
            (uint256 divisor, int256 qy) = unpack(y, e, m);
            if (divisor == 0) return s == 0 ? canonicalNan(e, m) : sign | infinity(e, m);
            s <<= HEADROOM;
            uint256 quotient = s / divisor;
            uint256 sticky = s % divisor == 0 ? 0 : 1;
            return round(sign, (quotient << 1) | sticky, q - qy - int256(HEADROOM + 1), e, m);
        }
    }

    function sqrt(uint256 x, uint256 e, uint256 m) internal pure returns (uint256) {
        unchecked {
            if (isNan(x, e, m)) return canonicalNan(e, m);
            if (magnitude(x, e, m) == 0) return x;
            if (x & signBit(e, m) != 0) return canonicalNan(e, m);
            if (isInfinite(x, e, m)) return x;
            (uint256 s, int256 q) = unpack(x, e, m);
            uint256 shift = HEADROOM + uint256(q & 1);
            s <<= shift;
            uint256 root = _integerSquareRoot(s);
            uint256 sticky = root * root == s ? 0 : 1;
            return round(0, (root << 1) | sticky, (q - int256(shift)) / 2 - 1, e, m);
        }
    }

    function min(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (uint256) {
        if (isNan(x, e, m) || isNan(y, e, m)) return canonicalNan(e, m);
        if (order(x, e, m) == order(y, e, m)) return x | y;
        return order(x, e, m) < order(y, e, m) ? x : y;
    }

    function max(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (uint256) {
        if (isNan(x, e, m) || isNan(y, e, m)) return canonicalNan(e, m);
        if (order(x, e, m) == order(y, e, m)) return x & y;
        return order(x, e, m) > order(y, e, m) ? x : y;
    }

    /// @dev An integer that is ordered as the numbers are; both zeros give 0. Not for NaN.
    function order(uint256 x, uint256 e, uint256 m) internal pure returns (int256) {
        unchecked {
            int256 key = int256(magnitude(x, e, m));
            return x & signBit(e, m) == 0 ? key : -key;
        }
    }

    function eq(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (bool) {
        return !isNan(x, e, m) && !isNan(y, e, m) && order(x, e, m) == order(y, e, m);
    }

    function lt(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (bool) {
        return !isNan(x, e, m) && !isNan(y, e, m) && order(x, e, m) < order(y, e, m);
    }

    function le(uint256 x, uint256 y, uint256 e, uint256 m) internal pure returns (bool) {
        return !isNan(x, e, m) && !isNan(y, e, m) && order(x, e, m) <= order(y, e, m);
    }

    function ceil(uint256 x, uint256 e, uint256 m) internal pure returns (uint256) {
        if (isNan(x, e, m)) return canonicalNan(e, m);
        (bool whole, uint256 integer, uint256 fraction) = _split(x, e, m);
        if (whole) return x;
        uint256 sign = x & signBit(e, m);
        return round(sign, integer + (fraction != 0 && sign == 0 ? 1 : 0), 0, e, m);
    }

    function floor(uint256 x, uint256 e, uint256 m) internal pure returns (uint256) {
        if (isNan(x, e, m)) return canonicalNan(e, m);
        (bool whole, uint256 integer, uint256 fraction) = _split(x, e, m);
        if (whole) return x;
        uint256 sign = x & signBit(e, m);
        return round(sign, integer + (fraction != 0 && sign != 0 ? 1 : 0), 0, e, m);
    }

    function trunc(uint256 x, uint256 e, uint256 m) internal pure returns (uint256) {
        if (isNan(x, e, m)) return canonicalNan(e, m);
        (bool whole, uint256 integer, ) = _split(x, e, m);
        return whole ? x : round(x & signBit(e, m), integer, 0, e, m);
    }

    function nearest(uint256 x, uint256 e, uint256 m) internal pure returns (uint256) {
        if (isNan(x, e, m)) return canonicalNan(e, m);
        (bool whole, uint256 integer, uint256 fraction) = _split(x, e, m);
        if (whole) return x;
        bool up = fraction > 1 << 255 || (fraction == 1 << 255 && integer & 1 == 1);
        return round(x & signBit(e, m), integer + (up ? 1 : 0), 0, e, m);
    }

    /// @dev Integer part of |x|, and its fraction times 2^256; `whole` for infinities and numbers without fraction bits.
    function _split(
        uint256 x,
        uint256 e,
        uint256 m
    ) private pure returns (bool whole, uint256 integer, uint256 fraction) {
        unchecked {
            (uint256 s, int256 q) = unpack(x, e, m);
            if (q >= 0) return (true, 0, 0);
            // Below 2^-75 the exact fraction no longer matters, only that it is not zero.
            if (q < -128) return (false, 0, s);
            return (false, s >> uint256(-q), s << uint256(256 + q));
        }
    }

    /// @dev ⌊√s⌋ for 2^130 ≤ s < 2^185, by Newton's method from above.
    function _integerSquareRoot(uint256 s) private pure returns (uint256 root) {
        unchecked {
            uint256 length;
            assembly ("memory-safe") {
                length := sub(256, clz(s))
            }
            root = 1 << ((length + 1) / 2);
            while (true) {
                uint256 next = (root + s / root) / 2;
                if (next >= root) return root;
                root = next;
            }
        }
    }
}
