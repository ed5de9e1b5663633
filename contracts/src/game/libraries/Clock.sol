// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dispute} from "../types/Dispute.sol";

/// @title The parties' clocks (docs/game.md section 5).
/// @notice Every move has `graceBlocks` of its own; what it takes beyond them comes out of the mover's bank.
/// So an opponent's slowness never shortens a party's time for its next move.
/// @dev A move is valid up to and including the deadline, a timeout only after it: they never overlap.
library Clock {
    /// @return block up to which the sides on turn may move; with both on turn, the later of the two.
    function deadline(Dispute memory dispute, uint256 graceBlocks) internal pure returns (uint256) {
        uint256 accused = dispute.turn & 1 != 0 ? dispute.bankBlocks[0] : 0;
        uint256 challenger = dispute.turn & 2 != 0 ? dispute.bankBlocks[1] : 0;
        return dispute.since + graceBlocks + (accused > challenger ? accused : challenger);
    }

    /// @notice Takes a move's time out of its mover's bank and starts the next clock.
    /// @dev The caller has checked the deadline, so the bank suffices.
    function charge(Dispute memory dispute, uint256 side, uint256 graceBlocks) internal view {
        uint256 used = block.number - dispute.since;
        if (used > graceBlocks) dispute.bankBlocks[side] -= uint32(used - graceBlocks);
        dispute.since = uint64(block.number);
    }
}
