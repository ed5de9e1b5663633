// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Checkpoints as Traces} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IValidation} from "./IValidation.sol";
import {Validator, ValidatorStatus} from "./types/Validation.sol";

/// @title The pool of validators and their deposits (docs/validation.md section 2, paper 6.1).
/// @notice The pool of every past block can be read, so that a draw knows the one from before its seed. Invariant: the
/// contract's balance = `deposit` of each validator + all credits + `burned`.
abstract contract ValidatorPool is IValidation {
    using Traces for Traces.Trace160;

    uint256 internal constant WHOLE_BPS = 10_000;
    /// @dev At least a tenth of a lost deposit is burned, or losing to oneself would be free.
    uint256 private constant MOST_REWARD_BPS = 9_000;
    /// @dev Blocks whose hash the chain's history holds (EIP-2935).
    uint256 private constant HISTORY_BLOCKS = 8_191;

    Parameters internal p;
    /// @inheritdoc IValidation
    address public immutable arbiter;
    /// @inheritdoc IValidation
    uint256 public burned;
    /// @inheritdoc IValidation
    mapping(address account => uint256) public credits;
    mapping(address account => Validator) internal validators;
    Traces.Trace160 private sizes;
    mapping(uint256 slot => Traces.Trace160) private slots;

    modifier onlyArbiter() {
        if (msg.sender != arbiter) revert NotAuthorised(msg.sender);
        _;
    }

    constructor(Parameters memory given, address arbiter_) {
        bool isCounted =
            given.leastValidations != 0 &&
                given.mostValidations >= given.leastValidations &&
                given.mostMisses != 0 &&
                given.mostUnconfirmed != 0 &&
                given.samples != 0 &&
                given.bytesPerBlock != 0 &&
                given.fuelPerBlock != 0;
        bool isTimed =
            given.drawBlocks != 0 &&
                given.seedBlocks != 0 &&
                given.drawBlocks < HISTORY_BLOCKS &&
                given.coolingOffBlocks > uint256(given.seedBlocks) + given.drawBlocks &&
                given.longestBlocks > given.windowBlocks;
        bool isPriced =
            given.deposit != 0 &&
                10 * uint256(given.missFee) * given.mostMisses <= given.deposit &&
                given.rewardBps <= MOST_REWARD_BPS &&
                given.leastBps < WHOLE_BPS;
        if (!isCounted || !isTimed || !isPriced) revert InvalidValidation();
        p = given;
        arbiter = arbiter_;
    }

    /// @inheritdoc IValidation
    function parameters() external view returns (Parameters memory) {
        return p;
    }

    /// @inheritdoc IValidation
    function validatorOf(address account) external view returns (Validator memory) {
        return validators[account];
    }

    /// @inheritdoc IValidation
    function poolSize(uint256 blockNumber) public view returns (uint256) {
        return sizes.upperLookupRecent(uint96(blockNumber));
    }

    /// @inheritdoc IValidation
    function poolAt(uint256 blockNumber, uint256 slot) public view returns (address) {
        return address(slots[slot].upperLookupRecent(uint96(blockNumber)));
    }

    /// @inheritdoc IValidation
    function register() external payable {
        Validator storage validator = validators[msg.sender];
        bool isOut =
            validator.status == ValidatorStatus.None ||
                validator.status == ValidatorStatus.Inactive ||
                validator.status == ValidatorStatus.Withdrawn;
        if (!isOut) revert WrongStanding(msg.sender);
        uint256 missing = p.deposit - validator.deposit;
        if (msg.value != missing) revert WrongDeposit(missing, msg.value);
        validator.deposit = p.deposit;
        validator.status = ValidatorStatus.Active;
        validator.misses = 0;
        uint256 size = sizes.latest();
        validator.slot = uint32(size);
        slots[size].push(uint96(block.number), uint160(msg.sender));
        sizes.push(uint96(block.number), uint160(size + 1));
        emit Registered(msg.sender, msg.value);
    }

    /// @inheritdoc IValidation
    function deregister() external {
        if (validators[msg.sender].status != ValidatorStatus.Active) {
            revert WrongStanding(msg.sender);
        }
        _leave(msg.sender, false);
    }

    /// @inheritdoc IValidation
    function withdraw() external {
        Validator storage validator = validators[msg.sender];
        if (validator.status != ValidatorStatus.Inactive) revert WrongStanding(msg.sender);
        bool isFree =
            validator.turns == 0 &&
                validator.disputes == 0 &&
                block.number >= uint256(validator.leaveBlock) + p.coolingOffBlocks &&
                (validator.bound == 0 ||
                    block.number >= uint256(validator.confirmBlock) + p.longestBlocks);
        if (!isFree) revert ValidatorNotFree(msg.sender);
        uint256 amount = validator.deposit;
        validator.deposit = 0;
        validator.status = ValidatorStatus.Withdrawn;
        credits[msg.sender] += amount;
        emit Withdrawn(msg.sender, amount);
    }

    /// @inheritdoc IValidation
    function collect() external {
        uint256 amount = credits[msg.sender];
        credits[msg.sender] = 0;
        emit Collected(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @dev The fee for a missed turn. Who has missed too many in a row leaves the pool, and who owes the fees of more than
    /// that, however they are spread: it comes back with what is missing. Otherwise its deposit could go, fee by fee, while it
    /// is in the pool, and to its credit where the fragments are void; and its word would be worth nothing.
    function _charge(address account) internal returns (uint128 fee) {
        Validator storage validator = validators[account];
        if (!_isThere(validator)) return 0;
        fee = p.missFee < validator.deposit ? p.missFee : validator.deposit;
        validator.deposit -= fee;
        burned += fee;
        // Saturates: turns drawn before it left still count.
        if (validator.misses != type(uint8).max) validator.misses += 1;
        bool isActive = validator.status == ValidatorStatus.Active;
        uint256 owed = p.deposit - validator.deposit;
        bool isOut = validator.misses >= p.mostMisses || owed > uint256(p.missFee) * p.mostMisses;
        if (isActive && isOut) _leave(account, true);
    }

    /// @dev Takes a validator's whole deposit, once.
    function _slash(address account, address winner) internal returns (uint128 reward) {
        Validator storage validator = validators[account];
        if (!_isThere(validator)) return 0;
        if (validator.status == ValidatorStatus.Active) _leave(account, true);
        validator.status = ValidatorStatus.Slashed;
        uint128 lost = validator.deposit;
        validator.deposit = 0;
        if (winner != address(0)) reward = uint128((uint256(lost) * p.rewardBps) / WHOLE_BPS);
        credits[winner] += reward;
        burned += lost - reward;
        emit Slashed(account, winner, reward);
    }

    function _isThere(Validator storage validator) internal view returns (bool) {
        return
            validator.status == ValidatorStatus.Active ||
            validator.status == ValidatorStatus.Inactive;
    }

    /// @dev The last slot's validator moves to the one that becomes free.
    function _leave(address account, bool isForced) private {
        Validator storage validator = validators[account];
        uint256 last = sizes.latest() - 1;
        uint160 moved = slots[last].latest();
        slots[validator.slot].push(uint96(block.number), moved);
        validators[address(moved)].slot = validator.slot;
        sizes.push(uint96(block.number), uint160(last));
        validator.status = ValidatorStatus.Inactive;
        validator.leaveBlock = uint64(block.number);
        emit Left(account, isForced);
    }
}
