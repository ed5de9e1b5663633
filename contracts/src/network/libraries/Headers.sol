// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockId, Header} from "../types/Block.sol";
import {Wire} from "./Wire.sol";

/// @title A block's hash, as CometBFT 0.38 computes it (paper 5.4).
/// @notice An RFC 6962 tree of SHA-256 over the header's 14 fields, each a protobuf message of its own. Twin of
/// `headerHash` in src/history/block.ts.
library Headers {
    /// @return root of the tree: what the votes for the block name.
    function hash(Header memory header) internal pure returns (bytes32) {
        // 14 leaves split into 8 and 6, 6 into 4 and 2.
        return node(firstEight(header), lastSix(header));
    }

    /// @notice The same root by the header's parent and its path.
    /// @param siblings Lowest first: the last commit's hash, data and validators, the first four fields, the last six.
    function hashByParent(
        BlockId calldata parent,
        bytes32[4] calldata siblings
    ) internal pure returns (bytes32) {
        bytes32 pair = node(leaf(Wire.blockId(parent)), siblings[0]);
        return node(node(siblings[2], node(pair, siblings[1])), siblings[3]);
    }

    function firstEight(Header memory header) private pure returns (bytes32) {
        bytes32 left = node(
            node(
                leaf(
                    bytes.concat(
                        Wire.varintField(0x08, header.versionBlock),
                        Wire.varintField(0x10, header.versionApp)
                    )
                ),
                leaf(text(bytes(header.chainId)))
            ),
            node(leaf(Wire.varintField(0x08, header.height)), leaf(Wire.timestamp(header.time)))
        );
        bytes32 right = node(
            node(leaf(Wire.blockId(header.lastBlockId)), wordLeaf(header.lastCommitHash)),
            node(wordLeaf(header.dataHash), wordLeaf(header.validatorsHash))
        );
        return node(left, right);
    }

    function lastSix(Header memory header) private pure returns (bytes32) {
        bytes32 left = node(
            node(wordLeaf(header.nextValidatorsHash), wordLeaf(header.consensusHash)),
            node(leaf(text(header.appHash)), wordLeaf(header.lastResultsHash))
        );
        bytes32 right = node(
            wordLeaf(header.evidenceHash),
            leaf(bytes.concat(hex"0a14", header.proposerAddress))
        );
        return node(left, right);
    }

    /// @dev A value of bytes or text; nothing if it is empty.
    function text(bytes memory value) private pure returns (bytes memory) {
        return value.length == 0 ? bytes("") : Wire.delimitedField(0x0a, value);
    }

    function wordLeaf(bytes32 value) private pure returns (bytes32) {
        return leaf(bytes.concat(hex"0a20", value));
    }

    function leaf(bytes memory value) private pure returns (bytes32) {
        return sha256(bytes.concat(hex"00", value));
    }

    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(bytes.concat(hex"01", left, right));
    }
}
