// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClusters} from "./IClusters.sol";
import {IRewards} from "./IRewards.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {Confirmation, Content, Fragment, Validator} from "./types/Validation.sol";

/// @title Batch validation: who checks a cluster's history next, and when it is verified (docs/validation.md, paper 6).
/// @notice A validator is named by its account, a fragment by a hash, a confirmation by a number.
interface IValidation {
    /// @notice Constructor parameters.
    struct Parameters {
        /// Wei that every validator puts down.
        uint128 deposit;
        /// Wei of it that a missed turn costs; `mostMisses` of them are at most a tenth.
        uint128 missFee;
        /// Part of a lost deposit that goes to who has shown the fault, in 1/10,000, at most 9,000; the rest is burned.
        uint16 rewardBps;
        /// Least p_v, in 1/10,000.
        uint16 leastBps;
        /// Validations that are made before p_v decides, at least 1, and those after which there is none (V_max).
        uint8 leastValidations;
        uint8 mostValidations;
        /// Turns missed in a row that make a validator inactive, as do the fees of more of them that it owes; and times that a
        /// turn is prolonged for disputes.
        uint8 mostMisses;
        uint8 mostDeferrals;
        /// Turns of a fragment, missed beyond those that were confirmed, with which it is given up.
        uint8 mostUnconfirmed;
        /// About so many samples has a proof.
        uint16 samples;
        /// EVM blocks from a request to the block whose RANDAO mix is the seed, and those in which it must be drawn.
        uint32 seedBlocks;
        uint32 drawBlocks;
        /// A turn in EVM blocks (t_π): so many, one for each `bytesPerBlock` of state, one for each `fuelPerBlock`.
        uint32 turnBlocks;
        uint64 bytesPerBlock;
        uint64 fuelPerBlock;
        /// EVM blocks that outside challengers have before a fragment is final.
        uint32 windowBlocks;
        /// EVM blocks from leaving the pool to the withdrawal; longer than any draw that knows the validator.
        uint32 coolingOffBlocks;
        /// EVM blocks after which a deposit is free of a confirmation, whatever is final.
        uint32 longestBlocks;
    }

    event Registered(address indexed validator, uint256 deposit);
    event Left(address indexed validator, bool isForced);
    event Withdrawn(address indexed validator, uint256 amount);
    event Slashed(address indexed validator, address indexed winner, uint256 reward);
    event Begun(
        bytes32 indexed fragment,
        bytes32 indexed cluster,
        uint256 position,
        Fragment content
    );
    /// @notice The seed of the next draw is in the EVM block `seedBlock`.
    event Requested(bytes32 indexed fragment, uint256 attempt, uint256 seedBlock);
    event Chosen(
        bytes32 indexed fragment,
        address indexed validator,
        bytes32 seed,
        uint64 deadline
    );
    event Confirmed(
        bytes32 indexed fragment,
        address indexed validator,
        uint256 indexed confirmation,
        bytes32 proof,
        bytes32[] samples,
        Content snapshot
    );
    event Deferred(bytes32 indexed fragment, uint64 deadline);
    event Missed(bytes32 indexed fragment, address indexed validator, uint256 fee);
    /// @notice Too many turns were missed.
    event GivenUp(bytes32 indexed fragment);
    event Reclaimed(bytes32 indexed fragment, address indexed validator, uint256 fee);
    event Decided(bytes32 indexed fragment, uint64 windowEnd);
    event Refuted(uint256 indexed confirmation, address indexed validator, address indexed winner);
    event Verified(bytes32 indexed fragment, bytes32 indexed cluster, uint64 height);
    event Voided(bytes32 indexed fragment);
    event Collected(address indexed receiver, uint256 amount);

    error InvalidValidation();
    error NotAuthorised(address sender);
    error WrongDeposit(uint256 expected, uint256 given);
    error WrongStanding(address validator);
    error ValidatorNotFree(address validator);
    error AlreadyBegun(bytes32 fragment);
    error WrongApplication(bytes32 expected, bytes32 actual);
    error WrongFragmentStatus(bytes32 fragment);
    error SeedNotThere(uint256 seedBlock);
    error SeedExpired(uint256 lastBlock);
    error SeedNotExpired(uint256 lastBlock);
    error WrongSeedHeader(uint256 seedBlock);
    error NotChosen(address sender);
    error TurnOver(uint64 deadline);
    error TurnNotOver(uint64 deadline);
    error WindowOpen(uint64 windowEnd);
    error InDispute(bytes32 fragment);
    error OutOfLine(bytes32 cluster, uint256 position);
    error TooManyOpen(bytes32 cluster);
    error StillInLine(bytes32 fragment);
    error NotAccusable(uint256 confirmation);

