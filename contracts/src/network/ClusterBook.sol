// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IStepJudge} from "../judge/IStepJudge.sol";
import {IClusters} from "./IClusters.sol";
import {Cluster, ClusterStatus, Generation, Worker, WorkerStatus} from "./types/Cluster.sol";

/// @title What is known of clusters, generations and workers (docs/network.md sections 1 to 4).
/// @notice Invariant: the contract's balance = `deposit` for each worker that is Bonded or Retired + all credits +
/// `burned`. What is burned stays here without an owner.
abstract contract ClusterBook is IClusters {
    uint256 internal constant WHOLE_BPS = 10_000;
    /// @dev At least a tenth of a lost deposit is burned, or losing to oneself would be free.
    uint256 internal constant MOST_REWARD_BPS = 9_000;
    /// @dev Generations that can follow each other while a deposit is bound: bounds every walk along a line.
    uint256 internal constant MOST_GENERATIONS = 32;
    uint64 internal constant NEVER = type(uint64).max;
    /// @dev 24 bytes and "0x" are the 50 characters that CometBFT admits.
    uint256 private constant CHAIN_ID_BYTES = 24;

    /// @inheritdoc IClusters
    IStepJudge public immutable judge;
    uint128 internal immutable deposit;
    uint16 internal immutable rewardBps;
    uint32 internal immutable coolingOffBlocks;
    uint32 internal immutable longestBlocks;
    uint32 internal immutable recoveryBlocks;
    address internal immutable arbiter;
    address internal immutable misbehaviour;
    address internal immutable transactions;
    address internal immutable checkpoints;
    address internal immutable validation;

    /// @inheritdoc IClusters
    uint256 public burned;
    /// @inheritdoc IClusters
    mapping(address account => uint256) public credits;
    /// @inheritdoc IClusters
    mapping(bytes32 cluster => mapping(address owner => bool)) public isInvited;
    uint256 internal clusterCount;
    uint64 internal generationCount;
    mapping(bytes32 cluster => Cluster) internal clusters;
    mapping(uint64 generation => Generation) internal generations;
    mapping(uint64 generation => address[]) internal members;
    mapping(address account => Worker) internal workers;
    /// @dev Workers whose vote for a header is refuted.
    mapping(uint64 generation => mapping(bytes32 headerHash => uint256)) internal refutations;

    constructor(IStepJudge judge_, Parameters memory p, Offices memory o) {
        bool isBounded =
            uint256(p.coolingOffBlocks) * MOST_GENERATIONS >= p.longestBlocks &&
                uint256(p.recoveryBlocks) * MOST_GENERATIONS >= p.longestBlocks &&
                p.coolingOffBlocks <= p.longestBlocks &&
                p.recoveryBlocks < p.longestBlocks;
        if (p.deposit == 0 || p.rewardBps > MOST_REWARD_BPS || p.longestBlocks == 0 || !isBounded) {
            revert InvalidNetwork();
        }
        judge = judge_;
        deposit = p.deposit;
        rewardBps = p.rewardBps;
        coolingOffBlocks = p.coolingOffBlocks;
        longestBlocks = p.longestBlocks;
        recoveryBlocks = p.recoveryBlocks;
        arbiter = o.arbiter;
        misbehaviour = o.misbehaviour;
        transactions = o.transactions;
        checkpoints = o.checkpoints;
        validation = o.validation;
    }

    /// @inheritdoc IClusters
    function parameters() external view returns (Parameters memory) {
        return Parameters(deposit, rewardBps, coolingOffBlocks, longestBlocks, recoveryBlocks);
    }

    /// @inheritdoc IClusters
    function offices() external view returns (Offices memory) {
        return Offices(arbiter, misbehaviour, transactions, checkpoints, validation);
    }

    /// @inheritdoc IClusters
    function clusterOf(bytes32 cluster) external view returns (Cluster memory) {
        return clusters[cluster];
    }

    /// @inheritdoc IClusters
    function generationOf(uint64 generation) external view returns (Generation memory) {
        return generations[generation];
    }

    /// @inheritdoc IClusters
    function workerOf(address account) external view returns (Worker memory) {
        return workers[account];
    }

    /// @inheritdoc IClusters
    function membersOf(uint64 generation) external view returns (address[] memory) {
        return members[generation];
    }

    /// @inheritdoc IClusters
    function chainIdOf(uint64 generation) public view returns (string memory) {
        Generation storage known = generations[generation];
        bytes32 hash = keccak256(
            abi.encode(block.chainid, address(this), known.cluster, known.number)
        );
        return Strings.toHexString(uint256(hash) >> 64, CHAIN_ID_BYTES);
    }

    /// @inheritdoc IClusters
    function requireQuorum(uint64 generation, address[] calldata signers) external view {
        uint256 votes = 0;
        address before = address(0);
        for (uint256 i = 0; i < signers.length; ++i) {
            address account = signers[i];
            if (account <= before) revert SignersOutOfOrder(i);
            before = account;
            Worker storage worker = workers[account];
            if (worker.generation != generation) revert UnknownSigner(account);
            if (worker.status == WorkerStatus.Bonded) ++votes;
        }
        Generation storage known = generations[generation];
        // Whose deposit is free answers for nothing that it signs, whether it has taken it back or not.
        if (block.number >= _freeBlockOf(known)) votes = 0;
        if (!_isQuorum(votes, known.size)) revert NoQuorum(votes, known.size);
    }

    /// @dev First EVM block in which the deposits of a generation are free, whoever has given notice; the greatest number
    /// if it has not ended.
    function _freeBlockOf(Generation storage known) internal view returns (uint256) {
        if (known.endBlock == 0) return type(uint256).max;
        bool isVerified =
            !known.isBroken && clusters[known.cluster].finalHeight >= known.lastHeight;
        return uint256(known.endBlock) + (isVerified ? coolingOffBlocks : longestBlocks);
    }

    /// @dev More than two thirds (CometBFT's rule).
    function _isQuorum(uint256 votes, uint256 size) internal pure returns (bool) {
        return 3 * votes > 2 * size;
    }

    /// @dev A cluster whose running generation cannot or must not go on.
    function _halt(bytes32 id, Cluster storage cluster) internal {
        if (cluster.status == ClusterStatus.Running) {
            cluster.status = ClusterStatus.Halted;
            cluster.haltedBlock = uint64(block.number);
            _break(cluster.current);
        }
        emit Halted(id, cluster.refutedHeight);
    }

    /// @dev Ends a generation whose chain is not handed over.
    function _break(uint64 generation) internal {
        Generation storage known = generations[generation];
        known.endBlock = uint64(block.number);
        known.isBroken = true;
        emit Ended(generation, NEVER);
    }

    /// @dev Takes a worker's vote out of the count; the cluster halts if too few are left.
    function _dismiss(uint64 generation) internal {
        Generation storage known = generations[generation];
        known.bonded -= 1;
        Cluster storage cluster = clusters[known.cluster];
        bool isCurrent = cluster.current == generation && cluster.status == ClusterStatus.Running;
        if (isCurrent && !_isQuorum(known.bonded, known.size)) _halt(known.cluster, cluster);
    }

    /// @dev Opens the next generation of a cluster for joining.
    function _form(bytes32 id, Cluster storage cluster, uint32 number) internal {
        uint64 generation = ++generationCount;
        cluster.next = generation;
        generations[generation].cluster = id;
        generations[generation].number = number;
        emit Formed(id, generation, number, chainIdOf(generation));
    }
}
