// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a block's proposer says of its transactions (docs/history.md section 2).
struct BlockRecord {
    /// Root and bytes of the input that frames the transactions behind the record.
    bytes32 inputRoot;
    uint32 inputLength;
    /// Number of them.
    uint32 count;
    /// ABI encoding of the receipts by themselves; nothing if there are none.
    bytes receipts;
}
