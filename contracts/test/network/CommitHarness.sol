// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Headers} from "../../src/network/libraries/Headers.sol";
import {Precommits} from "../../src/network/libraries/Precommits.sol";
import {BlockId, Header, Vote} from "../../src/network/types/Block.sol";

/// @notice Headers and precommits by themselves, for comparison with src/history/.
contract CommitHarness {
    function headerHash(Header calldata header) external pure returns (bytes32) {
        return Headers.hash(header);
    }

    function signers(
        string calldata chainId,
        uint64 height,
        uint32 round,
        BlockId calldata blockId,
        Vote[] calldata votes
    ) external pure returns (address[] memory) {
        return Precommits.recover(chainId, height, round, blockId, votes);
    }

    /// @notice A whole commit as a transaction, to see what it costs.
    function verify(
        Header calldata header,
        uint32 round,
        uint32 total,
        bytes32 partsHash,
        Vote[] calldata votes
    ) external pure returns (address[] memory) {
        BlockId memory id = BlockId(Headers.hash(header), total, partsHash);
        return Precommits.recover(header.chainId, header.height, round, id, votes);
    }
}
