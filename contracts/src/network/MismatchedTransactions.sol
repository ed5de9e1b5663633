// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TryBegin} from "../game/libraries/TryBegin.sol";
import {BlockEvidence} from "./BlockEvidence.sol";
import {IClusters} from "./IClusters.sol";
import {Application} from "./libraries/Application.sol";
import {BlockRecords} from "./libraries/BlockRecords.sol";
import {Commits} from "./libraries/Commits.sol";
import {Headers} from "./libraries/Headers.sol";
import {RunningInput} from "./libraries/RunningInput.sol";
import {RunningTree} from "./libraries/RunningTree.sol";
import {VotersOfFaults} from "./VotersOfFaults.sol";
import {Wire} from "./libraries/Wire.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {Header} from "./types/Block.sol";
import {BlockRecord} from "./types/BlockRecord.sol";
import {Precommit} from "./types/Commit.sol";

/// @title Blocks whose transactions are not what their record says (docs/network.md section 5, paper 5.8).
/// @notice Takes a whole list over any number of transactions, and computes of it both the header's data hash and the
/// root of the framed input. If one of them is what the workers voted for and the other is not, every worker that
/// precommitted the header is slashed, and more than a third of a generation halt their cluster: what it has executed is
/// not what it has decided. So is it for a record that nothing can be executed of. Invariant: no list of an honest block has
/// one without the other.
/// @dev A stream's state travels with each call; the contract knows its hash, one for each reporter.
contract MismatchedTransactions is VotersOfFaults {
    using RunningInput for RunningInput.Input;
    using RunningTree for RunningTree.Tree;

    /// @notice A list that is being brought.
    struct Stream {
        uint64 generation;
        uint64 height;
        bytes32 headerHash;
        bytes32 dataHash;
        BlockRecord record;
        /// Transactions of the list, without the record; of how many the length is known, and the bytes.
        uint32 count;
        uint32 announced;
        uint32 taken;
        /// Where the next transaction begins in the framed input.
        uint256 offset;
        /// Running hashes over the lengths as they were announced and as they came.
        bytes32 lengths;
        bytes32 lengthsTaken;
        RunningTree.Tree tree;
        RunningInput.Input input;
    }

    /// @notice What was shown of a header.
    struct Finding {
        /// Who has shown it; 0 if nobody has.
        address reporter;
        uint64 height;
    }

    event Mismatched(
        uint64 indexed generation,
        bytes32 indexed headerHash,
        address indexed reporter
    );

    error StaleStream();
    error TooMany(uint256 given, uint256 left);
    error Unfinished();
    error LengthsDiffer();
    error NoMismatch(bool isList, bool isInput);
    error RecordIsCanonical();
    error CallBegins();
    error NotMismatched(bytes32 headerHash);
    error TooLong(uint256 length);

    /// @notice Hash of a reporter's stream as it stands.
    mapping(address reporter => bytes32 digest) public streamOf;
    mapping(uint64 generation => mapping(bytes32 headerHash => Finding)) private findings;

    constructor(IClusters clusters_) VotersOfFaults(clusters_) {}

    /// @notice What was shown of a header: that its transactions are not what its record says.
    function findingOf(
        uint64 generation,
        bytes32 headerHash
    ) external view returns (Finding memory) {
        return findings[generation][headerHash];
    }

    /// @notice Begins a list of `count` transactions about a header of a generation.
    /// @param record The block's first transaction, with its path under the data hash.
    /// @return stream What the next call brings along.
    function begin(
        uint64 generation,
        Header calldata header,
        bytes calldata record,
        bytes32[] calldata siblings,
        uint32 count
    ) external returns (Stream memory stream) {
        BlockRecords.requireFirst(header.dataHash, record, siblings);
        stream.generation = generation;
        stream.height = header.height;
        stream.headerHash = Headers.hash(header);
        stream.dataHash = header.dataHash;
        stream.record = BlockRecords.read(record);
        stream.count = count;
        stream.tree = RunningTree.empty();
        stream.tree.add(bytes.concat(sha256(record)));
        stream.input = RunningInput.empty();
        stream.offset = 40 + 4 * (uint256(count) + 2);
        stream.input.append(
            bytes.concat(
                keccak256(bytes(header.chainId)),
                Wire.littleEndian(header.height),
                word(count),
                word(stream.offset)
            )
        );
        _keep(stream);
    }

    /// @notice Announces the lengths of the next transactions of the list.
    function announce(
        Stream memory stream,
        uint32[] calldata lengths
    ) external returns (Stream memory) {
        _requirePresent(stream);
        uint256 left = stream.count - stream.announced;
        if (lengths.length > left) revert TooMany(lengths.length, left);
        bytes memory offsets = new bytes(4 * lengths.length);
        for (uint256 i = 0; i < lengths.length; ++i) {
            stream.lengths = keccak256(abi.encode(stream.lengths, lengths[i]));
            stream.offset += lengths[i];
            bytes4 offset = word(stream.offset);
            for (uint256 j = 0; j < 4; ++j) offsets[4 * i + j] = offset[j];
        }
        stream.announced += uint32(lengths.length);
        stream.input.append(offsets);
        _keep(stream);
        return stream;
    }

    /// @notice Takes the next transactions of the list, when all lengths are known.
    function take(
        Stream memory stream,
        bytes[] calldata transactions
    ) external returns (Stream memory) {
        _requirePresent(stream);
        if (stream.announced != stream.count) revert Unfinished();
        uint256 left = stream.count - stream.taken;
        if (transactions.length > left) revert TooMany(transactions.length, left);
        for (uint256 i = 0; i < transactions.length; ++i) {
            bytes calldata transaction = transactions[i];
            stream.lengthsTaken = keccak256(
                abi.encode(stream.lengthsTaken, uint32(transaction.length))
            );
            stream.tree.add(bytes.concat(sha256(transaction)));
            stream.input.append(transaction);
        }
        stream.taken += uint32(transactions.length);
        _keep(stream);
        return stream;
    }

    /// @notice Ends a list: proves the mismatch.
    function conclude(Stream calldata stream) external {
        _requirePresent(stream);
        bool isWhole = stream.announced == stream.count && stream.taken == stream.count;
        if (!isWhole) revert Unfinished();
        if (stream.lengths != stream.lengthsTaken) revert LengthsDiffer();
        RunningTree.Tree memory tree = stream.tree;
        RunningInput.Input memory input = stream.input;
        bool isList = tree.root() == stream.dataHash;
        bool isInput =
            stream.count == stream.record.count &&
                input.length == stream.record.inputLength &&
                input.root() == stream.record.inputRoot;
        // Both: an honest block. Neither: a list that has nothing to do with it.
        if (isList == isInput) revert NoMismatch(isList, isInput);
        delete streamOf[msg.sender];
        _find(stream.generation, stream.headerHash, stream.height);
    }

    /// @notice Proves that a block's first transaction is no record.
    function reportRecord(
        uint64 generation,
        Header calldata header,
        bytes calldata first,
        bytes32[] calldata siblings
    ) external {
        BlockRecords.requireFirst(header.dataHash, first, siblings);
        if (BlockRecords.isCanonical(first)) revert RecordIsCanonical();
        _find(generation, Headers.hash(header), header.height);
    }

    /// @notice Proves that a block's record names an input with which no call begins, one that is longer than the program
    /// takes say: then no dispute about its result begins either.
    /// @param before Preimage of the header's application hash.
    /// @param beginWitness Of the state `before.base`.
    function reportRefusal(
        uint64 generation,
        Header calldata header,
        bytes calldata record,
        bytes32[] calldata siblings,
        ApplicationState calldata before,
        bytes calldata beginWitness
    ) external {
        BlockRecords.requireFirst(header.dataHash, record, siblings);
        BlockRecord memory named = BlockRecords.read(record);
        bytes32 carried = Application.ofHeader(header.appHash);
        bytes32 actual = Application.hash(before);
        if (actual != carried) revert BlockEvidence.WrongApplication(carried, actual);
        (bool hasBegun, , ) = TryBegin.begin(
            clusters.judge(),
            before.base,
            named.inputRoot,
            named.inputLength,
            beginWitness
        );
        if (hasBegun) revert CallBegins();
        _find(generation, Headers.hash(header), header.height);
    }

    /// @notice Slashes workers that have precommitted a header whose transactions were found not to be what its record
    /// says. The reward is the reporter's, whoever brings the votes. A worker that has lost its deposit already counts for
    /// the halt all the same; a vote that was brought before is passed over.
    function slash(
        uint64 generation,
        bytes32 headerHash,
        Precommit[] calldata precommits
    ) external {
        Finding memory finding = findings[generation][headerHash];
        if (finding.reporter == address(0)) revert NotMismatched(headerHash);
        string memory chainId = clusters.chainIdOf(generation);
        bool isNew = false;
        for (uint256 i = 0; i < precommits.length; ++i) {
            address account = Commits.signerOf(chainId, finding.height, headerHash, precommits[i]);
            // The header carries the state before its block.
            uint64 refuted = finding.height + 1;
            if (_convict(generation, headerHash, refuted, account, finding.reporter)) isNew = true;
        }
        if (!isNew) revert NoNewVote(headerHash);
    }

    function _find(uint64 generation, bytes32 headerHash, uint64 height) private {
        // Who comes first has the reward.
        if (findings[generation][headerHash].reporter != address(0)) return;
        findings[generation][headerHash] = Finding(msg.sender, height);
        emit Mismatched(generation, headerHash, msg.sender);
    }

    function _keep(Stream memory stream) private {
        streamOf[msg.sender] = keccak256(abi.encode(stream));
    }

    function _requirePresent(Stream memory stream) private view {
        if (streamOf[msg.sender] != keccak256(abi.encode(stream))) revert StaleStream();
    }

    /// @dev Four bytes, lowest first.
    function word(uint256 value) private pure returns (bytes4) {
        if (value > type(uint32).max) revert TooLong(value);
        return bytes4(Wire.littleEndian(uint64(value)));
    }
}
