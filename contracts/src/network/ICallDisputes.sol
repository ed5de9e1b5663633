// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDisputes} from "../game/IDisputes.sol";
import {Dispute} from "../game/types/Dispute.sol";
import {VotedResult} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";

/// @title Disputes about what the call of a block has made, held against who has said so in a header's application hash.
/// @notice The moves are those of every game. `windowBlocks` must be 0: nothing stands here.
interface ICallDisputes is IDisputes {
    /// @notice Somebody is accused; what follows is dispute `id`.
    /// @param account The worker's consensus key, or the validator.
    /// @param height Of the header that carries the result.
    event Accused(
        uint256 indexed id,
        uint64 indexed generation,
        address indexed account,
        uint64 height,
        bytes32 headerHash,
        VotedResult voted
    );

    error ResultNotOpened();

    /// @notice What stands behind a statement: whose it is, of a header of which height and hash.
    function statements(
        bytes32 key
    ) external view returns (address account, uint64 height, bytes32 headerHash);
    /// @notice Phase Claims, the accused: opens the application hash that it has spoken for.
    /// @param voted As in the event `Accused`.
    /// @param result Preimage of the application hash.
    /// @param registerProof Register proof of `result.result`.
    function proveResult(
        Dispute calldata dispute,
        VotedResult calldata voted,
        ApplicationState calldata result,
        bytes calldata registerProof
    ) external;
}
