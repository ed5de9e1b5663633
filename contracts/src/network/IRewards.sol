// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClusters} from "./IClusters.sol";
import {ProgramMemory} from "./ProgramMemory.sol";

/// @title What developers pay for execution and validation (docs/validation.md section 7, paper 2.3).
interface IRewards {
    /// @notice The network's constants (2.1, 2.2); the same for all clusters, because validators cannot choose.
    struct Parameters {
        /// c_time/fuel: picoseconds of standard time for a unit of fuel.
        uint64 picosecondsPerFuel;
        /// c_Υ/fuel: 10^-9 wei for a unit of fuel.
        uint64 nanoweiPerFuel;
        /// c_Υ/spacetime: 10^-9 wei for a byte in a second of standard time.
        uint64 nanoweiPerByteSecond;
        /// Wei for a validation beside that: snapshot and blocks have to be downloaded.
        uint128 download;
        /// Seconds from one EVM block to the next.
        uint32 blockSeconds;
    }

    /// @notice What is reserved for a fragment.
    struct Reservation {
        bytes32 cluster;
        uint64 generation;
        uint16 workers;
        uint8 validations;
        /// Wei of each worker, and of each validation.
        uint128 ofWorker;
        uint128 ofValidation;
    }

    /// @notice What a reservation is computed from.
    struct Work {
        bytes32 cluster;
        uint64 generation;
        uint64 fuel;
        /// EVM blocks that the workers had for it.
        uint64 elapsedBlocks;
        uint8 mostValidations;
    }

    event Funded(bytes32 indexed cluster, address indexed sender, uint256 amount);
    event Returned(bytes32 indexed cluster, uint256 amount);
    event Reserved(bytes32 indexed fragment, Reservation reservation);
    event Settled(bytes32 indexed fragment, uint256 ofWorkers, uint256 ofValidators);
    event Collected(address indexed receiver, uint256 amount);

    error InvalidRewards();
    error NotAuthorised(address sender);
    error NotDeveloper(address sender);
    error UnknownCluster(bytes32 cluster);
    error NotFunded(bytes32 cluster, uint256 needed, uint256 budget);

    function parameters() external view returns (Parameters memory);
    function clusters() external view returns (IClusters);
    /// @notice Knows what programs declare.
    function programs() external view returns (ProgramMemory);
    /// @notice Wei that a cluster's developer has paid in and that is not reserved.
    function budgetOf(bytes32 cluster) external view returns (uint256);
    function reservationOf(bytes32 fragment) external view returns (Reservation memory);
    function credits(address account) external view returns (uint256);
    /// @notice ω of (2.2) in a cluster: bytes that the order names, or those that its program was shown to declare, where they
    /// are more.
    function memoryBytesOf(bytes32 cluster) external view returns (uint64);
    /// @notice Υ of a node that spends fuel with so many bytes of state: wei (2.1, 2.2).
    function rewardOf(uint64 fuel, uint64 memoryBytes) external view returns (uint256);
    /// @notice What the project's first outline would pay where validators compete for work instead of being chosen: half as
    /// much for every validation that exists. An estimate for comparison; nothing is paid by it.
    function underCompetition(
        uint64 fuel,
        uint64 memoryBytes,
        uint8 existing
    ) external view returns (uint256);
    /// @notice Fuel that workers are paid for out of what they spent in so many EVM blocks (φ_max).
    function paidFuel(
        uint64 fuel,
        uint64 fuelPerSecond,
        uint64 elapsedBlocks
    ) external view returns (uint64);

    /// @notice Adds to a cluster's budget; anyone may.
    function fund(bytes32 cluster) external payable;
    /// @notice Takes out of a cluster's budget; its developer may.
    function takeBack(bytes32 cluster, uint256 amount) external;
    /// @notice Pays what the sender has to its credit.
    function collect() external;

    /// @notice By the validation: reserves for a fragment what it can cost at most.
    function reserve(bytes32 fragment, Work calldata work) external;
    /// @notice By the validation: pays for a fragment. What is left goes back to the cluster's budget.
    /// @param validators Who is paid for a validation each.
    /// @param isVerified Whether its workers are paid too: those that have not lost their deposit.
    function settle(bytes32 fragment, address[] calldata validators, bool isVerified) external;
}
