// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBigStepper, IOutputGame} from "../../src/adapters/interfaces/IBigStepper.sol";

/// @title What OpStackStepper reads of a game, with values of a test's choice.
contract GameStub is IOutputGame {
    bytes32 public immutable startingRootHash;
    uint256 public immutable startingBlockNumber;
    uint256 public immutable l2BlockNumber;
    uint256 public immutable splitDepth;
    uint64 public immutable createdAt;
    IBigStepper private immutable vm;

    constructor(
        IBigStepper vm_,
        bytes32 root,
        uint256 start,
        uint256 proposed,
        uint256 depth,
        uint64 time
    ) {
        (vm, startingRootHash, startingBlockNumber) = (vm_, root, start);
        (l2BlockNumber, splitDepth, createdAt) = (proposed, depth, time);
    }

    function step(
        bytes calldata stateData,
        bytes calldata proof,
        bytes32 localContext
    ) external returns (bytes32) {
        return vm.step(stateData, proof, localContext);
    }
}
