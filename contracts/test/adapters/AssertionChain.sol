// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {GlobalState} from "../../src/adapters/interfaces/IOneStepProofEntry.sol";

/// @title Model of the rollup that a BoLD challenge manager asks about assertions, for tests.
/// @notice Takes any assertion; knows who came first, and what the chain's configuration and inbox are.
contract AssertionChain {
    struct AssertionState {
        GlobalState globalState;
        uint8 machineStatus;
        bytes32 endHistoryRoot;
    }

    struct ConfigData {
        bytes32 wasmModuleRoot;
        uint256 requiredStake;
        address challengeManager;
        uint64 confirmPeriodBlocks;
        uint64 nextInboxPosition;
    }

    error UnknownAssertion(bytes32 assertion);
    error UnknownConfig(bytes32 assertion);

    address public immutable bridge;
    mapping(bytes32 assertion => bool) public isPending;
    mapping(bytes32 assertion => bool) public isFirstChild;
    mapping(bytes32 assertion => uint64) public getFirstChildCreationBlock;
    mapping(bytes32 assertion => uint64) public getSecondChildCreationBlock;
    mapping(bytes32 assertion => bytes32) private configOf;

    constructor(address bridge_) {
        bridge = bridge_;
    }

    function add(
        AssertionState calldata state,
        bytes32 previous,
        ConfigData calldata config
    ) external {
        bytes32 assertion = hashOf(state, previous, 0);
        if (isPending[assertion]) return;
        isPending[assertion] = true;
        configOf[assertion] = keccak256(abi.encode(config));
        if (getFirstChildCreationBlock[previous] == 0) {
            isFirstChild[assertion] = true;
            getFirstChildCreationBlock[previous] = uint64(block.number);
        } else if (getSecondChildCreationBlock[previous] == 0) {
            getSecondChildCreationBlock[previous] = uint64(block.number);
        }
    }

    function hashOf(
        AssertionState calldata state,
        bytes32 previous,
        bytes32 inboxAcc
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(state, previous, inboxAcc));
    }

    function validateAssertionHash(
        bytes32 assertion,
        AssertionState calldata state,
        bytes32 previous,
        bytes32 inboxAcc
    ) external pure {
        if (hashOf(state, previous, inboxAcc) != assertion) revert UnknownAssertion(assertion);
    }

    function validateConfig(bytes32 assertion, ConfigData calldata config) external view {
        if (configOf[assertion] != keccak256(abi.encode(config))) revert UnknownConfig(assertion);
    }

    function isValidator(address) external pure returns (bool) {
        return true;
    }

    function validatorWhitelistDisabled() external pure returns (bool) {
        return true;
    }
}
