// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockHeader} from "@openzeppelin/contracts/utils/BlockHeader.sol";
import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";

/// @title Seeds and what is drawn by them (docs/validation.md section 3, paper 6.1).
library SeedDraw {
    uint256 private constant WHOLE_BPS = 10_000;

    /// @notice The RANDAO mix of an EVM block, proven by its header against the chain's history of hashes (EIP-2935).
    /// @return mix of that block.
    /// @return isThere Whether the header is that block's.
    function mixOf(
        bytes calldata header,
        uint256 number
    ) internal view returns (bytes32 mix, bool isThere) {
        // A hash that the history does not hold is 0, and no header's.
        if (keccak256(header) != Blockhash.blockHash(number)) return (0, false);
        return (BlockHeader.getPrevRandao(header), true);
    }

    /// @notice w (6.1).
    function seedOf(
        bytes32 mix,
        bytes32 cluster,
        uint64 height,
        uint16 attempt
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(mix, cluster, height, attempt));
    }

    /// @notice x (6.1), in 1/10,000.
    function fraction(bytes32 seed) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed))) % WHOLE_BPS;
    }
}
