// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {InputRoot} from "../game/libraries/InputRoot.sol";
import {ICallInbox} from "./interfaces/ICallInbox.sol";

/// @title Publishes the inputs of a chain of calls (docs/adapters.md section 1).
/// @notice The bytes travel in a transaction, so whoever reads the chain can run the calls; the contract keeps their
/// root, which it computes itself. Anyone may add.
contract CallInbox is ICallInbox {
    struct Entry {
        bytes32 root;
        uint32 length;
        uint64 time;
    }

    /// @notice Longest input that is taken; that of the program's `limits.inputBytes`, so that no call is refused.
    uint32 public immutable maxBytes;
    Entry[] private entries;

    /// @notice An input is longer than the inbox takes.
    error InboxInputTooLong(uint256 length, uint256 maxBytes);
    /// @notice There is no such input.
    error NoSuchInput(uint256 index, uint256 count);

    /// @notice An input was added.
    event InputAdded(uint256 indexed index, bytes32 root, bytes input);

    /// @param maxBytes_ Longest input that is taken.
    constructor(uint32 maxBytes_) {
        maxBytes = maxBytes_;
    }

    /// @notice Adds the input of the next call.
    /// @param input Its bytes.
    /// @return index Its number.
    function add(bytes calldata input) external returns (uint256 index) {
        if (input.length > maxBytes) revert InboxInputTooLong(input.length, maxBytes);
        bytes32 root = InputRoot.rootOf(input);
        index = entries.length;
        entries.push(Entry(root, uint32(input.length), uint64(block.timestamp)));
        emit InputAdded(index, root, input);
    }

    /// @inheritdoc ICallInbox
    function inputAt(
        uint256 index
    ) external view returns (bytes32 root, uint32 length, uint64 time) {
        if (index >= entries.length) revert NoSuchInput(index, entries.length);
        Entry storage entry = entries[index];
        return (entry.root, entry.length, entry.time);
    }

    /// @inheritdoc ICallInbox
    function count() external view returns (uint256) {
        return entries.length;
    }
}
