// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDataProvider, IStateTransition} from "../../src/adapters/interfaces/IStateTransition.sol";

/// @title Model of a single-level tournament of Cartesi's Dave, for tests of the adapter and its player.
/// @notice Commitments are binary trees over all states; they are paired as they come, matches go down the trees to
/// the first leaf that differs, and one transition decides. The functions that a player calls have Dave's signatures.
/// Left out: clocks, bonds, refunds, inner tournaments. Also the inputs' provider.
contract ModelTournament is IDataProvider {
    struct MatchId {
        bytes32 one;
        bytes32 two;
    }

    struct MatchState {
        bytes32 otherParent;
        bytes32 leftNode;
        bytes32 rightNode;
        uint256 runningLeafPosition;
        uint64 currentHeight;
        bool isInit;
    }

    event MatchCreated(
        bytes32 indexed matchIdHash,
        bytes32 indexed one,
        bytes32 indexed two,
        bytes32 leftOfTwo
    );
    event MatchDeleted(
        bytes32 indexed matchIdHash,
        bytes32 indexed one,
        bytes32 indexed two,
        uint8 reason,
        uint8 winner
    );

    error WrongNode(bytes32 expected, bytes32 actual);
    error WrongHeight(uint256 height);
    error WrongInput(uint256 index);
    error WrongFinalState(bytes32 computed, bytes32 claimed);

    uint64 public immutable height;
    bytes32 public immutable initial;
    IStateTransition public immutable transition;
    bytes32 public dangling;
    bytes32[] private inputs;
    mapping(bytes32 commitment => bytes32) public finalStates;
    mapping(bytes32 id => MatchState) private matches;

    constructor(
        uint64 height_,
        bytes32 initial_,
        IStateTransition transition_,
        bytes[] memory inputs_
    ) {
        (height, initial, transition) = (height_, initial_, transition_);
        for (uint256 i = 0; i < inputs_.length; ++i) inputs.push(keccak256(inputs_[i]));
    }

    function provideMerkleRootOfInput(
        uint256 index,
        bytes calldata input
    ) external view returns (bytes32) {
        if (index >= inputs.length) return 0;
        if (keccak256(input) != inputs[index]) revert WrongInput(index);
        return inputs[index];
    }

    function tournamentLevelConstants() external view returns (uint64, uint64, uint64, uint64) {
        return (1, 0, 0, height);
    }

    function getMatch(bytes32 id) external view returns (MatchState memory) {
        return matches[id];
    }

    function bondValue() external pure returns (uint256) {
        return 0;
    }

    function joinTournament(
        bytes32 finalState,
        bytes32[] calldata proof,
        bytes32 left,
        bytes32 right
    ) external payable {
        bytes32 commitment = node(left, right);
        check(commitment, rootOf(finalState, (1 << height) - 1, proof));
        finalStates[commitment] = finalState;
        pair(commitment, left, right);
    }

    function advanceMatch(
        MatchId calldata id,
        bytes32 left,
        bytes32 right,
        bytes32 newLeft,
        bytes32 newRight
    ) external {
        MatchState storage m = matches[keyOf(id)];
        if (m.currentHeight < 2) revert WrongHeight(m.currentHeight);
        check(m.otherParent, node(left, right));
        bool isLeft = left != m.leftNode;
        check(isLeft ? left : right, node(newLeft, newRight));
        m.otherParent = isLeft ? m.leftNode : m.rightNode;
        (m.leftNode, m.rightNode) = (newLeft, newRight);
        m.currentHeight -= 1;
        if (!isLeft) m.runningLeafPosition += 1 << m.currentHeight;
    }

    function sealLeafMatch(
        MatchId calldata id,
        bytes32 left,
        bytes32 right,
        bytes32 agreed,
        bytes32[] calldata proof
    ) external {
        MatchState storage m = matches[keyOf(id)];
        if (m.currentHeight != 1) revert WrongHeight(m.currentHeight);
        check(m.otherParent, node(left, right));
        bool isLeft = left != m.leftNode;
        (bytes32 mine, bytes32 theirs) = isLeft ? (left, m.leftNode) : (right, m.rightNode);
        if (!isLeft) m.runningLeafPosition += 1;
        m.currentHeight = 0;
        // The turn changes at each level: the first side seals where the height is odd.
        (m.leftNode, m.rightNode) = height % 2 == 1 ? (mine, theirs) : (theirs, mine);
        bytes32 sealer = height % 2 == 1 ? id.one : id.two;
        if (m.runningLeafPosition == 0) check(initial, agreed);
        else check(sealer, rootOf(agreed, m.runningLeafPosition - 1, proof));
        m.otherParent = agreed;
    }

    function winLeafMatch(
        MatchId calldata id,
        bytes32 left,
        bytes32 right,
        bytes calldata proofs
    ) external {
        bytes32 key = keyOf(id);
        MatchState storage m = matches[key];
        if (m.currentHeight != 0 || !m.isInit) revert WrongHeight(m.currentHeight);
        bytes32 computed = transition.transitionState(
            m.otherParent,
            m.runningLeafPosition,
            proofs,
            this
        );
        bytes32 winner = node(left, right);
        bool isOne = winner == id.one;
        if (!isOne) check(id.two, winner);
        bytes32 claimed = isOne ? m.leftNode : m.rightNode;
        if (computed != claimed) revert WrongFinalState(computed, claimed);
        delete matches[key];
        emit MatchDeleted(key, id.one, id.two, 0, isOne ? 1 : 2);
        pair(winner, left, right);
    }

    function pair(bytes32 commitment, bytes32 left, bytes32 right) private {
        bytes32 other = dangling;
        if (other == 0) {
            dangling = commitment;
            return;
        }
        dangling = 0;
        bytes32 key = keyOf(MatchId(other, commitment));
        matches[key] = MatchState(other, left, right, 0, height, true);
        emit MatchCreated(key, other, commitment, left);
    }

    function check(bytes32 expected, bytes32 actual) private pure {
        if (expected != actual) revert WrongNode(expected, actual);
    }

    function rootOf(
        bytes32 leaf,
        uint256 position,
        bytes32[] calldata siblings
    ) private view returns (bytes32 root) {
        if (siblings.length != height) revert WrongHeight(siblings.length);
        root = leaf;
        for (uint256 i = 0; i < height; ++i) {
            bool isRight = (position >> i) & 1 == 1;
            root = isRight ? node(siblings[i], root) : node(root, siblings[i]);
        }
    }

    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(left, right));
    }

    function keyOf(MatchId memory id) private pure returns (bytes32) {
        return keccak256(abi.encode(id));
    }
}
