// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FragmentBook} from "./FragmentBook.sol";
import {ICheckpoints} from "./ICheckpoints.sol";
import {IClusters} from "./IClusters.sol";
import {IRewards} from "./IRewards.sol";
import {IValidation} from "./IValidation.sol";
import {SeedDraw} from "./libraries/SeedDraw.sol";
import {Samples} from "./libraries/Samples.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {Cluster} from "./types/Cluster.sol";
import {
    Confirmation,
    Content,
    Fragment,
    FragmentStatus,
    Validator,
    ValidatorStatus
} from "./types/Validation.sol";

/// @title Batch validation (docs/validation.md sections 2 to 6, paper 6).
/// @notice One validation of a fragment follows the other: each is drawn when the one before has ended. `leastValidations`
/// are always made; after each further one p_v decides. Invariant: a fragment has one chosen validator at a time, who is
/// neither the one before nor a worker of the cluster; a fragment becomes final once, in the order of the line.
///
/// What a block's proposer can do. The seed is the RANDAO mix of one block that is fixed by the request, more than two
/// epochs ahead, so that nobody who sends a request knows it, and which is proven by that block's header, so that nobody
/// gains by calling at another time. The proposer of that block, or of the last ones before it, can leave its block out: a
/// mix without its reveal is another seed. It costs the block's reward and fees, and buys one other draw, not a chosen one;
/// who has the last k proposers in a row has 2^k draws. Against a pool of which a fraction m is malicious, one more draw
/// raises the chance that a fragment's first validator is one of them from m to 1 − (1 − m)^2, and a lie needs every
/// validation of the fragment so.
contract Validation is FragmentBook {
    /// @dev Slots that a draw tries before it asks for another seed.
    uint256 private constant MOST_TRIES = 16;
    /// @dev A proof has at most so many times the samples that one has in the mean: with a period of up to 6 none can have
    /// more, with a longer one none that was not made for it. Whoever disputes a sample brings the whole list, and with other
    /// things: a list that just fits into a transaction could be disputed by nobody.
    uint256 private constant MOST_SAMPLES_TO_MEAN = 4;
    /// @dev Fragments of a cluster for which validators are drawn side by side. Who withholds all of them costs those drawn their
    /// turns, and in the end their place: by one cluster's deposits it must not be everybody's.
    uint256 private constant MOST_OPEN = 16;

    constructor(
        IClusters clusters_,
        ICheckpoints line_,
        IRewards rewards_,
        address arbiter_,
        Parameters memory given
    ) FragmentBook(clusters_, line_, rewards_, arbiter_, given) {}

    /// @inheritdoc IValidation
    function begin(
        bytes32 cluster,
        uint256 position,
        ApplicationState calldata before,
        ApplicationState calldata behind
    ) external returns (bytes32 id) {
        id = fragmentAt(cluster, position);
        if (fragments[id].status != FragmentStatus.None) revert AlreadyBegun(id);
        // In the order of the line: the budget must not be reserved for what waits for those before.
        bool isNext =
            position == 0 ||
                fragments[fragmentAt(cluster, position - 1)].status != FragmentStatus.None;
        if (!isNext) revert OutOfLine(cluster, position);
        if (open[cluster] >= MOST_OPEN) revert TooManyOpen(cluster);
        uint64 elapsedBlocks = _describe(id, cluster, position, before, behind);
        Fragment storage fragment = fragments[id];
        rewards.reserve(
            id,
            IRewards.Work(
                cluster,
                fragment.generation,
                fragment.fuel,
                elapsedBlocks,
                p.mostValidations
            )
        );
        emit Begun(id, cluster, position, fragment);
        _request(id, fragment, true);
    }

    // --- Draws (6.1, 6.2) ---

    /// @inheritdoc IValidation
    function draw(bytes32 id, bytes calldata header) external {
        Fragment storage fragment = _in(id, FragmentStatus.Drawing);
        if (_isRefuted(fragment, _clusterOf(fragment))) revert InDispute(id);
        uint256 seedBlock = uint256(fragment.requestBlock) + p.seedBlocks;
        if (block.number <= seedBlock) revert SeedNotThere(seedBlock);
        if (block.number > seedBlock + p.drawBlocks) revert SeedExpired(seedBlock + p.drawBlocks);
        (bytes32 mix, bool isThere) = SeedDraw.mixOf(header, seedBlock);
        if (!isThere) revert WrongSeedHeader(seedBlock);
        bytes32 seed = SeedDraw.seedOf(mix, fragment.cluster, fragment.height, fragment.attempts);
        _count(fragment);
        bool isMore = fragment.isDue || SeedDraw.fraction(seed) < fragment.validationBps;
        if (!isMore || _isFull(id)) {
            _decide(id, fragment);
            return;
        }
        address validator = _choose(fragment, seed);
        // Nobody that can be chosen: the next seed finds a pool of then.
        if (validator == address(0)) {
            _request(id, fragment, true);
            return;
        }
        validators[validator].turns += 1;
        fragment.status = FragmentStatus.Turn;
        fragment.chosen = validator;
        fragment.seed = keccak256(abi.encode(seed, validator));
        fragment.deadline = uint64(block.number + fragment.turnBlocks);
        fragment.deferrals = 0;
        emit Chosen(id, validator, fragment.seed, fragment.deadline);
    }

    /// @inheritdoc IValidation
    function redraw(bytes32 id) external {
        Fragment storage fragment = _in(id, FragmentStatus.Drawing);
        uint256 last = uint256(fragment.requestBlock) + p.seedBlocks + p.drawBlocks;
        if (block.number <= last) revert SeedNotExpired(last);
        _count(fragment);
        _request(id, fragment, fragment.isDue);
    }

    // --- Turns ---

    /// @inheritdoc IValidation
    function confirm(
        bytes32 id,
        bytes32[] calldata samples,
        Content calldata snapshot
    ) external returns (uint256 number) {
        Fragment storage fragment = _in(id, FragmentStatus.Turn);
        if (fragment.chosen != msg.sender) revert NotChosen(msg.sender);
        if (block.number > fragment.deadline) revert TurnOver(fragment.deadline);
        if (!_isThere(validators[msg.sender])) revert WrongStanding(msg.sender);
        uint256 most = MOST_SAMPLES_TO_MEAN * p.samples;
        if (samples.length > most) revert Samples.WrongSampleCount(most);
        bytes32 proof = Samples.proofOf(samples, fragment.seed, fragment.period, fragment.steps);
        number = ++confirmationCount;
        confirmations[number] = Confirmation(
            id,
            msg.sender,
            uint64(block.number),
            false,
            fragment.seed,
            proof
        );
        made[id].push(number);
        Validator storage validator = validators[msg.sender];
        validator.turns -= 1;
        validator.bound += 1;
        validator.misses = 0;
        validator.confirmBlock = uint64(block.number);
        emit Confirmed(id, msg.sender, number, proof, samples, snapshot);
        _request(id, fragment, _standing(id) < _needed(fragment));
    }

    /// @inheritdoc IValidation
    function miss(bytes32 id) external {
        Fragment storage fragment = _in(id, FragmentStatus.Turn);
        Cluster memory cluster = _clusterOf(fragment);
        bool isRefuted = _isRefuted(fragment, cluster);
        address validator = fragment.chosen;
        if (msg.sender != validator) {
            if (block.number <= fragment.deadline) revert TurnNotOver(fragment.deadline);
            // Who disputes instead of confirming must not pay for it.
            bool isAccused = !isRefuted && cluster.statements != 0;
            if (isAccused && fragment.deferrals < p.mostDeferrals) {
                fragment.deferrals += 1;
                fragment.deadline = uint64(block.number + fragment.turnBlocks);
                emit Deferred(id, fragment.deadline);
                return;
            }
        }
        validators[validator].turns -= 1;
        // Who has lost its deposit over something else could not have confirmed.
        bool isFree = isRefuted || !_isThere(validators[validator]);
        uint128 fee = isFree ? 0 : _charge(validator);
        emit Missed(id, validator, fee);
        if (!isFree) {
            feesOf[id][validator] += fee;
            fragment.misses += 1;
            if (fragment.misses >= _standing(id) + p.mostUnconfirmed) {
                _giveUp(id, fragment);
                return;
            }
        }
        _request(id, fragment, true);
    }

    /// @inheritdoc IValidation
    function reclaim(bytes32 id) external {
        _in(id, FragmentStatus.Void);
        uint256 fee = feesOf[id][msg.sender];
        feesOf[id][msg.sender] = 0;
        burned -= fee;
        credits[msg.sender] += fee;
        emit Reclaimed(id, msg.sender, fee);
    }

    // --- The end ---

    /// @inheritdoc IValidation
    function finish(bytes32 id) external {
        Fragment storage fragment = _in(id, FragmentStatus.Decided);
        if (block.number <= fragment.deadline) revert WindowOpen(fragment.deadline);
        bytes32 cluster = fragment.cluster;
        bool isDisputed = fragment.disputes != 0 || _clusterOf(fragment).statements != 0;
        if (isDisputed) revert InDispute(id);
        if (fragment.position != nextPosition[cluster] || !_isInLine(fragment)) {
            revert OutOfLine(cluster, fragment.position);
        }
        // Who lost its deposit over another fragment vouches for this one no more.
        if (_standing(id) < _needed(fragment)) {
            if (_isExhausted(id)) _giveUp(id, fragment);
            else _request(id, fragment, true);
            return;
        }
        nextPosition[cluster] += 1;
        fragment.status = FragmentStatus.Final;
        emit Verified(id, cluster, fragment.height);
        address[] memory paid = _paid(id, true);
        clusters.makeFinal(cluster, fragment.height);
        rewards.settle(id, paid, true);
    }

    /// @inheritdoc IValidation
    function void(bytes32 id) external {
        Fragment storage fragment = fragments[id];
        FragmentStatus status = fragment.status;
        if (status == FragmentStatus.None || status >= FragmentStatus.Final) {
            revert WrongFragmentStatus(id);
        }
        if (_isInLine(fragment)) {
            // No recovery cuts the line of a closed cluster, and nobody need wait for ever for that of a halted one.
            Cluster memory cluster = _clusterOf(fragment);
            bool isRefuted = _isRefuted(fragment, cluster) && !_isWaiting(cluster);
            if (!isRefuted) revert StillInLine(id);
        }
        if (status == FragmentStatus.Turn) validators[fragment.chosen].turns -= 1;
        _void(id, fragment);
    }

    // --- The arbiter ---

    /// @inheritdoc IValidation
    function bind(uint256 number) external onlyArbiter {
        Confirmation storage confirmation = confirmations[number];
        validators[confirmation.validator].disputes += 1;
        fragments[confirmation.fragment].disputes += 1;
    }

    /// @inheritdoc IValidation
    function release(uint256 number) public onlyArbiter {
        Confirmation storage confirmation = confirmations[number];
        validators[confirmation.validator].disputes -= 1;
        fragments[confirmation.fragment].disputes -= 1;
    }

    /// @inheritdoc IValidation
    function convict(uint256 number, address winner) external returns (uint128 reward) {
        release(number);
        Confirmation storage confirmation = confirmations[number];
        bytes32 id = confirmation.fragment;
        confirmation.isRefuted = true;
        emit Refuted(number, confirmation.validator, winner);
        reward = _slash(confirmation.validator, winner);
        Fragment storage fragment = fragments[id];
        if (fragment.status == FragmentStatus.Decided) _request(id, fragment, true);
        if (fragment.status == FragmentStatus.Drawing) fragment.isDue = true;
    }

    // --- What they rest on ---

    /// @dev Nobody honest may be left who can validate a fragment: what it needs is withheld. Which of the cluster's nodes
    /// do that cannot be known, so nobody loses a deposit, and the cluster goes on from the state before.
    function _giveUp(bytes32 id, Fragment storage fragment) private {
        emit GivenUp(id);
        if (_isInLine(fragment)) clusters.freeze(fragment.generation, fragment.startHeight);
        _void(id, fragment);
    }

    /// @dev Its confirmations can be refuted all the same, as long as deposits are bound by them.
    function _void(bytes32 id, Fragment storage fragment) private {
        if (_isOpen(fragment)) open[fragment.cluster] -= 1;
        fragment.status = FragmentStatus.Void;
        emit Voided(id);
        rewards.settle(id, _paid(id, false), false);
    }

    /// @dev Wraps after 65,536 draws: the mixes differ all the same, and no fragment is stuck for it.
    function _count(Fragment storage fragment) private {
        unchecked {
            fragment.attempts += 1;
        }
    }

    /// @dev Asks for a seed that nobody knows yet.
    function _request(bytes32 id, Fragment storage fragment, bool isDue) private {
        if (!_isOpen(fragment)) open[fragment.cluster] += 1;
        fragment.status = FragmentStatus.Drawing;
        fragment.isDue = isDue;
        fragment.requestBlock = uint64(block.number);
        emit Requested(id, fragment.attempts, block.number + p.seedBlocks);
    }

    function _decide(bytes32 id, Fragment storage fragment) private {
        open[fragment.cluster] -= 1;
        fragment.status = FragmentStatus.Decided;
        fragment.deadline = uint64(block.number + p.windowBlocks);
        emit Decided(id, fragment.deadline);
    }

    /// @dev 6.2, over the pool of the request's block. Who has left since by its own wish is chosen all the same: to leave
    /// would otherwise be another draw. Those left out are drawn over, so that all others have the same chance.
    function _choose(Fragment storage fragment, bytes32 seed) private view returns (address) {
        uint256 size = poolSize(fragment.requestBlock);
        if (size == 0) return address(0);
        address[] memory owners = _ownersOf(fragment.generation);
        for (uint256 i = 0; i < MOST_TRIES; ++i) {
            address candidate = poolAt(
                fragment.requestBlock,
                uint256(keccak256(abi.encode(seed, i))) % size
            );
            Validator storage validator = validators[candidate];
            bool isObliged =
                validator.status == ValidatorStatus.Active ||
                    (validator.status == ValidatorStatus.Inactive &&
                        validator.misses < p.mostMisses);
            if (!isObliged || candidate == fragment.chosen) continue;
            if (!_contains(owners, candidate)) return candidate;
        }
        return address(0);
    }
}
