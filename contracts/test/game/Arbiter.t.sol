// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "./World.sol";

/// @title The Arbiter under sequences of arbitrary actions (docs/game.md sections 6, 10 and 12).
/// @notice `hardhat test solidity` walks through them; how many and how long is said in hardhat.config.ts.
contract ArbiterTest is World {
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    /// Every wei is somebody's free deposit, staked, or burned. The honest party began with five stakes, needs one a call
    /// and one a posted claim, and never loses any. With it as the only watcher no false result is ever final.
    function invariant_booksBalanceAndTheHonestWin() public view {
        require(address(arbiter).balance == books(), "books");
        require(wealth(0) >= 5 * uint256(STAKE), "lost");
        require(!isFalseFinal(), "false result");
    }
}
