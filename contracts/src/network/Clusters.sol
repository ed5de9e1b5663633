// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {ClusterBook} from "./ClusterBook.sol";
import {ICheckpoints} from "./ICheckpoints.sol";
import {IClusters} from "./IClusters.sol";
import {Membership} from "./Membership.sol";
import {Application} from "./libraries/Application.sol";
import {Commits} from "./libraries/Commits.sol";
import {ConsensusKeys} from "./libraries/ConsensusKeys.sol";
import {RunningTree} from "./libraries/RunningTree.sol";
import {Header} from "./types/Block.sol";
import {Checkpoint} from "./types/Checkpoint.sol";
import {Cluster, ClusterStatus, Generation, Order, Worker, WorkerStatus} from "./types/Cluster.sol";
import {Commit} from "./types/Commit.sol";

/// @title Clusters from their order to their end (docs/network.md sections 1 to 4).
/// @notice Invariant: one generation of a cluster runs at a time; it begins where the line of checkpoints ends, with the
/// state that the header there carries.
contract Clusters is Membership {
    using RunningTree for RunningTree.Tree;

    /// @dev Root of no transactions: SHA-256 of nothing.
    bytes32 private constant NO_TRANSACTIONS =
        0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;
    uint16 private constant MOST_WORKERS = 64;

    modifier only(address office) {
        if (msg.sender != office) revert NotAuthorised(msg.sender);
        _;
    }

    modifier onlyDeveloperOf(bytes32 cluster) {
        if (clusters[cluster].developer != msg.sender) revert NotDeveloper(msg.sender);
        _;
    }

    constructor(
        IStepJudge judge_,
        Parameters memory p,
        Offices memory o
    ) ClusterBook(judge_, p, o) {}

    // --- The developer ---

    /// @inheritdoc IClusters
    function create(
        Order calldata order,
        bytes calldata genesisWitness,
        bytes calldata genesisProof
    ) external returns (bytes32 cluster) {
        _checkOrder(order);
        (bytes32 genesis, bytes32 program) = judge.genesis(genesisWitness);
        // A block's call has an input, and a state that runs takes none.
        if (judge.registers(genesis, genesisProof).status == 0) revert GenesisRuns();
        cluster = keccak256(abi.encode(block.chainid, address(this), ++clusterCount));
        Cluster storage known = clusters[cluster];
        known.developer = msg.sender;
        known.status = ClusterStatus.Forming;
        known.refutedHeight = NEVER;
        known.order = order;
        known.program = program;
        known.genesis = genesis;
        emit Created(cluster, msg.sender, program, genesis);
        emit Ordered(cluster, order);
        _form(cluster, known, 0);
    }

    /// @inheritdoc IClusters
    function adjust(bytes32 cluster, Order calldata order) external onlyDeveloperOf(cluster) {
        _checkOrder(order);
        Cluster storage known = clusters[cluster];
        if (order.size != known.order.size && members[known.next].length != 0) {
            revert GenerationFull(known.next);
        }
        known.order = order;
        emit Ordered(cluster, order);
    }

    /// @inheritdoc IClusters
    function invite(
        bytes32 cluster,
        address owner,
        bool isWelcome
    ) external onlyDeveloperOf(cluster) {
        isInvited[cluster][owner] = isWelcome;
        emit Invited(cluster, owner, isWelcome);
    }

    /// @inheritdoc IClusters
    function halt(bytes32 cluster) external onlyDeveloperOf(cluster) {
        Cluster storage known = clusters[cluster];
        if (known.status != ClusterStatus.Running) revert WrongStatus(cluster);
        _halt(cluster, known);
    }

    /// @inheritdoc IClusters
    function close(bytes32 cluster) external onlyDeveloperOf(cluster) {
        Cluster storage known = clusters[cluster];
        if (!_isOpen(known)) revert WrongStatus(cluster);
        if (known.status == ClusterStatus.Running) _break(known.current);
        known.status = ClusterStatus.Closed;
        emit Closed(cluster);
    }

    // --- Generations ---

    /// @inheritdoc IClusters
    function seal(bytes32 cluster, address[] calldata accounts) external {
        Cluster storage known = clusters[cluster];
        uint64 next = known.next;
        Generation storage generation = generations[next];
        if (!_isOpen(known)) revert WrongStatus(cluster);
        if (generation.sealedBlock != 0) revert AlreadySealed(next);
        bool isFull = members[next].length == known.order.size;
        if (!isFull || accounts.length != known.order.size) revert NotSealed(next);
        RunningTree.Tree memory tree = RunningTree.empty();
        bytes20 before;
        for (uint256 i = 0; i < accounts.length; ++i) {
            Worker storage worker = workers[accounts[i]];
            bytes20 position = ConsensusKeys.addressOf(worker.keyPrefix, worker.keyX);
            bool isMember = worker.generation == next && worker.status == WorkerStatus.Bonded;
            if (!isMember || (i != 0 && position <= before)) revert WrongOrder(i);
            before = position;
            tree.add(ConsensusKeys.leafOf(worker.keyPrefix, worker.keyX));
        }
        members[next] = accounts;
        generation.size = uint16(accounts.length);
        generation.bonded = uint16(accounts.length);
        generation.sealedBlock = uint64(block.number);
        generation.validatorsHash = tree.root();
        emit Sealed(next, generation.validatorsHash, accounts);
        if (known.status == ClusterStatus.Forming) {
            _start(cluster, known, 0, 1, Application.initialHash(known.genesis));
        }
    }

    /// @inheritdoc IClusters
    function handOver(bytes32 cluster, Commit calldata commit) external {
        Cluster storage known = clusters[cluster];
        uint64 current = known.current;
        Generation storage ending = generations[current];
        if (known.status != ClusterStatus.Running) revert WrongStatus(cluster);
        // No shorter, or a line of many generations could be too long to walk.
        uint256 earliest = uint256(ending.startBlock) + coolingOffBlocks;
        if (block.number < earliest) revert NoticeRuns(earliest);
        bytes32 headerHash = Commits.verify(this, current, commit);
        Header calldata header = commit.header;
        bool isHandover =
            header.nextValidatorsHash == generations[known.next].validatorsHash &&
                header.dataHash == NO_TRANSACTIONS &&
                header.appHash.length == 32 &&
                header.height < known.refutedHeight;
        if (!isHandover || generations[known.next].sealedBlock == 0) {
            revert NotHandedOver(current);
        }
        bytes32 appHash = Application.ofHeader(header.appHash);
        ending.endBlock = uint64(block.number);
        ending.lastHeight = header.height;
        emit Ended(current, header.height);
        _start(cluster, known, current, header.height + 1, appHash);
        ICheckpoints(checkpoints).append(
            cluster,
            Checkpoint(
                current,
                header.height,
                uint64(block.number),
                header.time.secs,
                headerHash,
                appHash
            )
        );
        emit ICheckpoints.Voted(
            cluster,
            headerHash,
            commit.round,
            commit.partsTotal,
            commit.partsHash,
            commit.votes
        );
    }

    /// @inheritdoc IClusters
    function recover(bytes32 cluster, uint256 position) external {
        Cluster storage known = clusters[cluster];
        if (known.status != ClusterStatus.Halted) revert WrongStatus(cluster);
        bool isOver = block.number >= uint256(known.haltedBlock) + recoveryBlocks;
        if (!isOver || known.statements != 0) revert RecoveryOpen(cluster);
        if (generations[known.next].sealedBlock == 0) revert NotSealed(known.next);
        uint64 below = known.refutedHeight;
        uint256 kept = position == type(uint256).max ? 0 : position + 1;
        ICheckpoints line = ICheckpoints(checkpoints);
        bool isLast =
            kept == line.countOf(cluster) || line.checkpointAt(cluster, kept).height >= below;
        if (!isLast) revert WrongOrder(position);
        known.refutedHeight = NEVER;
        if (kept == 0) {
            _start(cluster, known, 0, 1, Application.initialHash(known.genesis));
        } else {
            Checkpoint memory last = line.checkpointAt(cluster, position);
            if (last.height >= below) revert WrongOrder(position);
            _start(cluster, known, last.generation, last.height, last.appHash);
        }
        line.cut(cluster, kept);
    }

    // --- The offices ---

    /// @inheritdoc IClusters
    function bind(address account) external only(arbiter) {
        workers[account].statements += 1;
        clusters[generations[workers[account].generation].cluster].statements += 1;
    }

    /// @inheritdoc IClusters
    function release(address account) public only(arbiter) {
        workers[account].statements -= 1;
        clusters[generations[workers[account].generation].cluster].statements -= 1;
    }

    /// @inheritdoc IClusters
    function convict(
        address account,
        address winner,
        bytes32 headerHash,
        uint64 height
    ) external returns (uint128 reward) {
        release(account);
        Worker storage worker = workers[account];
        uint64 generation = worker.generation;
        emit Refuted(generation, headerHash, account, height);
        uint256 count = ++refutations[generation][headerHash];
        reward = _take(account, worker, winner);
        // More than a third: what the others hold is not a majority without them.
        if (3 * count > generations[generation].size) _refute(generation, height);
    }

    /// @inheritdoc IClusters
    function slash(
        address account,
        uint64 generation,
        address reporter
    ) external returns (uint128 reward) {
        _requireEvidence();
        Worker storage worker = workers[account];
        if (worker.generation != generation) revert UnknownSigner(account);
        if (generations[generation].startBlock == 0) revert NotStarted(generation);
        bool isThere =
            worker.status == WorkerStatus.Bonded || worker.status == WorkerStatus.Retired;
        if (!isThere) revert NotBonded(account);
        return _take(account, worker, reporter);
    }

    /// @inheritdoc IClusters
    function freeze(uint64 generation, uint64 height) external {
        if (msg.sender != validation) _requireEvidence();
        // Of two headers of a verified height one is verified, and the line goes on from that.
        uint64 finalHeight = clusters[generations[generation].cluster].finalHeight;
        if (height < finalHeight) revert HeightFinal(finalHeight);
        // A header carries the state before its block, on which both headers of a fork agree.
        _refute(generation, height + 1);
    }

    /// @inheritdoc IClusters
    function makeFinal(bytes32 cluster, uint64 height) external only(validation) {
        Cluster storage known = clusters[cluster];
        if (height <= known.finalHeight || height >= known.refutedHeight) {
            revert HeightFinal(known.finalHeight);
        }
        known.finalHeight = height;
        emit Final(cluster, height);
    }

    // --- What they rest on ---

    /// @dev Requires one of those who show faults by evidence.
    function _requireEvidence() private view {
        bool isOffice = msg.sender == misbehaviour || msg.sender == transactions;
        if (!isOffice) revert NotAuthorised(msg.sender);
    }

    /// @dev A header of this height is false, or one of two: the cluster halts if it stands on it. Of a closed one nothing
    /// that stands on it becomes final.
    function _refute(uint64 generation, uint64 height) private {
        bytes32 id = generations[generation].cluster;
        Cluster storage cluster = clusters[id];
        if (!_isInLine(cluster, generation, height)) return;
        if (height < cluster.refutedHeight) cluster.refutedHeight = height;
        if (cluster.status != ClusterStatus.Closed) _halt(id, cluster);
    }

    /// @dev Whether the cluster's present state goes on from a generation's header of this height. The walk is bounded:
    /// a deposit is free before `MOST_GENERATIONS` others have followed.
    function _isInLine(
        Cluster storage cluster,
        uint64 generation,
        uint64 height
    ) private view returns (bool) {
        uint64 below = NEVER;
        uint64 step = cluster.current;
        for (; step > generation; step = generations[step].parent) {
            below = generations[step].initialHeight;
        }
        return step == generation && height <= below;
    }

    function _start(
        bytes32 id,
        Cluster storage cluster,
        uint64 parent,
        uint64 initialHeight,
        bytes32 initialAppHash
    ) private {
        uint64 next = cluster.next;
        Generation storage generation = generations[next];
        generation.parent = parent;
        generation.initialHeight = initialHeight;
        generation.initialAppHash = initialAppHash;
        generation.startBlock = uint64(block.number);
        cluster.current = next;
        cluster.status = ClusterStatus.Running;
        emit Started(id, next, initialHeight, initialAppHash);
        _form(id, cluster, generation.number + 1);
    }

    function _checkOrder(Order calldata order) private pure {
        bool isSized = order.size != 0 && order.size <= MOST_WORKERS;
        if (!isSized || order.validationBps >= WHOLE_BPS) revert InvalidOrder();
    }
}
