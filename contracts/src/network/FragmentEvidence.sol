// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ancestors} from "./Ancestors.sol";
import {BlockEvidence} from "./BlockEvidence.sol";
import {ICheckpoints} from "./ICheckpoints.sol";
import {IClusters} from "./IClusters.sol";
import {MismatchedTransactions} from "./MismatchedTransactions.sol";
import {Application} from "./libraries/Application.sol";
import {Headers} from "./libraries/Headers.sol";
import {Samples} from "./libraries/Samples.sol";
import {VoteRules} from "./libraries/VoteRules.sol";
import {ShownVote} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {Header} from "./types/Block.sol";
import {Checkpoint} from "./types/Checkpoint.sol";
import {FragmentBlock} from "./types/FragmentEvidence.sol";
import {Confirmation, Fragment} from "./types/Validation.sol";

/// @title What the headers of a fragment show of a confirmation (docs/validation.md section 6).
/// @notice A confirmation stands for all headers that lead to the checkpoint: whoever confirmed it has said that each of
/// them carries the state that follows from the one before. It keeps nothing.
contract FragmentEvidence is BlockEvidence {
    error NotInFragment(bytes32 headerHash);
    error WrongList(bytes32 proof);
    error NotInCall(uint64 step, uint64 start, uint64 end);
    error NotAtEnd(uint64 step);
    error SameHash();
    error NoRuleBroken();

    IClusters public immutable clusters;
    Ancestors public immutable ancestors;
    MismatchedTransactions public immutable lists;

    constructor(IClusters clusters_, Ancestors ancestors_, MismatchedTransactions lists_) {
        clusters = clusters_;
        ancestors = ancestors_;
        lists = lists_;
    }

    /// @notice Verifies which call of a fragment a block is, but for its beginning.
    function verify(
        Fragment calldata fragment,
        FragmentBlock calldata b
    ) public view returns (ShownVote memory shown) {
        shown.headerHash = _checkPlace(fragment, b);
        shown.height = b.header.height;
        shown.program = clusters.clusterOf(fragment.cluster).program;
        _readCall(shown, b.parent, b.before, b.record, b.siblings);
        shown.voted.appHash = Application.ofHeader(b.header.appHash);
    }

    /// @notice Verifies that a sample lies in a block's call, and which of the call's steps it is.
    /// @param result Preimage of the application hash in header h + 1.
    /// @return shown As of `verify`.
    /// @return step Instructions of the call before the sampled state.
    function verifySample(
        Fragment calldata fragment,
        Confirmation calldata confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        bytes32[] calldata samples,
        uint256 index
    ) external view returns (ShownVote memory shown, uint64 step) {
        shown = verify(fragment, b);
        uint64 sampled = _stepOf(fragment, confirmation, samples, index);
        (uint64 start, uint64 end) = _callOf(fragment, b, result);
        if (sampled <= start || sampled > end) revert NotInCall(sampled, start, end);
        step = sampled - start;
    }

    /// @notice Verifies that a sample is of a state that a header of the fragment names, and another one: the terminal state
    /// of a block's call, or the state before the fragment.
    function verifyEnd(
        Fragment calldata fragment,
        Confirmation calldata confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        bytes32[] calldata samples,
        uint256 index
    ) external view {
        _checkPlace(fragment, b);
        uint64 sampled = _stepOf(fragment, confirmation, samples, index);
        (uint64 start, uint64 end) = _callOf(fragment, b, result);
        bytes32 named;
        if (sampled == 0 && b.parent.height == fragment.startHeight) named = b.before.base;
        else if (sampled == end && end > start) named = result.result;
        else revert NotAtEnd(sampled);
        if (named == samples[index]) revert SameHash();
    }

    /// @notice Verifies that a block of a fragment was found to have other transactions than its record says.
    /// @return reporter who has found it.
    function verifyMismatch(
        Fragment calldata fragment,
        uint64 height
    ) external view returns (address reporter) {
        // The checkpoint's own block is the next fragment's.
        bool isWithin = height >= fragment.startHeight && height < fragment.height;
        if (!isWithin) revert NotInFragment(0);
        bytes32 headerHash = ancestors.headerBefore(fragment.headerHash, fragment.height - height);
        reporter = lists.findingOf(fragment.generation, headerHash).reporter;
        if (reporter == address(0)) revert MismatchedTransactions.NotMismatched(headerHash);
    }

    /// @notice Verifies that a header of a fragment is wrong by its bytes: it breaks a rule of votes by itself or behind its
    /// parent (docs/network.md section 6, (d)), or the fragment does not begin with the checkpoint before it.
    /// @param shown (uint64 distance, Header[] headers): how far before the checkpoint the header is; the header, and its
    /// parent where the rule is about both; nothing if the fragment's first header is another, whose name is enough.
    /// Encoded, because ValidationArbiter has no room for what copies headers.
    function verifyHeader(Fragment calldata fragment, bytes calldata shown) external view {
        (uint64 distance, Header[] memory headers) = abi.decode(shown, (uint64, Header[]));
        uint64 most = fragment.height - fragment.startHeight;
        bytes32 headerHash = ancestors.headerBefore(fragment.headerHash, distance);
        bool isNamed = headers.length == 0 || Headers.hash(headers[0]) == headerHash;
        if (distance > most || !isNamed) revert NotInFragment(headerHash);
        bool isBroken =
            headers.length == 0
                ? distance == most && !_isStart(fragment, headerHash)
                : _isBroken(fragment.generation, headers[0]) ||
                    (distance < most && headers.length > 1 && _isBrokenBehind(headers));
        if (!isBroken) revert NoRuleBroken();
    }

    function _isBroken(uint64 generation, Header memory header) private view returns (bool) {
        VoteRules.Rule rule = VoteRules.brokenAlone(
            header,
            clusters.chainIdOf(generation),
            clusters.generationOf(generation)
        );
        return rule != VoteRules.Rule.None;
    }

    function _isBrokenBehind(Header[] memory headers) private pure returns (bool) {
        bytes32 parentHash = Headers.hash(headers[1]);
        if (headers[0].lastBlockId.hash != parentHash) revert NotInFragment(parentHash);
        return VoteRules.brokenBehind(headers[0], headers[1]) != VoteRules.Rule.None;
    }

    /// @dev Whether a fragment may begin with a header: with that of the checkpoint before, or with the first of its
    /// generation, whose state `brokenAlone` knows.
    function _isStart(Fragment calldata fragment, bytes32 headerHash) private view returns (bool) {
        if (fragment.position == 0) return true;
        ICheckpoints line = ICheckpoints(clusters.offices().checkpoints);
        Checkpoint memory start = line.checkpointAt(fragment.cluster, fragment.position - 1);
        return start.generation != fragment.generation || start.headerHash == headerHash;
    }

    /// @dev Requires both headers to be the fragment's.
    function _checkPlace(
        Fragment calldata fragment,
        FragmentBlock calldata b
    ) private view returns (bytes32 headerHash) {
        headerHash = _checkChild(b.parent, b.header);
        bool isWithin =
            b.parent.height >= fragment.startHeight && b.header.height <= fragment.height;
        if (!isWithin) revert NotInFragment(headerHash);
        uint256 distance = fragment.height - b.header.height;
        if (ancestors.headerBefore(fragment.headerHash, distance) != headerHash) {
            revert NotInFragment(headerHash);
        }
        _checkState(b.parent, b.before, clusters.generationOf(fragment.generation));
    }

    /// @dev Steps of the fragment before a block's call and at its end, as the headers say.
    function _callOf(
        Fragment calldata fragment,
        FragmentBlock calldata b,
        ApplicationState calldata result
    ) private pure returns (uint64 start, uint64 end) {
        bytes32 carried = Application.ofHeader(b.header.appHash);
        bytes32 actual = Application.hash(result);
        if (actual != carried) revert WrongApplication(carried, actual);
        start = b.before.steps - fragment.startSteps;
        end = result.steps - fragment.startSteps;
    }

    function _stepOf(
        Fragment calldata fragment,
        Confirmation calldata confirmation,
        bytes32[] calldata samples,
        uint256 index
    ) private pure returns (uint64) {
        bytes32 proof = Samples.proofOf(
            samples,
            confirmation.seed,
            fragment.period,
            fragment.steps
        );
        if (proof != confirmation.proof) revert WrongList(proof);
        return Samples.stepOf(samples, confirmation.seed, fragment.period, index);
    }
}
