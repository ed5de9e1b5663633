// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDisputes} from "./IDisputes.sol";

/// @title Deposits, what they back, and what becomes of them (docs/game.md section 6).
/// @notice Invariant: the contract's balance = all free deposits + all that is staked + `burned`. What is burned stays
/// here without an owner: settling a dispute so makes no outside call that could fail, on any chain, and the sum can be
/// checked by anyone. A party's `staked` is `stake` for each of its backings with status Staked.
abstract contract Deposits is IDisputes {
    /// @dev `leaving` is the part of `free` whose withdrawal has been announced; it can be staked all the same. What
    /// staking changes is one word, what a withdrawal changes is the other.
    struct Account {
        uint128 free;
        uint128 staked;
        uint128 leaving;
        uint64 unlockBlock;
        uint64 epoch;
    }

    /// @dev One statement of one party, in any number of disputes; `isPosted`: held also by a claim that stands.
    struct Backing {
        uint32 disputes;
        BackingStatus status;
        bool isPosted;
    }

    uint256 internal constant WHOLE_BPS = 10_000;
    /// @dev At least a tenth of a lost stake is burned, or losing to oneself would be free.
    uint256 internal constant MOST_REWARD_BPS = 9_000;

    /// @inheritdoc IDisputes
    uint128 public immutable stake;
    /// @inheritdoc IDisputes
    uint16 public immutable rewardBps;
    /// @inheritdoc IDisputes
    uint32 public immutable coolingOffBlocks;
    /// @inheritdoc IDisputes
    uint256 public burned;
    /// @inheritdoc IDisputes
    mapping(address party => Account) public accounts;
    /// @inheritdoc IDisputes
    mapping(bytes32 key => Backing) public backings;

    constructor(uint128 stake_, uint16 rewardBps_, uint32 coolingOffBlocks_) {
        if (stake_ == 0 || rewardBps_ > MOST_REWARD_BPS || coolingOffBlocks_ == 0) {
            revert InvalidParameter();
        }
        stake = stake_;
        rewardBps = rewardBps_;
        coolingOffBlocks = coolingOffBlocks_;
    }

    /// @inheritdoc IDisputes
    function deposit() external payable {
        accounts[msg.sender].free += uint128(msg.value);
        emit Deposited(msg.sender, msg.value);
    }

    /// @inheritdoc IDisputes
    function requestWithdrawal(uint128 amount) external {
        Account storage account = accounts[msg.sender];
        if (amount > account.free) revert InsufficientDeposit(msg.sender);
        account.leaving = amount;
        account.unlockBlock = uint64(block.number + coolingOffBlocks);
        emit WithdrawalRequested(msg.sender, amount, account.unlockBlock);
    }

    /// @inheritdoc IDisputes
    function withdraw() external {
        Account storage account = accounts[msg.sender];
        if (account.leaving == 0 || block.number < account.unlockBlock) {
            revert CoolingOff(account.unlockBlock);
        }
        uint128 amount = account.leaving < account.free ? account.leaving : account.free;
        account.leaving = 0;
        account.free -= amount;
        _raiseEpoch(msg.sender);
        emit Withdrawn(msg.sender, amount);
        (bool paid, ) = msg.sender.call{value: amount}("");
        if (!paid) revert PaymentRefused();
    }

    /// @inheritdoc IDisputes
    function bondedOf(address party) external view returns (uint256) {
        Account storage account = accounts[party];
        return account.free > account.leaving ? account.free - account.leaving : 0;
    }

    /// @dev Puts a party's stake behind a statement, unless it is there already, for one more dispute.
    function _back(address party, bytes32 key) internal {
        Backing storage backing = backings[key];
        if (backing.status == BackingStatus.Lost) revert AlreadyRefuted(party, key);
        if (backing.status == BackingStatus.None) _stake(party, backing);
        backing.disputes += 1;
    }

    /// @dev Moves one stake out of a party's free deposit behind a statement.
    function _stake(address party, Backing storage backing) internal {
        Account storage account = accounts[party];
        if (account.free < stake) revert InsufficientDeposit(party);
        account.free -= stake;
        account.staked += stake;
        backing.status = BackingStatus.Staked;
    }

    /// @dev Gives a stake back. An announced withdrawal cools off anew if there was no other stake left meanwhile:
    /// nobody could dispute what else its owner signed, so a sham dispute would carry it past the cooling-off.
    function _unstake(address party, Backing storage backing) internal {
        Account storage account = accounts[party];
        if (account.leaving != 0 && account.free < stake) {
            account.unlockBlock = uint64(block.number + coolingOffBlocks);
        }
        account.staked -= stake;
        account.free += stake;
        backing.status = BackingStatus.None;
    }

    /// @dev Ends a dispute. The first loss of a statement costs its stake and thereby decides all its disputes; what is
    /// not the winner's reward is burned. A stake whose last dispute this was goes back.
    /// @param losers Mask of sides: 0 to 3.
    /// @return reward What the winner got of the loser's stake.
    function _settleStakes(
        address[2] memory parties,
        bytes32[2] memory keys,
        uint256 losers
    ) internal returns (uint128 reward) {
        for (uint256 side = 0; side < 2; ++side) {
            Backing storage backing = backings[keys[side]];
            backing.disputes -= 1;
            if (backing.status != BackingStatus.Staked) continue;
            if (losers & (1 << side) != 0) {
                address winner = losers == 3 ? address(0) : parties[1 - side];
                backing.status = BackingStatus.Lost;
                reward = _forfeit(parties[side], keys[side], winner);
                if (backing.isPosted) _refute(keys[side]);
            } else if (backing.disputes == 0 && !backing.isPosted) {
                _giveBack(parties[side], keys[side], backing);
            }
        }
    }

    /// @dev Slashes one stake outside any dispute; a whole one, or evidence could be used up for next to nothing.
    function _slash(address party, address reporter) internal returns (uint128) {
        Account storage account = accounts[party];
        if (account.free < stake) revert InsufficientDeposit(party);
        account.free -= stake;
        return _share(party, reporter);
    }

    /// @dev Takes what stands behind a statement that has lost, for the winner, if there is one, and for the fire.
    function _forfeit(
        address party,
        bytes32,
        address winner
    ) internal virtual returns (uint128 reward) {
        accounts[party].staked -= stake;
        return _share(party, winner);
    }

    /// @dev Gives back what stands behind a statement that nobody disputes any more.
    function _giveBack(address party, bytes32, Backing storage backing) internal virtual {
        _unstake(party, backing);
    }

    /// @dev What becomes of a posted claim whose stake is lost.
    function _refute(bytes32 key) internal virtual;

    /// @dev Divides a stake that its owner has lost between the winner, if there is one, and the fire.
    function _share(address loser, address winner) private returns (uint128 reward) {
        if (winner != address(0)) {
            reward = uint128((uint256(stake) * rewardBps) / WHOLE_BPS);
            accounts[winner].free += reward;
        }
        burned += stake - reward;
        _raiseEpoch(loser);
    }

    /// @dev With less than a stake behind them an account's signatures are void for good, whatever it deposits later. A
    /// stake that is bound counts, for it comes back: else its owner could bind it at no cost and withdraw the rest.
    function _raiseEpoch(address party) private {
        Account storage account = accounts[party];
        if (account.free + account.staked >= stake) return;
        account.epoch += 1;
        emit EpochRaised(party, account.epoch);
    }
}
