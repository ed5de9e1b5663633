// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {Cluster, Generation, Order, Worker} from "./types/Cluster.sol";
import {Commit} from "./types/Commit.sol";

/// @title Clusters: who runs what, with which deposit, on which chain (docs/network.md sections 1 to 4).
/// @notice A worker is named by the account of its consensus key, a generation by a number that no other generation of
/// this contract has.
interface IClusters {
    /// @notice Constructor parameters.
    struct Parameters {
        /// Wei that every worker puts down.
        uint128 deposit;
        /// Part of a lost deposit that goes to who has shown the fault, in 1/10,000, at most 9,000; the rest is burned.
        uint16 rewardBps;
        /// EVM blocks between the end of a generation and the first withdrawal.
        uint32 coolingOffBlocks;
        /// EVM blocks after which a deposit is free whatever is not verified yet (T_max), and after which notice is over.
        uint32 longestBlocks;
        /// EVM blocks between a halt and the next generation: time to accuse of what came before.
        uint32 recoveryBlocks;
    }

    /// @notice The contracts that may act on workers and clusters. Fixed for ever; 0 where there is none.
    struct Offices {
        /// Binds, releases and convicts.
        address arbiter;
        /// Slash and freeze by evidence.
        address misbehaviour;
        address transactions;
        /// Keeps the line of checkpoints.
        address checkpoints;
        /// Says which height is verified, and which cannot be.
        address validation;
    }

    event Created(
        bytes32 indexed cluster,
        address indexed developer,
        bytes32 indexed program,
        bytes32 genesis
    );
    event Ordered(bytes32 indexed cluster, Order order);
    event Invited(bytes32 indexed cluster, address indexed owner, bool isInvited);
    /// @notice A generation can be joined.
    event Formed(bytes32 indexed cluster, uint64 indexed generation, uint32 number, string chainId);
    event Joined(
        uint64 indexed generation,
        address indexed account,
        address indexed owner,
        bytes32 keyX,
        bytes32 keyY
    );
    /// @notice A generation is complete; its workers in CometBFT's order.
    event Sealed(uint64 indexed generation, bytes32 validatorsHash, address[] accounts);
    event Unsealed(uint64 indexed generation);
    /// @notice A generation's chain begins.
    event Started(
        bytes32 indexed cluster,
        uint64 indexed generation,
        uint64 initialHeight,
        bytes32 initialAppHash
    );
    event Ended(uint64 indexed generation, uint64 lastHeight);
    event Halted(bytes32 indexed cluster, uint64 refutedHeight);
    event Closed(bytes32 indexed cluster);
    event NoticeGiven(address indexed account);
    event Retired(address indexed account);
    event Withdrawn(address indexed account, address indexed owner);
    event Slashed(
        address indexed account,
        address indexed reporter,
        uint64 indexed generation,
        uint256 reward
    );
    /// @notice A worker's vote for a header was found to be for a wrong state.
    event Refuted(
        uint64 indexed generation,
        bytes32 indexed headerHash,
        address indexed account,
        uint64 height
    );
    event Final(bytes32 indexed cluster, uint64 height);
    event Collected(address indexed receiver, uint256 amount);

    error InvalidNetwork();
    error InvalidOrder();
    error GenesisRuns();
    error NotDeveloper(address sender);
    error NotOwner(address sender);
    error NotAuthorised(address sender);
    error NotInvited(address owner);
    error WrongDeposit(uint256 expected, uint256 given);
    error KeyUsed(address account);
    error KeyNotProven(address account, address signer);
    error WrongStatus(bytes32 cluster);
    error GenerationFull(uint64 generation);
    error NotSealed(uint64 generation);
    error AlreadySealed(uint64 generation);
    error WrongOrder(uint256 index);
    error NotStarted(uint64 generation);
    error NotHandedOver(uint64 generation);
    error RecoveryOpen(bytes32 cluster);
    error UnknownSigner(address account);
    error SignersOutOfOrder(uint256 index);
    error NoQuorum(uint256 votes, uint256 size);
    error NotBonded(address account);
    error NotFree(address account);
    error HeightFinal(uint64 finalHeight);
    error NoticeRuns(uint256 untilBlock);

