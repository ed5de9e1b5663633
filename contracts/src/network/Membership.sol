// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ClusterBook} from "./ClusterBook.sol";
import {IClusters} from "./IClusters.sol";
import {ConsensusKeys} from "./libraries/ConsensusKeys.sol";
import {Cluster, ClusterStatus, Generation, Worker, WorkerStatus} from "./types/Cluster.sol";

/// @title How workers come and go, and what becomes of their deposits (docs/network.md section 2).
/// @notice The consensus key is hot: it signs votes. The owner's account is what the deposit belongs to; the key's
/// signature over the owner binds the two. Invariant: a key serves in one generation, once.
abstract contract Membership is ClusterBook, EIP712 {
    bytes32 private constant MEMBERSHIP_TYPE = keccak256(
        "Membership(uint64 generation,address owner)"
    );

    modifier onlyOwnerOf(address account) {
        if (workers[account].owner != msg.sender) revert NotOwner(msg.sender);
        _;
    }

    constructor() EIP712("wasm-arbiter clusters", "1") {}

    /// @inheritdoc IClusters
    function join(
        bytes32 cluster,
        bytes32 keyX,
        bytes32 keyY,
        bytes calldata possession
    ) external payable {
        Cluster storage known = clusters[cluster];
        if (!_isOpen(known)) revert WrongStatus(cluster);
        if (!known.order.isOpen && !isInvited[cluster][msg.sender]) revert NotInvited(msg.sender);
        if (msg.value != deposit) revert WrongDeposit(deposit, msg.value);
        uint64 generation = known.next;
        if (generations[generation].sealedBlock != 0) revert AlreadySealed(generation);
        if (members[generation].length == known.order.size) revert GenerationFull(generation);
        address account = ConsensusKeys.accountOf(keyX, keyY);
        bytes32 content = keccak256(abi.encode(MEMBERSHIP_TYPE, generation, msg.sender));
        address signer = ECDSA.recover(_hashTypedDataV4(content), possession);
        if (signer != account) revert KeyNotProven(account, signer);
        Worker storage worker = workers[account];
        if (worker.status != WorkerStatus.None) revert KeyUsed(account);
        worker.owner = msg.sender;
        worker.generation = generation;
        worker.status = WorkerStatus.Bonded;
        worker.keyPrefix = ConsensusKeys.prefixOf(keyY);
        worker.keyX = keyX;
        members[generation].push(account);
        emit Joined(generation, account, msg.sender, keyX, keyY);
    }

    /// @inheritdoc IClusters
    function abandon(address account) external onlyOwnerOf(account) {
        Worker storage worker = workers[account];
        if (worker.status != WorkerStatus.Bonded) revert NotBonded(account);
        uint64 generation = worker.generation;
        Generation storage known = generations[generation];
        if (known.startBlock != 0) revert NotFree(account);
        if (known.sealedBlock != 0) {
            uint256 until = uint256(known.sealedBlock) + longestBlocks;
            bool isClosed = clusters[known.cluster].status == ClusterStatus.Closed;
            if (!isClosed && block.number < until) revert NoticeRuns(until);
            known.sealedBlock = 0;
            known.validatorsHash = 0;
            emit Unsealed(generation);
        }
        _remove(members[generation], account);
        _giveBack(account, worker);
    }

    /// @inheritdoc IClusters
    function giveNotice(address account) external onlyOwnerOf(account) {
        Worker storage worker = workers[account];
        Generation storage known = generations[worker.generation];
        if (worker.status != WorkerStatus.Bonded) revert NotBonded(account);
        if (known.startBlock == 0 || known.endBlock != 0) revert NotStarted(worker.generation);
        if (worker.noticeBlock == 0) worker.noticeBlock = uint64(block.number);
        emit NoticeGiven(account);
    }

    /// @inheritdoc IClusters
    function retire(address account) external {
        Worker storage worker = workers[account];
        if (worker.status != WorkerStatus.Bonded) revert NotBonded(account);
        uint256 until = uint256(worker.noticeBlock) + longestBlocks;
        if (worker.noticeBlock == 0 || block.number < until) revert NoticeRuns(until);
        worker.status = WorkerStatus.Retired;
        worker.retiredBlock = uint64(block.number);
        emit Retired(account);
        _dismiss(worker.generation);
    }

    /// @inheritdoc IClusters
    function withdraw(address account) external onlyOwnerOf(account) {
        Worker storage worker = workers[account];
        bool isThere =
            worker.status == WorkerStatus.Bonded || worker.status == WorkerStatus.Retired;
        if (!isThere) revert NotBonded(account);
        if (worker.statements != 0 || block.number < freeBlock(account)) revert NotFree(account);
        _giveBack(account, worker);
    }

    /// @inheritdoc IClusters
    function collect() external {
        uint256 amount = credits[msg.sender];
        credits[msg.sender] = 0;
        emit Collected(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @inheritdoc IClusters
    function freeBlock(address account) public view returns (uint256 free) {
        Worker storage worker = workers[account];
        free = _freeBlockOf(generations[worker.generation]);
        if (worker.retiredBlock == 0) return free;
        uint256 retired = uint256(worker.retiredBlock) + longestBlocks;
        if (retired < free) free = retired;
    }

    /// @inheritdoc IClusters
    function requireAccusable(
        address account,
        uint64 generation,
        uint64 height
    ) external view returns (address owner) {
        Worker storage worker = workers[account];
        if (worker.generation != generation) revert UnknownSigner(account);
        if (generations[generation].startBlock == 0) revert NotStarted(generation);
        Cluster storage cluster = clusters[generations[generation].cluster];
        if (height <= cluster.finalHeight) revert HeightFinal(cluster.finalHeight);
        // Who has lost its deposit can still be shown to have lied while it matters where a new generation begins, but not
        // for ever: it could sign ever new headers, have itself accused over them, and so keep the recovery waiting.
        bool isBound =
            worker.status == WorkerStatus.Slashed
                ? cluster.status == ClusterStatus.Halted &&
                    block.number < uint256(cluster.haltedBlock) + recoveryBlocks
                : block.number < freeBlock(account);
        if (!isBound || worker.status == WorkerStatus.Withdrawn) revert NotBonded(account);
        return worker.owner;
    }

    /// @dev Whether a cluster's next generation can be joined and can begin.
    function _isOpen(Cluster storage cluster) internal view returns (bool) {
        return cluster.status != ClusterStatus.None && cluster.status != ClusterStatus.Closed;
    }

    /// @dev Takes a worker's deposit, once: a share goes to who has shown the fault, the rest is burned.
    function _take(
        address account,
        Worker storage worker,
        address reporter
    ) internal returns (uint128 reward) {
        bool wasBonded = worker.status == WorkerStatus.Bonded;
        if (!wasBonded && worker.status != WorkerStatus.Retired) return 0;
        worker.status = WorkerStatus.Slashed;
        reward = uint128((uint256(deposit) * rewardBps) / WHOLE_BPS);
        if (reporter == address(0)) reward = 0;
        credits[reporter] += reward;
        burned += deposit - reward;
        emit Slashed(account, reporter, worker.generation, reward);
        if (wasBonded) _dismiss(worker.generation);
    }

    function _giveBack(address account, Worker storage worker) private {
        worker.status = WorkerStatus.Withdrawn;
        credits[worker.owner] += deposit;
        emit Withdrawn(account, worker.owner);
    }

    /// @dev At most as many members as an order may have.
    function _remove(address[] storage list, address account) private {
        uint256 last = list.length - 1;
        for (uint256 i = 0; i <= last; ++i) {
            if (list[i] != account) continue;
            list[i] = list[last];
            list.pop();
            return;
        }
    }
}
