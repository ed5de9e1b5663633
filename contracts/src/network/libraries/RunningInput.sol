// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {INPUT} from "../../judge/generated/Arrays.sol";

/// @title Root of an input whose bytes come piece by piece (docs/proof-format.md sections 1 and 7).
/// @notice `peaks[d]` is the root of a full subtree of 2^d leaves, where bit d of the number of whole leaves is set;
/// `tail` is what lies behind them, less than a leaf. Twin of src/merkle/inputRoot.ts.
library RunningInput {
    /// @notice An input that is being built.
    struct Input {
        uint256 length;
        bytes tail;
        bytes32[] peaks;
    }

    uint256 internal constant LEAF_BYTES = 128;

    function depth() internal pure returns (uint256) {
        return uint8(INPUT >> 8);
    }

    function empty() internal pure returns (Input memory) {
        return Input(0, "", new bytes32[](depth()));
    }

    /// @notice Appends bytes.
    function append(Input memory input, bytes memory more) internal pure {
        uint256 count = input.length / LEAF_BYTES;
        input.length += more.length;
        // One word of room: the byte behind the last leaf is written and restored.
        bytes memory content = bytes.concat(input.tail, more, bytes32(0));
        uint256 length = content.length - 32;
        uint256 place = 0;
        for (; place + LEAF_BYTES <= length; place += LEAF_BYTES)
            add(input, count++, leafAt(content, place));
        input.tail = new bytes(length - place);
        for (uint256 i = 0; i < input.tail.length; ++i) input.tail[i] = content[place + i];
    }

    /// @notice The root over all bytes so far, zero-extended.
    function root(Input memory input) internal pure returns (bytes32 hash) {
        uint256 count = input.length / LEAF_BYTES;
        bool hasTail = input.tail.length != 0;
        hash =
            hasTail ? leafAt(bytes.concat(input.tail, new bytes(LEAF_BYTES + 32)), 0) : bytes32(0);
        // Of what lies behind the full subtrees: `hash` covers 2^d leaves, of which count mod 2^d and the tail are there.
        for (uint256 d = 0; d < depth(); ++d) {
            hash = (count >> d) & 1 == 1 ? node(input.peaks[d], hash) : node(hash, 0);
        }
    }

    /// @notice The root to which a chunk of 2^levels leaves leads with its siblings, lowest first.
    function rootAbove(
        bytes memory chunk,
        uint256 levels,
        uint256 index,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32 hash) {
        hash = rootOf(chunk, levels);
        for (uint256 i = 0; i < siblings.length; ++i) {
            hash = (index >> i) & 1 == 0 ? node(hash, siblings[i]) : node(siblings[i], hash);
        }
    }

    /// @notice Root of a chunk of 2^levels leaves, zero-extended.
    function rootOf(bytes memory chunk, uint256 levels) internal pure returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](1 << levels);
        bytes memory content = bytes.concat(
            chunk,
            new bytes((LEAF_BYTES << levels) - chunk.length + 32)
        );
        for (uint256 i = 0; i < nodes.length; ++i) nodes[i] = leafAt(content, i * LEAF_BYTES);
        for (uint256 width = nodes.length >> 1; width > 0; width >>= 1) {
            for (uint256 i = 0; i < width; ++i) nodes[i] = node(nodes[2 * i], nodes[2 * i + 1]);
        }
        return nodes[0];
    }

    /// @dev Adds leaf number `count`.
    function add(Input memory input, uint256 count, bytes32 hash) private pure {
        uint256 d = 0;
        for (; (count >> d) & 1 == 1; ++d) hash = node(input.peaks[d], hash);
        input.peaks[d] = hash;
    }

    /// @dev keccak256(128 bytes ‖ 0x00), or 0 of zeros.
    function leafAt(bytes memory content, uint256 place) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let start := add(add(content, 32), place)
            let words := or(
                or(mload(start), mload(add(start, 32))),
                or(mload(add(start, 64)), mload(add(start, 96)))
            )
            if words {
                let end := add(start, 128)
                let behind := mload(end)
                mstore8(end, 0)
                hash := keccak256(start, 129)
                mstore(end, behind)
            }
        }
    }

    /// @dev keccak256(left ‖ right ‖ 0x01), or 0 of two zeros.
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            if or(left, right) {
                let free := mload(0x40)
                mstore(free, left)
                mstore(add(free, 32), right)
                mstore8(add(free, 64), 1)
                hash := keccak256(free, 65)
            }
        }
    }
}
