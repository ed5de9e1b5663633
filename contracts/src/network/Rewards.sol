// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IClusters} from "./IClusters.sol";
import {IRewards} from "./IRewards.sol";
import {ProgramMemory} from "./ProgramMemory.sol";
import {Cluster, Worker, WorkerStatus} from "./types/Cluster.sol";

/// @title Budgets of clusters and what is paid out of them (docs/validation.md section 7).
/// @notice Workers and validators are paid alike for the same work. Workers are paid for φ_max at most, by EVM time between
/// the checkpoints, since header time is their own clock; a validator, who cannot choose, is paid for all that it has to
/// execute. Invariant: the contract's balance = all budgets + all reservations + all credits.
contract Rewards is IRewards {
    uint256 private constant NANO = 1e9;
    uint256 private constant PICO = 1e12;

    /// @inheritdoc IRewards
    IClusters public immutable clusters;
    /// @inheritdoc IRewards
    ProgramMemory public immutable programs;
    address private immutable validation;
    Parameters private p;
    /// @inheritdoc IRewards
    mapping(bytes32 cluster => uint256) public budgetOf;
    /// @inheritdoc IRewards
    mapping(address account => uint256) public credits;
    mapping(bytes32 fragment => Reservation) private reservations;

    modifier onlyValidation() {
        if (msg.sender != validation) revert NotAuthorised(msg.sender);
        _;
    }

    constructor(
        IClusters clusters_,
        ProgramMemory programs_,
        address validation_,
        Parameters memory given
    ) {
        if (given.picosecondsPerFuel == 0 || given.blockSeconds == 0) revert InvalidRewards();
        clusters = clusters_;
        programs = programs_;
        validation = validation_;
        p = given;
    }

    /// @inheritdoc IRewards
    function parameters() external view returns (Parameters memory) {
        return p;
    }

    /// @inheritdoc IRewards
    function reservationOf(bytes32 fragment) external view returns (Reservation memory) {
        return reservations[fragment];
    }

    /// @inheritdoc IRewards
    function fund(bytes32 cluster) external payable {
        // Nobody could ever take it back.
        if (clusters.clusterOf(cluster).developer == address(0)) revert UnknownCluster(cluster);
        budgetOf[cluster] += msg.value;
        emit Funded(cluster, msg.sender, msg.value);
    }

    /// @inheritdoc IRewards
    function takeBack(bytes32 cluster, uint256 amount) external {
        if (clusters.clusterOf(cluster).developer != msg.sender) revert NotDeveloper(msg.sender);
        uint256 budget = budgetOf[cluster];
        if (amount > budget) revert NotFunded(cluster, amount, budget);
        budgetOf[cluster] = budget - amount;
        credits[msg.sender] += amount;
        emit Returned(cluster, amount);
    }

    /// @inheritdoc IRewards
    function collect() external {
        uint256 amount = credits[msg.sender];
        credits[msg.sender] = 0;
        emit Collected(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @inheritdoc IRewards
    function reserve(bytes32 fragment, Work calldata work) external onlyValidation {
        Cluster memory cluster = clusters.clusterOf(work.cluster);
        uint64 memoryBytes = _memoryBytesOf(cluster);
        uint64 paid = paidFuel(work.fuel, cluster.order.fuelPerSecond, work.elapsedBlocks);
        Reservation memory reservation = Reservation({
            cluster: work.cluster,
            generation: work.generation,
            workers: clusters.generationOf(work.generation).size,
            validations: work.mostValidations,
            ofWorker: uint128(rewardOf(paid, memoryBytes)),
            ofValidation: uint128(rewardOf(work.fuel, memoryBytes) + p.download)
        });
        uint256 needed = _amountOf(reservation);
        uint256 budget = budgetOf[work.cluster];
        if (needed > budget) revert NotFunded(work.cluster, needed, budget);
        budgetOf[work.cluster] = budget - needed;
        reservations[fragment] = reservation;
        emit Reserved(fragment, reservation);
    }

    /// @inheritdoc IRewards
    function settle(
        bytes32 fragment,
        address[] calldata validators,
        bool isVerified
    ) external onlyValidation {
        Reservation memory reservation = reservations[fragment];
        delete reservations[fragment];
        uint256 left = _amountOf(reservation);
        uint256 ofValidators = 0;
        for (uint256 i = 0; i < validators.length && i < reservation.validations; ++i) {
            credits[validators[i]] += reservation.ofValidation;
            ofValidators += reservation.ofValidation;
        }
        uint256 ofWorkers = isVerified ? _payWorkers(reservation) : 0;
        budgetOf[reservation.cluster] += left - ofWorkers - ofValidators;
        emit Settled(fragment, ofWorkers, ofValidators);
    }

    /// @inheritdoc IRewards
    function memoryBytesOf(bytes32 cluster) external view returns (uint64) {
        return _memoryBytesOf(clusters.clusterOf(cluster));
    }

    /// @inheritdoc IRewards
    function rewardOf(uint64 fuel, uint64 memoryBytes) public view returns (uint256) {
        uint256 ofFuel = uint256(p.nanoweiPerFuel) * fuel;
        uint256 ofSpace = Math.mulDiv(
            uint256(p.nanoweiPerByteSecond) * memoryBytes,
            uint256(p.picosecondsPerFuel) * fuel,
            PICO
        );
        return Math.min((ofFuel + ofSpace) / NANO, type(uint96).max);
    }

    /// @inheritdoc IRewards
    function underCompetition(
        uint64 fuel,
        uint64 memoryBytes,
        uint8 existing
    ) external view returns (uint256) {
        return rewardOf(fuel, memoryBytes) >> (uint256(existing) + 1);
    }

    /// @inheritdoc IRewards
    function paidFuel(
        uint64 fuel,
        uint64 fuelPerSecond,
        uint64 elapsedBlocks
    ) public view returns (uint64) {
        uint256 most = uint256(fuelPerSecond) * elapsedBlocks * p.blockSeconds;
        return most < fuel ? uint64(most) : fuel;
    }

    function _memoryBytesOf(Cluster memory cluster) private view returns (uint64) {
        uint64 declared = programs.declaredBytes(cluster.program);
        uint64 ordered = cluster.order.memoryBytes;
        return declared > ordered ? declared : ordered;
    }

    /// @dev At most as many workers as an order may have.
    function _payWorkers(Reservation memory reservation) private returns (uint256 paid) {
        address[] memory members = clusters.membersOf(reservation.generation);
        for (uint256 i = 0; i < members.length && i < reservation.workers; ++i) {
            Worker memory worker = clusters.workerOf(members[i]);
            if (worker.status == WorkerStatus.Slashed) continue;
            credits[worker.owner] += reservation.ofWorker;
            paid += reservation.ofWorker;
        }
    }

    function _amountOf(Reservation memory reservation) private pure returns (uint256) {
        return
            uint256(reservation.workers) * reservation.ofWorker +
            uint256(reservation.validations) * reservation.ofValidation;
    }
}