    function parameters() external view returns (Parameters memory);
    function offices() external view returns (Offices memory);
    function judge() external view returns (IStepJudge);
    /// @notice Wei taken from losers that nobody can ever claim.
    function burned() external view returns (uint256);
    /// @notice Wei that an account can collect.
    function credits(address account) external view returns (uint256);
    function clusterOf(bytes32 cluster) external view returns (Cluster memory);
    function generationOf(uint64 generation) external view returns (Generation memory);
    function workerOf(address account) external view returns (Worker memory);
    /// @notice A generation's workers: in order of joining, once sealed in CometBFT's order.
    function membersOf(uint64 generation) external view returns (address[] memory);
    /// @notice The chain id of a generation, which all votes of its workers name: 50 characters.
    function chainIdOf(uint64 generation) external view returns (string memory);
    function isInvited(bytes32 cluster, address owner) external view returns (bool);
    /// @notice First EVM block in which a worker's deposit can be withdrawn and it can be accused no more; the greatest
    /// number if that is not settled.
    function freeBlock(address account) external view returns (uint256);
    /// @notice Reverts unless workers of a generation whose votes count have signed with more than two thirds of all
    /// power. None counts once the generation's deposits are free.
    /// @param signers Ascending.
    function requireQuorum(uint64 generation, address[] calldata signers) external view;
    /// @notice Reverts unless a worker can be accused over a header of this height.
    /// @return owner Who has paid its deposit.
    function requireAccusable(
        address account,
        uint64 generation,
        uint64 height
    ) external view returns (address owner);

    /// @notice Allocates a cluster for a package.
    /// @param genesisWitness code ‖ arrays ‖ configuration (docs/proof-format.md section 6).
    /// @param genesisProof Register proof of the genesis state, which must not be running.
    function create(
        Order calldata order,
        bytes calldata genesisWitness,
        bytes calldata genesisProof
    ) external returns (bytes32 cluster);
    /// @notice Changes what the developer orders; the size only while nobody has joined the next generation.
    function adjust(bytes32 cluster, Order calldata order) external;
    function invite(bytes32 cluster, address owner, bool isWelcome) external;
    /// @notice Stops a running cluster, so that a new generation can take over without the old one's votes.
    function halt(bytes32 cluster) external;
    /// @notice Ends a cluster for good.
    function close(bytes32 cluster) external;

    /// @notice Joins the next generation with a deposit.
    /// @param keyX Consensus key, with `keyY`: a point of secp256k1.
    /// @param possession EIP-712 signature by the key over Membership(uint64 generation,address owner).
    function join(
        bytes32 cluster,
        bytes32 keyX,
        bytes32 keyY,
        bytes calldata possession
    ) external payable;
    /// @notice Leaves a generation that has not begun: before it is sealed, when it has waited for `longestBlocks`, or when
    /// the cluster is closed.
    function abandon(address account) external;
    /// @notice Announces that a worker of a running generation wants to leave.
    function giveNotice(address account) external;
    /// @notice Takes a worker out of duty that has not been replaced within `longestBlocks` of its notice; anyone may.
    function retire(address account) external;
    /// @notice Credits a worker's owner with its deposit when it is free.
    function withdraw(address account) external;
    /// @notice Pays what the sender has to its credit.
    function collect() external;

    /// @notice Completes the next generation; anyone may. The first one begins at once.
    /// @param accounts All that have joined, in CometBFT's order: by its address of their keys.
    function seal(bytes32 cluster, address[] calldata accounts) external;
    /// @notice Has the next generation begin after a header that the present one has voted for: of an empty block, with the
    /// next generation's `next_validators_hash`. Anyone may.
    function handOver(bytes32 cluster, Commit calldata commit) external;
    /// @notice Has the next generation begin at the last checkpoint below all that was refuted, when a halted cluster's time
    /// for accusations is over; anyone may.
    /// @param position Of the checkpoint in the cluster's line; `type(uint256).max` for the genesis, if there is none.
    function recover(bytes32 cluster, uint256 position) external;

    /// @notice By the arbiter: one more statement of a worker is in dispute, or one less.
    function bind(address account) external;
    function release(address account) external;
    /// @notice By the arbiter: a worker's vote for a header is refuted.
    /// @return reward What the winner was credited with.
    function convict(
        address account,
        address winner,
        bytes32 headerHash,
        uint64 height
    ) external returns (uint128 reward);
    /// @notice By those who check evidence: a worker has broken a rule.
    function slash(
        address account,
        uint64 generation,
        address reporter
    ) external returns (uint128 reward);
    /// @notice By those who check evidence: two headers of this height have been committed, or one whose block is not what
    /// was executed. By the validation: nobody could validate what comes behind. What later headers carry cannot be relied on.
    function freeze(uint64 generation, uint64 height) external;
    /// @notice By the validation: the state in the header of this height is verified.
    function makeFinal(bytes32 cluster, uint64 height) external;
}
