// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Headers} from "./libraries/Headers.sol";
import {ParentLink} from "./types/FragmentEvidence.sol";

/// @title Headers before a header (docs/validation.md section 6).
/// @notice A header names its parent, so a checkpoint says which headers a fragment has; whoever needs one shows the links
/// down to it, once for all disputes. Only the field and its path are brought, 15 times less than whole headers. Invariant:
/// what stands here is a fact about hashes; nobody has to be believed.
contract Ancestors {
    event Shown(bytes32 indexed of_, uint256 indexed distance, bytes32 headerHash);

    error UnknownAncestor(bytes32 of_, uint256 distance);
    error NoParent(uint256 index);

    mapping(bytes32 of_ => mapping(uint256 distance => bytes32 headerHash)) private shown;

    /// @notice Shows more headers before a header.
    /// @param distance How far before it the first link's header is; 0 or one that was shown.
    function show(bytes32 of_, uint256 distance, ParentLink[] calldata links) external {
        bytes32 current = headerBefore(of_, distance);
        for (uint256 i = 0; i < links.length; ++i) {
            if (Headers.hashByParent(links[i].parent, links[i].siblings) != current) {
                revert NoParent(i);
            }
            current = links[i].parent.hash;
        }
        distance += links.length;
        shown[of_][distance] = current;
        emit Shown(of_, distance, current);
    }

    /// @notice Hash of the header so far before a header.
    function headerBefore(bytes32 of_, uint256 distance) public view returns (bytes32 headerHash) {
        headerHash = distance == 0 ? of_ : shown[of_][distance];
        if (headerHash == 0) revert UnknownAncestor(of_, distance);
    }
}
