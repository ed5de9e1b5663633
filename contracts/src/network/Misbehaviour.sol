// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ancestors} from "./Ancestors.sol";
import {ICheckpoints} from "./ICheckpoints.sol";
import {IClusters} from "./IClusters.sol";
import {Commits} from "./libraries/Commits.sol";
import {Headers} from "./libraries/Headers.sol";
import {Precommits} from "./libraries/Precommits.sol";
import {VoteRules} from "./libraries/VoteRules.sol";
import {VotersOfFaults} from "./VotersOfFaults.sol";
import {BlockId, Header, Vote} from "./types/Block.sol";
import {Checkpoint} from "./types/Checkpoint.sol";
import {Commit, Precommit} from "./types/Commit.sol";

/// @title Votes that no honest worker gives, shown by their bytes alone (docs/network.md section 6).
/// @notice (a) two votes of one height, round and type; (b) precommits of one height for headers that contradict each
/// other; (c) two headers of one height, both committed: nobody can be named, the cluster is frozen; (d) a precommit for
/// a header that breaks a rule, which more than a third of a generation halts the cluster by. Invariant: nothing that CometBFT's algorithm does, in any order of rounds, locks and
/// restarts, is (a), (b) or (d).
contract Misbehaviour is VotersOfFaults {
    /// @notice One of two votes.
    struct VoteFor {
        uint32 round;
        /// All zero: nil.
        BlockId blockId;
        Vote vote;
    }

    event DoubleVote(
        uint64 indexed generation,
        address indexed account,
        uint64 height,
        uint32 round
    );
    event Contradiction(uint64 indexed generation, address indexed account, uint64 height);
    event BrokenRule(uint64 indexed generation, address indexed account, VoteRules.Rule rule);
    event Fork(uint64 indexed generation, uint64 height, bytes32 one, bytes32 other);

    error UnknownVoteType(uint8 voteType);
    error DifferentRounds(uint32 one, uint32 other);
    error DifferentSigners(address one, address other);
    error DifferentHeights(uint64 one, uint64 other);
    error SameBlock(bytes32 headerHash);
    error DifferentGenerations(bytes32 cluster, uint256 position);
    error NoContradiction();
    error NoRuleBroken();
    error NotParent(bytes32 headerHash);

    Ancestors public immutable ancestors;

    constructor(IClusters clusters_, Ancestors ancestors_) VotersOfFaults(clusters_) {
        ancestors = ancestors_;
    }

    /// @notice (a) Slashes a worker that has voted twice in one round, for different blocks or for one and for none.
    /// @param voteType 1 prevote, 2 precommit.
    function reportDoubleVote(
        uint64 generation,
        uint8 voteType,
        uint64 height,
        VoteFor calldata one,
        VoteFor calldata other
    ) external {
        if (voteType != Precommits.PREVOTE && voteType != Precommits.PRECOMMIT) {
            revert UnknownVoteType(voteType);
        }
        if (one.round != other.round) revert DifferentRounds(one.round, other.round);
        if (VoteRules.isSame(one.blockId, other.blockId)) revert SameBlock(one.blockId.hash);
        string memory chainId = clusters.chainIdOf(generation);
        address account = _signer(chainId, voteType, height, one);
        address second = _signer(chainId, voteType, height, other);
        if (account != second) revert DifferentSigners(account, second);
        emit DoubleVote(generation, account, height, one.round);
        clusters.slash(account, generation, msg.sender);
    }

    /// @notice (b) Slashes a worker that has precommitted two headers of one height, in any rounds, of which one cannot
    /// follow from the chain that the other follows from.
    function reportContradiction(
        uint64 generation,
        Header calldata one,
        Precommit calldata vote,
        Header calldata other,
        Precommit calldata otherVote
    ) external {
        if (one.height != other.height) revert DifferentHeights(one.height, other.height);
        if (!VoteRules.contradict(one, other)) revert NoContradiction();
        string memory chainId = clusters.chainIdOf(generation);
        address account = Commits.signerOf(chainId, one.height, Headers.hash(one), vote);
        address second = Commits.signerOf(chainId, other.height, Headers.hash(other), otherVote);
        if (account != second) revert DifferentSigners(account, second);
        emit Contradiction(generation, account, one.height);
        clusters.slash(account, generation, msg.sender);
    }

    /// @notice (c) Freezes a cluster whose chain has forked. A pair of one worker's votes would not do: they are legal
    /// after a change of lock, and anyone could freeze an honest cluster.
    function reportFork(uint64 generation, Commit calldata one, Commit calldata other) external {
        uint64 height = one.header.height;
        if (height != other.header.height) revert DifferentHeights(height, other.header.height);
        bytes32 headerHash = Commits.verify(clusters, generation, one);
        bytes32 second = Commits.verify(clusters, generation, other);
        if (headerHash == second) revert SameBlock(headerHash);
        emit Fork(generation, height, headerHash, second);
        clusters.freeze(generation, height);
    }

    /// @notice (c) The same by two checkpoints that follow each other in a generation's line, of which the later one does not
    /// go on from the earlier: their votes were verified when they came.
    /// @param position Of the later one.
    function reportBranch(bytes32 cluster, uint256 position) external {
        ICheckpoints line = ICheckpoints(clusters.offices().checkpoints);
        Checkpoint memory start = line.checkpointAt(cluster, position - 1);
        Checkpoint memory end = line.checkpointAt(cluster, position);
        if (start.generation != end.generation) revert DifferentGenerations(cluster, position);
        bytes32 other = ancestors.headerBefore(end.headerHash, end.height - start.height);
        if (other == start.headerHash) revert SameBlock(other);
        emit Fork(start.generation, start.height, start.headerHash, other);
        clusters.freeze(start.generation, start.height);
    }

    /// @notice (d) Slashes a worker that has precommitted a header which breaks a rule by itself.
    function reportHeader(
        uint64 generation,
        Header calldata header,
        Precommit calldata vote
    ) external {
        string memory chainId = clusters.chainIdOf(generation);
        VoteRules.Rule rule = VoteRules.brokenAlone(
            header,
            chainId,
            clusters.generationOf(generation)
        );
        _punish(generation, chainId, header, vote, rule);
    }

    /// @notice (d) Slashes a worker that has precommitted a header which breaks a rule behind its parent.
    function reportSequence(
        uint64 generation,
        Header calldata parent,
        Header calldata header,
        Precommit calldata vote
    ) external {
        bytes32 parentHash = Headers.hash(parent);
        if (header.lastBlockId.hash != parentHash) revert NotParent(parentHash);
        string memory chainId = clusters.chainIdOf(generation);
        _punish(generation, chainId, header, vote, VoteRules.brokenBehind(header, parent));
    }

    function _punish(
        uint64 generation,
        string memory chainId,
        Header calldata header,
        Precommit calldata vote,
        VoteRules.Rule rule
    ) private {
        if (rule == VoteRules.Rule.None) revert NoRuleBroken();
        bytes32 headerHash = Headers.hash(header);
        address account = Commits.signerOf(chainId, header.height, headerHash, vote);
        emit BrokenRule(generation, account, rule);
        // What is wrong stands in the header itself.
        if (!_convict(generation, headerHash, header.height, account, msg.sender)) {
            revert NoNewVote(headerHash);
        }
    }

    function _signer(
        string memory chainId,
        uint8 voteType,
        uint64 height,
        VoteFor calldata vote
    ) private pure returns (address) {
        return Precommits.signerOf(voteType, chainId, height, vote.round, vote.blockId, vote.vote);
    }
}
