// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockRecord} from "../types/BlockRecord.sol";
import {RunningTree} from "./RunningTree.sol";

/// @title The record with which a block begins (docs/history.md section 2); twin of src/history/blockRecord.ts.
/// @notice Invariant: a record has one encoding. What is refused here is refused for a reason that its bytes alone show,
/// whatever gas there is, so that refusing can be evidence.
library BlockRecords {
    /// @notice The transaction is not the leftmost one under the data hash.
    error RecordNotProven();
    /// @notice The block's first transaction is no record.
    error MalformedRecord();

    bytes28 private constant MAGIC = "wasm-arbiter block record 1\n";
    /// @dev Positions behind the magic: the tuple's own offset, then its fields; offsets count from the tuple.
    uint256 private constant TUPLE = 32;
    uint256 private constant LIST = TUPLE + 4 * 32;
    uint256 private constant OFFSETS = LIST + 32;
    /// @dev A receipt's fields: height, root, length, storage node, offset and length of its signature.
    uint256 private constant RECEIPT_BYTES = 6 * 32;

    /// @notice Requires a transaction to stand leftmost under a data hash: all its siblings stand right.
    function requireFirst(
        bytes32 dataHash,
        bytes calldata transaction,
        bytes32[] calldata siblings
    ) internal pure {
        bytes32 hash = RunningTree.leafHash(bytes.concat(sha256(transaction)));
        for (uint256 i = 0; i < siblings.length; ++i) hash = RunningTree.node(hash, siblings[i]);
        if (hash != dataHash) revert RecordNotProven();
    }

    /// @notice Reads a record; reverts for anything but its canonical bytes.
    function read(bytes calldata transaction) internal pure returns (BlockRecord memory record) {
        if (!isCanonical(transaction)) revert MalformedRecord();
        bytes calldata encoded = transaction[28:];
        record.inputRoot = bytes32(word(encoded, TUPLE));
        record.inputLength = uint32(word(encoded, TUPLE + 32));
        record.count = uint32(word(encoded, TUPLE + 64));
        if (word(encoded, LIST) != 0) {
            record.receipts = bytes.concat(bytes32(uint256(32)), encoded[LIST:]);
        }
    }

    /// @notice The running hash over receipts behind a block.
    function receiptsHashAfter(
        bytes32 before,
        bytes memory receipts
    ) internal pure returns (bytes32) {
        return receipts.length == 0 ? before : keccak256(bytes.concat(before, receipts));
    }

    /// @notice Whether a transaction is the canonical encoding of a record.
    function isCanonical(bytes calldata transaction) internal pure returns (bool) {
        if (transaction.length < 28 + OFFSETS || bytes28(transaction[:28]) != MAGIC) return false;
        bytes calldata encoded = transaction[28:];
        bool isHead =
            word(encoded, 0) == 32 &&
                word(encoded, TUPLE + 32) <= type(uint32).max &&
                word(encoded, TUPLE + 64) <= type(uint32).max &&
                word(encoded, TUPLE + 96) == 128;
        uint256 count = word(encoded, LIST);
        if (!isHead || count > encoded.length / 32) return false;
        uint256 place = OFFSETS + 32 * count;
        for (uint256 i = 0; i < count; ++i) {
            if (place + RECEIPT_BYTES > encoded.length) return false;
            if (word(encoded, OFFSETS + 32 * i) != place - OFFSETS) return false;
            uint256 length = receiptBytes(encoded, place);
            if (length == 0) return false;
            place += length;
        }
        return place == encoded.length;
    }

    /// @dev Bytes of the receipt at a place; 0 if it is not canonical.
    function receiptBytes(bytes calldata encoded, uint256 place) private pure returns (uint256) {
        uint256 signature = word(encoded, place + 160);
        bool isSized =
            word(encoded, place) <= type(uint64).max &&
                word(encoded, place + 64) <= type(uint32).max &&
                word(encoded, place + 96) <= type(uint160).max &&
                word(encoded, place + 128) == 160 &&
                signature <= encoded.length;
        if (!isSized) return 0;
        uint256 end = place + RECEIPT_BYTES + signature;
        uint256 padded = place + RECEIPT_BYTES + ((signature + 31) & ~uint256(31));
        if (padded > encoded.length) return 0;
        for (uint256 i = end; i < padded; ++i) {
            if (encoded[i] != 0) return 0;
        }
        return padded - place;
    }

    function word(bytes calldata encoded, uint256 place) private pure returns (uint256) {
        return uint256(bytes32(encoded[place:place + 32]));
    }
}
