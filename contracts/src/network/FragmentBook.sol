// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICheckpoints} from "./ICheckpoints.sol";
import {IClusters} from "./IClusters.sol";
import {IRewards} from "./IRewards.sol";
import {IValidation} from "./IValidation.sol";
import {ValidatorPool} from "./ValidatorPool.sol";
import {Application} from "./libraries/Application.sol";
import {Samples} from "./libraries/Samples.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {Checkpoint} from "./types/Checkpoint.sol";
import {Cluster, ClusterStatus, Generation, Order} from "./types/Cluster.sol";
import {
    Confirmation,
    Fragment,
    FragmentStatus,
    Validator,
    ValidatorStatus
} from "./types/Validation.sol";

/// @title What is known of fragments and their confirmations (docs/validation.md sections 1 and 5).
/// @notice Invariant: `bound` of a validator is the number of its confirmations whose fragments are not final.
abstract contract FragmentBook is ValidatorPool {
    /// @dev Confirmations of one fragment, refuted ones too: bounds every walk over them.
    uint256 private constant MOST_CONFIRMATIONS = 64;

    /// @inheritdoc IValidation
    IClusters public immutable clusters;
    ICheckpoints internal immutable line;
    /// @inheritdoc IValidation
    IRewards public immutable rewards;
    /// @inheritdoc IValidation
    mapping(bytes32 cluster => uint256) public nextPosition;
    mapping(bytes32 fragment => Fragment) internal fragments;
    mapping(bytes32 fragment => uint256[]) internal made;
    mapping(uint256 confirmation => Confirmation) internal confirmations;
    uint256 internal confirmationCount;
    /// @dev Fragments of a cluster for which validators are drawn at present.
    mapping(bytes32 cluster => uint256) internal open;
    /// @inheritdoc IValidation
    mapping(bytes32 fragment => mapping(address validator => uint256)) public feesOf;

    constructor(
        IClusters clusters_,
        ICheckpoints line_,
        IRewards rewards_,
        address arbiter_,
        Parameters memory given
    ) ValidatorPool(given, arbiter_) {
        if (given.mostValidations > MOST_CONFIRMATIONS) revert InvalidValidation();
        clusters = clusters_;
        line = line_;
        rewards = rewards_;
    }

    /// @inheritdoc IValidation
    function fragmentOf(bytes32 fragment) external view returns (Fragment memory) {
        return fragments[fragment];
    }

    /// @inheritdoc IValidation
    function confirmationsOf(bytes32 fragment) external view returns (uint256[] memory) {
        return made[fragment];
    }

    /// @inheritdoc IValidation
    function confirmationOf(uint256 number) external view returns (Confirmation memory) {
        return confirmations[number];
    }

    /// @inheritdoc IValidation
    function fragmentAt(bytes32 cluster, uint256 position) public view returns (bytes32) {
        bytes32 headerHash = line.checkpointAt(cluster, position).headerHash;
        return keccak256(abi.encode(cluster, position, headerHash));
    }

    /// @inheritdoc IValidation
    function requireAccusable(
        uint256 number
    ) external view returns (Confirmation memory confirmation) {
        confirmation = confirmations[number];
        uint256 free = uint256(confirmation.confirmBlock) + p.longestBlocks;
        bool isBound =
            confirmation.fragment != 0 &&
                !confirmation.isRefuted &&
                fragments[confirmation.fragment].status != FragmentStatus.Final &&
                _isThere(validators[confirmation.validator]) &&
                block.number < free;
        if (!isBound) revert NotAccusable(number);
    }

    /// @dev Takes down what a fragment is.
    /// @return elapsedBlocks EVM blocks that its workers had for it.
    function _describe(
        bytes32 id,
        bytes32 cluster,
        uint256 position,
        ApplicationState calldata before,
        ApplicationState calldata behind
    ) internal returns (uint64 elapsedBlocks) {
        Checkpoint memory end = line.checkpointAt(cluster, position);
        Checkpoint memory start = _startOf(cluster, position, end);
        _requirePreimage(start.appHash, before);
        _requirePreimage(end.appHash, behind);
        Fragment storage fragment = fragments[id];
        fragment.cluster = cluster;
        fragment.position = uint32(position);
        fragment.generation = end.generation;
        fragment.startHeight = start.height;
        fragment.height = end.height;
        fragment.headerHash = end.headerHash;
        fragment.startSteps = before.steps;
        // Neither ever falls; who has voted so has voted for a lie, of which its dispute will tell.
        fragment.steps = behind.steps > before.steps ? behind.steps - before.steps : 0;
        fragment.fuel = behind.fuel > before.fuel ? behind.fuel - before.fuel : 0;
        fragment.period = Samples.periodFor(fragment.steps, p.samples);
        Order memory order = clusters.clusterOf(cluster).order;
        fragment.validationBps =
            order.validationBps > p.leastBps ? order.validationBps : p.leastBps;
        uint256 turn =
            uint256(p.turnBlocks) +
                rewards.memoryBytesOf(cluster) / p.bytesPerBlock +
                fragment.fuel / p.fuelPerBlock;
        // Whoever declares more fuel than anybody could replay must not bind a validator's deposit by it.
        fragment.turnBlocks = turn < p.longestBlocks ? uint32(turn) : p.longestBlocks;
        return end.shownBlock - start.shownBlock;
    }

    /// @dev The checkpoint before, or the beginning of the generation's chain where that is later.
    function _startOf(
        bytes32 cluster,
        uint256 position,
        Checkpoint memory end
    ) private view returns (Checkpoint memory start) {
        if (position != 0) start = line.checkpointAt(cluster, position - 1);
        if (position != 0 && start.generation == end.generation) return start;
        Generation memory generation = clusters.generationOf(end.generation);
        start.height = generation.initialHeight;
        start.appHash = generation.initialAppHash;
        start.shownBlock = generation.startBlock;
    }

    function _requirePreimage(bytes32 expected, ApplicationState calldata state) private pure {
        bytes32 actual = Application.hash(state);
        if (actual != expected) revert WrongApplication(expected, actual);
    }

    /// @dev A fragment that stands at a point.
    function _in(
        bytes32 id,
        FragmentStatus status
    ) internal view returns (Fragment storage fragment) {
        fragment = fragments[id];
        if (fragment.status != status) revert WrongFragmentStatus(id);
    }

    /// @dev Whether the cluster's line still holds the checkpoint that ends a fragment.
    function _isInLine(Fragment storage fragment) internal view returns (bool) {
        if (fragment.position >= line.countOf(fragment.cluster)) return false;
        Checkpoint memory end = line.checkpointAt(fragment.cluster, fragment.position);
        return end.headerHash == fragment.headerHash;
    }

    /// @dev Whether validators are drawn for a fragment.
    function _isOpen(Fragment storage fragment) internal view returns (bool) {
        FragmentStatus status = fragment.status;
        return status == FragmentStatus.Drawing || status == FragmentStatus.Turn;
    }

    function _clusterOf(Fragment storage fragment) internal view returns (Cluster memory) {
        return clusters.clusterOf(fragment.cluster);
    }

    /// @dev Whether a fragment stands on what was refuted: no cluster goes on from it. A halt alone changes nothing: a
    /// developer that dislikes a draw, or a turn, could else have another one by it.
    function _isRefuted(
        Fragment storage fragment,
        Cluster memory cluster
    ) internal view returns (bool) {
        return fragment.height >= cluster.refutedHeight;
    }

    /// @dev Whether a halted cluster is still waited for to recover, which cuts what was refuted. After `longestBlocks` it is
    /// not: or a developer that neither recovers nor closes it could keep for ever what is reserved for others.
    function _isWaiting(Cluster memory cluster) internal view returns (bool) {
        bool isHalted = cluster.status == ClusterStatus.Halted;
        return isHalted && block.number < uint256(cluster.haltedBlock) + p.longestBlocks;
    }

    /// @dev Confirmations that somebody still answers for.
    function _standing(bytes32 id) internal view returns (uint256 count) {
        uint256[] storage numbers = made[id];
        for (uint256 i = 0; i < numbers.length; ++i) {
            if (_stands(confirmations[numbers[i]])) ++count;
        }
    }

    function _stands(Confirmation storage confirmation) private view returns (bool) {
        Validator storage validator = validators[confirmation.validator];
        return !confirmation.isRefuted && validator.status != ValidatorStatus.Slashed;
    }

    /// @dev Confirmations with which a fragment can be final: a turn that was missed is outweighed by one more, or lies over
    /// data that nobody else is given would wait for validators to whom they are.
    function _needed(Fragment storage fragment) internal view returns (uint256 needed) {
        needed = uint256(p.leastValidations) + fragment.misses;
        if (needed > p.mostValidations) needed = p.mostValidations;
    }

    /// @dev Whether no further validation is made.
    function _isFull(bytes32 id) internal view returns (bool) {
        return _isExhausted(id) || _standing(id) >= p.mostValidations;
    }

    function _isExhausted(bytes32 id) internal view returns (bool) {
        return made[id].length >= MOST_CONFIRMATIONS;
    }

    /// @dev Who is paid for a fragment: whose confirmations stand. Releases the deposits if it is final.
    function _paid(bytes32 id, bool isFinal) internal returns (address[] memory paid) {
        uint256[] storage numbers = made[id];
        paid = new address[](_standing(id));
        uint256 next = 0;
        for (uint256 i = 0; i < numbers.length; ++i) {
            Confirmation storage confirmation = confirmations[numbers[i]];
            if (isFinal) validators[confirmation.validator].bound -= 1;
            if (_stands(confirmation)) paid[next++] = confirmation.validator;
        }
    }

    /// @dev Owners of a generation's workers: at most as many as an order may have.
    function _ownersOf(uint64 generation) internal view returns (address[] memory owners) {
        owners = clusters.membersOf(generation);
        for (uint256 i = 0; i < owners.length; ++i) {
            owners[i] = clusters.workerOf(owners[i]).owner;
        }
    }

    function _contains(address[] memory list, address account) internal pure returns (bool) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == account) return true;
        }
        return false;
    }
}
