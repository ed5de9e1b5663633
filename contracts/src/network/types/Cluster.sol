// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a developer orders (paper 2.1, 2.3, 6).
struct Order {
    /// Workers of a generation, 1 … 64; each has one unit of voting power.
    uint16 size;
    /// Probability of one more validation of a fragment (p_v), in 1/10,000, below 10,000.
    uint16 validationBps;
    /// Bytes of state that every worker must have room for; where the program was shown to declare more, that many count.
    uint64 memoryBytes;
    /// Fuel that the developer pays for in a second (φ_max).
    uint64 fuelPerSecond;
    /// Whether anyone may join; otherwise only those that the developer has invited.
    bool isOpen;
}

/// @notice Where a cluster stands.
enum ClusterStatus {
    None,
    /// Its first generation is being formed.
    Forming,
    Running,
    /// Too few workers have a deposit left, its chain has forked, or its developer has stopped it.
    Halted,
    /// The developer needs it no more.
    Closed
}

/// @notice A cluster: one package, run by one generation of workers at a time.
struct Cluster {
    address developer;
    ClusterStatus status;
    /// Statements of its workers that are in dispute.
    uint32 statements;
    /// The state in the header of this height is verified; nobody can be accused of it or of those before.
    uint64 finalHeight;
    /// Headers of this height and above carry states that cannot be relied on; the greatest number if there are none.
    uint64 refutedHeight;
    /// The generation that runs or ran last (0 before the first one), and the one that is being formed.
    uint64 current;
    uint64 next;
    /// EVM block in which it halted last.
    uint64 haltedBlock;
    Order order;
    bytes32 program;
    /// State hash of the package before any call.
    bytes32 genesis;
}

/// @notice A set of workers with a chain of its own (docs/network.md section 3).
struct Generation {
    bytes32 cluster;
    /// The generation whose chain it goes on from; 0 if it begins with the genesis.
    uint64 parent;
    /// Its place in the cluster, from 0; part of the chain id.
    uint32 number;
    uint16 size;
    /// Workers whose deposit is there and whose votes count.
    uint16 bonded;
    /// Whether the chain broke off, instead of being handed over by its own votes.
    bool isBroken;
    /// First height of the chain, and the last one if it was handed over.
    uint64 initialHeight;
    uint64 lastHeight;
    /// EVM blocks in which it was complete, began and ended; 0 if that has not happened.
    uint64 sealedBlock;
    uint64 startBlock;
    uint64 endBlock;
    /// What headers of the chain name as `validators_hash`.
    bytes32 validatorsHash;
    /// Application hash in the header at the initial height.
    bytes32 initialAppHash;
}

/// @notice Where a worker stands.
enum WorkerStatus {
    None,
    /// Its deposit is there.
    Bonded,
    /// The same, but its votes count no more: it has given notice and was not replaced in time.
    Retired,
    /// It has lost its deposit.
    Slashed,
    /// It has its deposit back.
    Withdrawn
}

/// @notice A worker, named by the account of its consensus key, which serves in one generation.
struct Worker {
    /// Who has paid the deposit and alone can have it back.
    address owner;
    uint64 generation;
    WorkerStatus status;
    /// First byte of the compressed key, 2 or 3, and the rest of it.
    uint8 keyPrefix;
    bytes32 keyX;
    /// EVM blocks in which it gave notice and was retired; 0 if that has not happened.
    uint64 noticeBlock;
    uint64 retiredBlock;
    /// Its statements that are in dispute.
    uint32 statements;
}
