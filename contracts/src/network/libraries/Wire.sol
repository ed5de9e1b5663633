// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockId, Time} from "../types/Block.sol";

/// @title The part of the protobuf encoding that CometBFT hashes and signs.
/// @notice proto3, fields in order of their numbers, zero scalars left out, non-nullable messages always written.
/// Twin of src/history/wire.ts.
library Wire {
    /// @notice Groups of seven bits, lowest first.
    function varint(uint256 value) internal pure returns (bytes memory bytes_) {
        uint256 length = 1;
        for (uint256 rest = value >> 7; rest != 0; rest >>= 7) ++length;
        bytes_ = new bytes(length);
        for (uint256 i = 0; i + 1 < length; ++i) {
            bytes_[i] = bytes1(uint8(value & 0x7f) | 0x80);
            value >>= 7;
        }
        bytes_[length - 1] = bytes1(uint8(value));
    }

    /// @notice A number as a varint; nothing if it is 0. `key` is the field's number times 8.
    function varintField(bytes1 key, uint256 value) internal pure returns (bytes memory) {
        return value == 0 ? bytes("") : bytes.concat(key, varint(value));
    }

    /// @notice A byte string, a text or a message behind its length. `key` is the field's number times 8, plus 2.
    function delimitedField(bytes1 key, bytes memory content) internal pure returns (bytes memory) {
        return bytes.concat(key, varint(content.length), content);
    }

    /// @notice Eight bytes, lowest first.
    function littleEndian(uint64 x) internal pure returns (bytes8) {
        x = ((x & 0x00ff00ff00ff00ff) << 8) | ((x >> 8) & 0x00ff00ff00ff00ff);
        x = ((x & 0x0000ffff0000ffff) << 16) | ((x >> 16) & 0x0000ffff0000ffff);
        return bytes8((x << 32) | (x >> 32));
    }

    /// @notice `google.protobuf.Timestamp`; negative seconds are 64-bit two's complement.
    function timestamp(Time memory time) internal pure returns (bytes memory) {
        return bytes.concat(varintField(0x08, uint64(time.secs)), varintField(0x10, time.nanos));
    }

    /// @notice `BlockID`, and in votes `CanonicalBlockID`: the same bytes.
    function blockId(BlockId memory id) internal pure returns (bytes memory) {
        bytes memory parts = varintField(0x08, id.total);
        if (id.partsHash != 0) parts = bytes.concat(parts, hex"1220", id.partsHash);
        bytes memory hash = id.hash == 0 ? bytes("") : bytes.concat(hex"0a20", id.hash);
        return bytes.concat(hash, delimitedField(0x12, parts));
    }
}
