// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Lanes} from "./Lanes.sol";

/// @title Scalar float instructions on every lane of a vector (WebAssembly core specification 3.0, section 4.6.4).
/// @notice A lane is worked on by the function of the scalar instruction, so the two agree by construction.
/// Invariant: a function given here returns a number below 2^w.
library FloatLanes {
    /// @dev Bits of a vector.
    uint256 private constant BITS = 128;

    /// @dev f of each lane of `from` bits, as lanes of `to` bits; as many as there are in the wider of the two shapes.
    function map(
        uint256 x,
        uint256 from,
        uint256 to,
        function(uint256) internal pure returns (uint256) f
    ) internal pure returns (uint256 result) {
        unchecked {
            uint256 count = BITS / (from > to ? from : to);
            for (uint256 i = 0; i < count; ++i) result |= f(Lanes.get(x, i, from)) << (i * to);
        }
    }

    /// @dev f of each lane of x and that of y.
    function zip(
        uint256 x,
        uint256 y,
        uint256 w,
        function(uint256, uint256) internal pure returns (uint256) f
    ) internal pure returns (uint256 result) {
        unchecked {
            for (uint256 i = 0; i < BITS / w; ++i) {
                result |= f(Lanes.get(x, i, w), Lanes.get(y, i, w)) << (i * w);
            }
        }
    }

    /// @dev A lane of ones where f gives 1 for the lanes of x and y, else a lane of zeros.
    function compare(
        uint256 x,
        uint256 y,
        uint256 w,
        function(uint256, uint256) internal pure returns (uint256) f
    ) internal pure returns (uint256) {
        unchecked {
            return zip(x, y, w, f) * ((1 << w) - 1);
        }
    }
}
