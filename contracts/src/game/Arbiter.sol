// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {IArbiter} from "./IArbiter.sol";
import {Moves} from "./Moves.sol";
import {Openings} from "./Openings.sol";
import {StandingClaims} from "./StandingClaims.sol";
import {Dispute, Phase} from "./types/Dispute.sol";

/// @title The Arbiter: disputes about signed transitions and about claims that stand (docs/game.md).
contract Arbiter is Openings, Moves {
    constructor(IStepJudge judge_, Parameters memory p) StandingClaims(judge_, p) {}

    /// @inheritdoc IArbiter
    function proveClaim(Dispute calldata dispute, bytes calldata registerProof) external {
        Dispute memory current = _timely(dispute, Phase.Claims);
        uint256 side = _mover(current);
        _prove(current, side, registerProof);
        _compareClaims(current);
        _finish(current, side, Move.Proof, new bytes32[](0));
    }
}
