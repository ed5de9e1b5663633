// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Search} from "../../src/game/libraries/Search.sol";

/// @notice Search's functions by themselves, for comparison with src/game/search/search.ts.
contract SearchHarness {
    function point(uint256 steps, uint256 m, uint256 j) external pure returns (uint256) {
        return Search.point(steps, m, j);
    }

    function commitment(
        bytes32 start,
        bytes32[] calldata vector,
        bytes32 end
    ) external pure returns (bytes32) {
        return Search.commitment(start, vector, end);
    }

    function commitmentAt(
        uint256 m,
        uint256 index,
        bytes32[2] calldata part,
        bytes32[] calldata path
    ) external pure returns (bytes32) {
        return Search.commitmentAt(m, index, part, path);
    }
}
