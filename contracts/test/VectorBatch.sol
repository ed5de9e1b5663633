// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {VectorConversionStep} from "../src/judge/generated/VectorConversionStep.sol";
import {VectorFloatStep} from "../src/judge/generated/VectorFloatStep.sol";
import {VectorIntegerStep} from "../src/judge/generated/VectorIntegerStep.sol";
import {VectorLaneStep} from "../src/judge/generated/VectorLaneStep.sol";

/// @notice Test only: many applications of one vector instruction in one call.
/// A case is x, y and z, 16 bytes each, big-endian; a result is 16 bytes.
contract VectorLaneBatch is VectorLaneStep {
    function apply_(
        uint256 op,
        uint256 immediate,
        bytes calldata cases
    ) external pure returns (bytes memory) {
        return VectorCases.run(op, immediate, cases, _apply);
    }
}

/// @notice Test only, as above.
contract VectorIntegerBatch is VectorIntegerStep {
    function apply_(
        uint256 op,
        uint256 immediate,
        bytes calldata cases
    ) external pure returns (bytes memory) {
        return VectorCases.run(op, immediate, cases, _apply);
    }
}

/// @notice Test only, as above.
contract VectorConversionBatch is VectorConversionStep {
    function apply_(
        uint256 op,
        uint256 immediate,
        bytes calldata cases
    ) external pure returns (bytes memory) {
        return VectorCases.run(op, immediate, cases, _apply);
    }
}

/// @notice Test only, as above.
contract VectorFloatBatch is VectorFloatStep {
    function apply_(
        uint256 op,
        uint256 immediate,
        bytes calldata cases
    ) external pure returns (bytes memory) {
        return VectorCases.run(op, immediate, cases, _apply);
    }
}

/// @notice The loop of the batch contracts.
library VectorCases {
    /// @notice A kernel gave more than 128 bits for a case.
    error WideResult(uint256 index, uint256 result);

    uint256 private constant CASE_BYTES = 48;
    uint256 private constant RESULT_BYTES = 16;

    function run(
        uint256 op,
        uint256 immediate,
        bytes calldata cases,
        function(uint256, uint256, uint256, uint256, uint256) internal pure returns (uint256) apply_
    ) internal pure returns (bytes memory results) {
        uint256 count = cases.length / CASE_BYTES;
        results = new bytes(count * RESULT_BYTES + 16);
        for (uint256 i = 0; i < count; ++i) {
            uint256 result = apply_(
                op,
                immediate,
                _operand(cases, 3 * i),
                _operand(cases, 3 * i + 1),
                _operand(cases, 3 * i + 2)
            );
            if (result > type(uint128).max) revert WideResult(i, result);
            assembly ("memory-safe") {
                mstore(add(add(results, 32), mul(i, RESULT_BYTES)), shl(128, result))
            }
        }
    }

    function _operand(bytes calldata cases, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(128, calldataload(add(cases.offset, mul(index, 16))))
        }
    }
}
