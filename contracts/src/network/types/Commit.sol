// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Header, Vote} from "./Block.sol";

/// @notice A header with precommits of one round for it.
struct Commit {
    Header header;
    uint32 round;
    /// The block's parts, which votes name beside the header's hash.
    uint32 partsTotal;
    bytes32 partsHash;
    /// By account of the signer, ascending, so that none counts twice.
    Vote[] votes;
}

/// @notice One worker's precommit for a header.
struct Precommit {
    uint32 round;
    uint32 partsTotal;
    bytes32 partsHash;
    Vote vote;
}
