// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Application} from "./libraries/Application.sol";
import {BlockRecords} from "./libraries/BlockRecords.sol";
import {Headers} from "./libraries/Headers.sol";
import {ShownVote} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {Header} from "./types/Block.sol";
import {BlockRecord} from "./types/BlockRecord.sol";
import {Generation} from "./types/Cluster.sol";

/// @title What a header and its child show of a block's call, whoever answers for them (docs/network.md section 5).
abstract contract BlockEvidence {
    error NotChild(bytes32 headerHash);
    error WrongApplication(bytes32 expected, bytes32 actual);
    error BelowGeneration(uint64 initialHeight);

    /// @dev Header h + 1 goes on from header h.
    /// @return headerHash of header h + 1.
    function _checkChild(
        Header calldata parent,
        Header calldata header
    ) internal pure returns (bytes32 headerHash) {
        headerHash = Headers.hash(header);
        bool isChild =
            header.lastBlockId.hash == Headers.hash(parent) &&
                parent.height != type(uint64).max &&
                header.height == parent.height + 1;
        if (!isChild) revert NotChild(headerHash);
    }

    /// @dev Header h carries the state from which its block's call began.
    function _checkState(
        Header calldata parent,
        ApplicationState calldata before,
        Generation memory generation
    ) internal pure {
        bytes32 carried = Application.ofHeader(parent.appHash);
        bytes32 actual = Application.hash(before);
        if (actual != carried) revert WrongApplication(carried, actual);
        uint64 initial = generation.initialHeight;
        if (parent.height < initial) revert BelowGeneration(initial);
        if (parent.height == initial && carried != generation.initialAppHash) {
            revert WrongApplication(generation.initialAppHash, carried);
        }
    }

    /// @dev Reads the call's input, and what the result must follow from.
    function _readCall(
        ShownVote memory shown,
        Header calldata parent,
        ApplicationState calldata before,
        bytes calldata transaction,
        bytes32[] calldata siblings
    ) internal pure {
        BlockRecords.requireFirst(parent.dataHash, transaction, siblings);
        BlockRecord memory record = BlockRecords.read(transaction);
        shown.inputRoot = record.inputRoot;
        shown.inputLength = record.inputLength;
        shown.voted.base = before.base;
        shown.voted.fuel = before.fuel;
        shown.voted.steps = before.steps;
        shown.voted.receiptsHash = BlockRecords.receiptsHashAfter(
            before.receiptsHash,
            record.receipts
        );
    }
}