    function parameters() external view returns (Parameters memory);
    function clusters() external view returns (IClusters);
    /// @notice Who pays for what is validated.
    function rewards() external view returns (IRewards);
    /// @notice Who binds, releases and convicts.
    function arbiter() external view returns (address);
    /// @notice Wei taken from validators that is nobody's; fees for turns of a fragment come out of it if that becomes void.
    function burned() external view returns (uint256);
    function credits(address account) external view returns (uint256);
    function validatorOf(address account) external view returns (Validator memory);
    /// @notice Validators in the pool at the end of an EVM block that has passed, or now.
    function poolSize(uint256 blockNumber) external view returns (uint256);
    function poolAt(uint256 blockNumber, uint256 slot) external view returns (address);
    function fragmentOf(bytes32 fragment) external view returns (Fragment memory);
    function confirmationsOf(bytes32 fragment) external view returns (uint256[] memory);
    function confirmationOf(uint256 confirmation) external view returns (Confirmation memory);
    /// @notice Position of the first checkpoint of a cluster's line that is not final.
    function nextPosition(bytes32 cluster) external view returns (uint256);
    /// @notice Name of the fragment that ends with a checkpoint.
    function fragmentAt(bytes32 cluster, uint256 position) external view returns (bytes32);
    /// @notice Reverts unless a confirmation can be refuted: the fragment is not final and the deposit is there.
    function requireAccusable(uint256 confirmation) external view returns (Confirmation memory);

    /// @notice Enters the pool with the deposit, or again with what is missing of it.
    function register() external payable;
    /// @notice Leaves the pool. Draws that know the validator still bind it.
    function deregister() external;
    /// @notice Credits the sender with its deposit when nothing holds it.
    function withdraw() external;
    /// @notice Pays what the sender has to its credit.
    function collect() external;

    /// @notice Begins the validation of the fragment that ends with a checkpoint, those before being begun; anyone may.
    /// @param before Preimage of the application hash with which it starts, and `behind` of the checkpoint's.
    function begin(
        bytes32 cluster,
        uint256 position,
        ApplicationState calldata before,
        ApplicationState calldata behind
    ) external returns (bytes32 fragment);
    /// @notice Draws by the seed block's header; anyone may (6.1, 6.2).
    /// @param header RLP.
    function draw(bytes32 fragment, bytes calldata header) external;
    /// @notice Requests another seed where the old one can be proven no more; anyone may.
    function redraw(bytes32 fragment) external;
    /// @notice By the chosen validator: the fragment is as the workers have voted.
    /// @param samples Hashes of its proof of independent execution.
    /// @param snapshot Where the state behind the fragment can be had, for the next one's validator.
    function confirm(
        bytes32 fragment,
        bytes32[] calldata samples,
        Content calldata snapshot
    ) external returns (uint256 confirmation);
    /// @notice Ends a turn whose time has passed; anyone may, and the chosen validator before that. It costs a fee, unless the
    /// fragment was refuted. It is prolonged while the cluster's workers are accused. A fragment of which too many turns were missed is
    /// given up: it is void, and its cluster halts at the state before it.
    function miss(bytes32 fragment) external;
    /// @notice Credits the sender with its fees for missed turns of a fragment that is void: it was right not to confirm it.
    function reclaim(bytes32 fragment) external;
    /// @notice Fees that a validator has paid for missed turns of a fragment and has not reclaimed.
    function feesOf(bytes32 fragment, address validator) external view returns (uint256);
    /// @notice Makes a decided fragment final when outside challengers have had their time; anyone may.
    function finish(bytes32 fragment) external;
    /// @notice Ends the validation of a fragment that is no part of its cluster's line any more, or that was refuted and whose
    /// cluster is closed or was halted `longestBlocks` ago; anyone may.
    function void(bytes32 fragment) external;

    /// @notice By the arbiter: one more dispute about a confirmation, or one less.
    function bind(uint256 confirmation) external;
    function release(uint256 confirmation) external;
    /// @notice By the arbiter: a confirmation is refuted.
    /// @return reward What the winner was credited with.
    function convict(uint256 confirmation, address winner) external returns (uint128 reward);
}
