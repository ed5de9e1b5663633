// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IArbiter} from "./IArbiter.sol";

/// @title Deposits, stakes and what becomes of them (docs/game.md section 6).
/// @notice Invariant: the contract's balance = all free deposits + `stake` for each side of each open dispute +
/// `burned`. What is burned stays here without an owner: settling a dispute so makes no outside call that could
/// fail, on any chain, and the sum can be checked by anyone.
abstract contract Deposits is IArbiter {
    /// @dev `leaving` is the part of `free` whose withdrawal has been announced; it can be staked all the same.
    struct Account {
        uint128 free;
        uint128 leaving;
        uint64 unlockBlock;
        uint32 disputes;
    }

    uint256 internal constant WHOLE_BPS = 10_000;

    /// @inheritdoc IArbiter
    uint128 public immutable stake;
    /// @inheritdoc IArbiter
    uint16 public immutable rewardBps;
    /// @inheritdoc IArbiter
    uint32 public immutable coolingOffBlocks;
    /// @inheritdoc IArbiter
    uint256 public burned;
    /// @inheritdoc IArbiter
    mapping(address party => Account) public accounts;

    constructor(uint128 stake_, uint16 rewardBps_, uint32 coolingOffBlocks_) {
        if (stake_ == 0 || rewardBps_ >= WHOLE_BPS || coolingOffBlocks_ == 0) {
            revert InvalidParameter();
        }
        stake = stake_;
        rewardBps = rewardBps_;
        coolingOffBlocks = coolingOffBlocks_;
    }

    /// @inheritdoc IArbiter
    function deposit() external payable {
        accounts[msg.sender].free += uint128(msg.value);
        emit Deposited(msg.sender, msg.value);
    }

    /// @inheritdoc IArbiter
    function requestWithdrawal(uint128 amount) external {
        Account storage account = accounts[msg.sender];
        if (amount > account.free) revert InsufficientDeposit(msg.sender);
        account.leaving = amount;
        account.unlockBlock = uint64(block.number + coolingOffBlocks);
        emit WithdrawalRequested(msg.sender, amount, account.unlockBlock);
    }

    /// @inheritdoc IArbiter
    function withdraw() external {
        Account storage account = accounts[msg.sender];
        if (account.disputes != 0) revert DepositLocked(account.disputes);
        if (account.leaving == 0 || block.number < account.unlockBlock) {
            revert CoolingOff(account.unlockBlock);
        }
        uint128 amount = account.leaving < account.free ? account.leaving : account.free;
        account.leaving = 0;
        account.free -= amount;
        emit Withdrawn(msg.sender, amount);
        (bool paid, ) = msg.sender.call{value: amount}("");
        if (!paid) revert PaymentRefused();
    }

    /// @inheritdoc IArbiter
    function bondedOf(address party) external view returns (uint256) {
        Account storage account = accounts[party];
        return account.free > account.leaving ? account.free - account.leaving : 0;
    }

    /// @dev Moves one stake out of a party's free deposit into a dispute.
    function _stake(address party) internal {
        Account storage account = accounts[party];
        if (account.free < stake) revert InsufficientDeposit(party);
        account.free -= stake;
        account.disputes += 1;
    }

    /// @dev Ends a dispute: a loser's stake is shared between the winner and the fire, two losers' are burned. An
    /// announced withdrawal cools off anew: while a stake was bound nobody could dispute what else its owner signed, so
    /// a sham dispute would otherwise carry it past the cooling-off.
    /// @param losers Mask of sides: 1, 2 or 3.
    /// @return reward What the winner got of the loser's stake.
    function _settleStakes(
        address[2] memory parties,
        uint256 losers
    ) internal returns (uint128 reward) {
        for (uint256 side = 0; side < 2; ++side) {
            Account storage account = accounts[parties[side]];
            account.disputes -= 1;
            if (account.leaving != 0) account.unlockBlock = uint64(block.number + coolingOffBlocks);
        }
        if (losers == 3) {
            burned += 2 * uint256(stake);
            return 0;
        }
        reward = _reward(stake);
        accounts[parties[losers == 1 ? 1 : 0]].free += stake + reward;
        burned += stake - reward;
    }

    /// @dev Slashes one stake outside any dispute; a whole one, or evidence could be used up for next to nothing.
    function _slash(address party, address reporter) internal returns (uint128 reward) {
        Account storage account = accounts[party];
        if (account.free < stake) revert InsufficientDeposit(party);
        reward = _reward(stake);
        account.free -= stake;
        accounts[reporter].free += reward;
        burned += stake - reward;
    }

    function _reward(uint128 amount) private view returns (uint128) {
        return uint128((uint256(amount) * rewardBps) / WHOLE_BPS);
    }
}
