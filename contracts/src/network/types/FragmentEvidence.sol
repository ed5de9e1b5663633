// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ApplicationState} from "./ApplicationState.sol";
import {BlockId, Header} from "./Block.sol";

/// @notice A block of a fragment, and the beginning of its call.
struct FragmentBlock {
    /// Header h, and the preimage of its application hash.
    Header parent;
    ApplicationState before;
    /// First transaction of block h, with its path under the header's data hash.
    bytes record;
    bytes32[] siblings;
    /// Header h + 1, which carries the result.
    Header header;
    /// Begin witness of the call and register proof of its first state.
    bytes beginWitness;
    bytes originProof;
}

/// @notice How a header names its parent: the parent and its path in the header's tree, lowest sibling first.
struct ParentLink {
    BlockId parent;
    bytes32[4] siblings;
}
