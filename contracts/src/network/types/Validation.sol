// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Where a validator stands.
enum ValidatorStatus {
    None,
    /// In the pool: can be chosen.
    Active,
    /// Out of the pool, by its own wish or after missed turns; its deposit is there.
    Inactive,
    /// It has lost its deposit.
    Slashed,
    /// It has its deposit back.
    Withdrawn
}

/// @notice A batch validator, named by its account (paper 6.1).
struct Validator {
    ValidatorStatus status;
    /// Turns missed in a row.
    uint8 misses;
    /// Turns that are its own at present.
    uint32 turns;
    /// Disputes about its confirmations.
    uint32 disputes;
    /// Its confirmations of fragments that are not final.
    uint32 bound;
    /// Its slot in the pool, while it is active.
    uint32 slot;
    /// EVM blocks in which it left the pool and confirmed last.
    uint64 leaveBlock;
    uint64 confirmBlock;
    /// Wei that are there: the network's deposit less the fees for missed turns.
    uint128 deposit;
}

/// @notice What happens next to a fragment.
enum FragmentStatus {
    None,
    /// A seed is awaited: whether there is another validation, and whose.
    Drawing,
    /// A validator has its turn.
    Turn,
    /// No more validations: outside challengers have their time.
    Decided,
    /// Fully verified.
    Final,
    /// The cluster does not go on from it, or nobody could validate it.
    Void
}

/// @notice The history between two checkpoints (paper 6, docs/validation.md section 1).
struct Fragment {
    bytes32 cluster;
    /// Of the checkpoint that ends it, in the cluster's line.
    uint32 position;
    uint64 generation;
    /// Its first header carries the state before, its last one, the checkpoint, the state behind.
    uint64 startHeight;
    uint64 height;
    bytes32 headerHash;
    /// Of the application at the start, and in the fragment, as the workers have voted.
    uint64 startSteps;
    uint64 steps;
    uint64 fuel;
    /// Sampling period P of its proofs.
    uint64 period;
    /// Frozen when it is begun: p_v in 1/10,000, and EVM blocks of a turn (t_π).
    uint16 validationBps;
    uint32 turnBlocks;
    FragmentStatus status;
    /// Whether the next draw chooses a validator whatever p_v says.
    bool isDue;
    /// Draws so far (v).
    uint16 attempts;
    /// Times that the present turn was prolonged.
    uint8 deferrals;
    /// Turns of it that were missed.
    uint16 misses;
    /// EVM block of the pool in the draw; the seed is a later one's.
    uint64 requestBlock;
    /// Last EVM block of a turn or of the challengers' time.
    uint64 deadline;
    /// Whose turn it is or was last, and the seed of its proof (λ).
    address chosen;
    bytes32 seed;
    /// Disputes about its confirmations.
    uint32 disputes;
}

/// @notice What a validator answers for (paper 6.2, 6.3).
struct Confirmation {
    bytes32 fragment;
    address validator;
    uint64 confirmBlock;
    bool isRefuted;
    /// λ of its proof, and the proof π (docs/validation.md section 4).
    bytes32 seed;
    bytes32 proof;
}

/// @notice Identity of stored bytes: root of the input array and length.
struct Content {
    bytes32 root;
    uint32 length;
}
