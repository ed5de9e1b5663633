// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ConversionStep} from "../../src/judge/generated/ConversionStep.sol";
import {FloatStep} from "../../src/judge/generated/FloatStep.sol";
import {IntegerStep} from "../../src/judge/generated/IntegerStep.sol";

/// @notice Test only: many applications of one numeric instruction in one call.
/// Operands come as 8 big-endian bytes each; a result is 8 bytes, followed by the trap code in one byte.
contract IntegerBatch is IntegerStep {
    function unary(uint256 op, bytes calldata operands) external pure returns (bytes memory) {
        return Batch.unary(op, operands, _unary);
    }

    function binary(uint256 op, bytes calldata operands) external pure returns (bytes memory) {
        return Batch.binary(op, operands, _binary);
    }
}

/// @notice Test only, as above.
contract FloatBatch is FloatStep {
    function unary(uint256 op, bytes calldata operands) external pure returns (bytes memory) {
        return Batch.unary(op, operands, _unary);
    }

    function binary(uint256 op, bytes calldata operands) external pure returns (bytes memory) {
        return Batch.binary(op, operands, _binary);
    }
}

/// @notice Test only, as above.
contract ConversionBatch is ConversionStep {
    function unary(uint256 op, bytes calldata operands) external pure returns (bytes memory) {
        return Batch.unary(op, operands, _unary);
    }
}

/// @notice The loops of the batch contracts.
library Batch {
    uint256 private constant RESULT_BYTES = 9;

    function unary(
        uint256 op,
        bytes calldata operands,
        function(uint256, uint256) internal pure returns (uint256, uint256) apply_
    ) internal pure returns (bytes memory results) {
        uint256 count = operands.length / 8;
        results = new bytes(count * RESULT_BYTES + 32);
        for (uint256 i = 0; i < count; ++i) {
            (uint256 result, uint256 trap) = apply_(op, _operand(operands, i));
            _put(results, i, result, trap);
        }
    }

    function binary(
        uint256 op,
        bytes calldata operands,
        function(uint256, uint256, uint256) internal pure returns (uint256, uint256) apply_
    ) internal pure returns (bytes memory results) {
        uint256 count = operands.length / 16;
        results = new bytes(count * RESULT_BYTES + 32);
        for (uint256 i = 0; i < count; ++i) {
            (uint256 result, uint256 trap) = apply_(
                op,
                _operand(operands, 2 * i),
                _operand(operands, 2 * i + 1)
            );
            _put(results, i, result, trap);
        }
    }

    function _operand(bytes calldata operands, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(192, calldataload(add(operands.offset, mul(index, 8))))
        }
    }

    /// @dev A result above 64 bits would spill; it is reported as the impossible trap code 255.
    function _put(bytes memory results, uint256 index, uint256 result, uint256 trap) private pure {
        if (result > type(uint64).max) trap = 255;
        uint256 entry = ((result << 8) | uint8(trap)) << 184;
        assembly ("memory-safe") {
            mstore(add(add(results, 32), mul(index, RESULT_BYTES)), entry)
        }
    }
}
