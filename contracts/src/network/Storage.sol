// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClusters} from "./IClusters.sol";
import {RunningInput} from "./libraries/RunningInput.sol";

/// @title Storage nodes, their receipts, and challenges to show what they have stored (docs/network.md section 8, paper
/// 5.5).
/// @notice A node that does not show a chunk in time loses its deposit. That shows who is silent on chain, not who
/// withholds: a node can answer here and serve nobody, and who says that it was not served cannot be believed. The real
/// remedy is several independent nodes. Invariant: the contract's balance = `deposit` for each node that is there + what was
/// paid for each open challenge + all credits + `burned`.
///
/// The price. Each challenge that a node has open doubles the price of its next one. A node that answers has `halfPrice` of
/// it, whatever the price, and the rest is burned; a node that is silent gives all of it back to the challenger.
/// - No node can keep others from challenging it: there is no number of challenges that it could fill. Who holds n open at a
///   node that is its own burns (2^n − 1 − n) `halfPrice` in every `answerBlocks`, and all that others need for it is 2^n
///   `halfPrice` for that long, which they have back if there is something to convict.
/// - No honest node can be flooded: n challenges at a time cost (2^n − 1) `halfPrice`. One after the other cost both sides
///   half of an answer each, as one does.
/// - No honest challenger is priced out: one open challenge convicts a silent node, and its price comes back. Others raise the
///   price while the node leaves theirs unanswered, `answerBlocks` at most, and burn as much as they have others put down.
contract Storage is EIP712 {
    /// @notice Constructor parameters.
    struct Parameters {
        /// Wei that every node puts down.
        uint128 deposit;
        /// Half of what it costs to answer a challenge, at least 1: the challenger pays it to the node that answers, which
        /// bears the other half. The price of a challenge while the node has no other one open.
        uint128 halfPrice;
        /// Part of a lost deposit that goes to the challenger, in 1/10,000, at most 9,000; the rest is burned.
        uint16 rewardBps;
        /// EVM blocks in which a challenge must be answered.
        uint32 answerBlocks;
        /// EVM blocks from the announcement to the withdrawal: longer than any cluster's fragment waits to be verified.
        uint32 leaveBlocks;
    }

    /// @notice A node that signs receipts.
    struct Node {
        /// Who alone can have the deposit back.
        address owner;
        NodeStatus status;
        uint16 challenges;
        /// First EVM block in which the deposit can be withdrawn; 0 if that was not announced.
        uint64 freeBlock;
    }

    /// @notice Where a node stands.
    enum NodeStatus {
        None,
        Bonded,
        Slashed,
        Withdrawn
    }

    /// @notice What a receipt is for (docs/history.md section 4).
    struct Receipt {
        bytes32 cluster;
        uint64 height;
        bytes32 root;
        uint32 length;
    }

    /// @notice A demand to show a chunk.
    struct Challenge {
        address node;
        address challenger;
        uint64 deadline;
        uint32 chunk;
        bytes32 root;
        uint32 length;
        /// Wei that it has cost.
        uint128 price;
    }

    event Registered(address indexed node, address indexed owner);
    event Leaving(address indexed node, uint64 freeBlock);
    event Withdrawn(address indexed node, address indexed owner);
    event Challenged(
        uint256 indexed id,
        address indexed node,
        address indexed challenger,
        Receipt receipt,
        uint32 chunk,
        uint64 deadline,
        uint256 price
    );
    event Shown(uint256 indexed id, bytes content);
    event Silent(uint256 indexed id, address indexed node, uint256 reward);
    event Collected(address indexed receiver, uint256 amount);

    error InvalidStorage();
    error WrongAmount(uint256 expected, uint256 given);
    error NotNodeOwner(address sender);
    error NodeKnown(address node);
    error NodeNotBonded(address node);
    error NodeNotFree(address node);
    error DataReleased(uint64 finalHeight);
    error NoSuchChunk(uint32 chunk);
    error NoSuchChallenge(uint256 id);
    error ChunkNotShown(bytes32 expected, bytes32 actual);
    error AnswerTooLate(uint64 deadline);
    error AnswerNotDue(uint64 deadline);

    /// @dev A chunk is a subtree of 32 leaves of 128 bytes.
    uint256 private constant CHUNK_LEVELS = 5;
    uint256 public constant CHUNK_BYTES = RunningInput.LEAF_BYTES << CHUNK_LEVELS;
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MOST_REWARD_BPS = 9_000;
    bytes32 private constant RECEIPT_TYPE = keccak256(
        "Receipt(bytes32 cluster,uint64 height,bytes32 root,uint32 length)"
    );

    IClusters public immutable clusters;
    uint128 public immutable deposit;
    uint128 public immutable halfPrice;
    uint16 public immutable rewardBps;
    uint32 public immutable answerBlocks;
    uint32 public immutable leaveBlocks;

    /// @notice Wei taken from silent nodes, and paid for challenges beyond what an answer is worth, that nobody can ever claim.
    uint256 public burned;
    mapping(address account => uint256) public credits;
    mapping(address node => Node) public nodes;
    mapping(uint256 id => Challenge) public challenges;
    uint256 public challengeCount;

    constructor(IClusters clusters_, Parameters memory p) EIP712("wasm-arbiter storage", "1") {
        bool isTimed = p.answerBlocks != 0 && p.leaveBlocks > p.answerBlocks;
        bool isPriced = p.deposit != 0 && p.halfPrice != 0 && p.rewardBps <= MOST_REWARD_BPS;
        if (!isPriced || !isTimed) revert InvalidStorage();
        clusters = clusters_;
        deposit = p.deposit;
        halfPrice = p.halfPrice;
        rewardBps = p.rewardBps;
        answerBlocks = p.answerBlocks;
        leaveBlocks = p.leaveBlocks;
    }

    /// @notice Puts down a deposit for the sender, whose key signs receipts.
    /// @param owner Who alone can have it back.
    function register(address owner) external payable {
        if (msg.value != deposit) revert WrongAmount(deposit, msg.value);
        // Nobody could ever have it back.
        if (owner == address(0)) revert NotNodeOwner(owner);
        Node storage node = nodes[msg.sender];
        if (node.status != NodeStatus.None) revert NodeKnown(msg.sender);
        node.owner = owner;
        node.status = NodeStatus.Bonded;
        emit Registered(msg.sender, owner);
    }

    /// @notice Announces the withdrawal of a node's deposit. It signs nothing from then on.
    function giveNotice(address account) external {
        Node storage node = _ownNode(account);
        if (node.freeBlock == 0) node.freeBlock = uint64(block.number + leaveBlocks);
        emit Leaving(account, node.freeBlock);
    }

    /// @notice Credits a node's owner with the deposit, `leaveBlocks` after the announcement.
    function withdraw(address account) external {
        Node storage node = _ownNode(account);
        bool isFree = node.freeBlock != 0 && block.number >= node.freeBlock;
        if (!isFree || node.challenges != 0) revert NodeNotFree(account);
        node.status = NodeStatus.Withdrawn;
        credits[msg.sender] += deposit;
        emit Withdrawn(account, msg.sender);
    }

    /// @notice Pays what the sender has to its credit.
    function collect() external {
        uint256 amount = credits[msg.sender];
        credits[msg.sender] = 0;
        emit Collected(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @notice Wei that the next challenge of a node costs.
    function priceOf(address account) public view returns (uint256) {
        return uint256(halfPrice) * 2 ** uint256(nodes[account].challenges);
    }

    /// @notice Demands a chunk of what a node has signed for. Refused when the state behind the content's height is verified,
    /// since nodes may drop it then. What is sent beyond the price is to the sender's credit, so that nobody who comes first
    /// can have a challenge refused: whoever raises the price above what was sent has paid half of that.
    /// @param signature Of the node, r, s, v.
    function challenge(
        Receipt calldata receipt,
        bytes calldata signature,
        uint32 chunk
    ) external payable returns (uint256 id) {
        address account = _signerOf(receipt, signature);
        Node storage node = nodes[account];
        // When it could withdraw, it may have dropped everything.
        bool isBound = node.freeBlock == 0 || block.number < node.freeBlock;
        if (node.status != NodeStatus.Bonded || !isBound) revert NodeNotBonded(account);
        uint64 finalHeight = clusters.clusterOf(receipt.cluster).finalHeight;
        if (receipt.height < finalHeight) revert DataReleased(finalHeight);
        if (uint256(chunk) * CHUNK_BYTES >= receipt.length) revert NoSuchChunk(chunk);
        uint256 price = priceOf(account);
        if (msg.value < price) revert WrongAmount(price, msg.value);
        credits[msg.sender] += msg.value - price;
        node.challenges += 1;
        id = ++challengeCount;
        uint64 deadline = uint64(block.number + answerBlocks);
        challenges[id] = Challenge(
            account,
            msg.sender,
            deadline,
            chunk,
            receipt.root,
            receipt.length,
            SafeCast.toUint128(price)
        );
        emit Challenged(id, account, msg.sender, receipt, chunk, deadline, price);
    }

    /// @notice Shows a chunk; anyone may who has it. The node is paid half of what that costs, and the rest of the price burned.
    /// @param content 4,096 bytes, fewer in the last chunk.
    /// @param siblings Of the chunk's subtree, lowest first.
    function show(uint256 id, bytes calldata content, bytes32[] calldata siblings) external {
        Challenge memory asked = _challenge(id);
        if (block.number > asked.deadline) revert AnswerTooLate(asked.deadline);
        uint256 start = uint256(asked.chunk) * CHUNK_BYTES;
        uint256 length = asked.length - start < CHUNK_BYTES ? asked.length - start : CHUNK_BYTES;
        bool isSized =
            content.length == length && siblings.length == RunningInput.depth() - CHUNK_LEVELS;
        bytes32 actual =
            isSized
                ? RunningInput.rootAbove(content, CHUNK_LEVELS, asked.chunk, siblings)
                : bytes32(0);
        if (!isSized || actual != asked.root) revert ChunkNotShown(asked.root, actual);
        delete challenges[id];
        Node storage node = nodes[asked.node];
        node.challenges -= 1;
        credits[node.owner] += halfPrice;
        burned += asked.price - halfPrice;
        emit Shown(id, content);
    }

    /// @notice Takes the deposit of a node that has not answered in time; anyone may. The challenger has its part, and what
    /// it has paid. Of a node that is slashed already nothing is left but that.
    function expire(uint256 id) external {
        Challenge memory asked = _challenge(id);
        if (block.number <= asked.deadline) revert AnswerNotDue(asked.deadline);
        delete challenges[id];
        Node storage node = nodes[asked.node];
        node.challenges -= 1;
        uint256 reward = 0;
        if (node.status == NodeStatus.Bonded) {
            node.status = NodeStatus.Slashed;
            reward = (uint256(deposit) * rewardBps) / WHOLE_BPS;
            burned += deposit - reward;
        }
        credits[asked.challenger] += reward + asked.price;
        emit Silent(id, asked.node, reward);
    }

    /// @dev Who has signed a receipt.
    function _signerOf(
        Receipt calldata receipt,
        bytes calldata signature
    ) private view returns (address) {
        bytes32 content = keccak256(
            abi.encode(RECEIPT_TYPE, receipt.cluster, receipt.height, receipt.root, receipt.length)
        );
        return ECDSA.recover(_hashTypedDataV4(content), signature);
    }

    function _ownNode(address account) private view returns (Node storage node) {
        node = nodes[account];
        if (node.owner != msg.sender) revert NotNodeOwner(msg.sender);
        if (node.status != NodeStatus.Bonded) revert NodeNotBonded(account);
    }

    function _challenge(uint256 id) private view returns (Challenge memory asked) {
        asked = challenges[id];
        if (asked.node == address(0)) revert NoSuchChallenge(id);
    }
}
