// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Machine} from "../state/Machine.sol";

/// @title Reading a witness, one byte string consumed from start to end (docs/proof-format.md section 4).
/// @notice Reads past the end give what lies behind the witness in calldata; nothing is made of them, because the
/// step ends with `finish`, which accepts only a cursor that stands exactly at the end.
library Witness {
    /// @notice The step needed another number of witness bytes than there are. Positions are those of the calldata.
    error WitnessLength(uint256 cursor, uint256 end);

    function start(Machine memory m, bytes calldata witness) internal pure {
        uint256 offset;
        assembly ("memory-safe") {
            offset := witness.offset
        }
        m.cursor = offset;
        m.end = offset + witness.length;
    }

    function word(Machine memory m) internal pure returns (uint256 result) {
        uint256 cursor = m.cursor;
        assembly ("memory-safe") {
            result := calldataload(cursor)
        }
        m.cursor = cursor + 32;
    }

    function hash(Machine memory m) internal pure returns (bytes32) {
        return bytes32(word(m));
    }

    function u32(Machine memory m) internal pure returns (uint256 result) {
        result = word(m) >> 224;
        m.cursor -= 28;
    }

    function u8(Machine memory m) internal pure returns (uint256 result) {
        result = word(m) >> 248;
        m.cursor -= 31;
    }

    function finish(Machine memory m) internal pure {
        if (m.cursor != m.end) revert WitnessLength(m.cursor, m.end);
    }
}
