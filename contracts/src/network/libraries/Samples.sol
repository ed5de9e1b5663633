// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Proofs of independent execution (docs/validation.md section 4, paper 6.3 and 6.4); twin of src/history/poie.ts.
/// @notice Only the hashes are published: where they lie follows from the seed and the hashes before, so no list can be
/// wrong in its steps.
library Samples {
    /// @notice The list ends before the fragment does, or goes beyond it.
    error WrongSampleCount(uint256 index);

    /// @notice Period at which a fragment of so many steps has about `count` samples.
    function periodFor(uint64 steps, uint256 count) internal pure returns (uint64) {
        uint256 twice = (2 * uint256(steps)) / count;
        return twice < 2 ? 1 : uint64(twice - 1);
    }

    /// @notice π of a list that has exactly the samples of a fragment.
    function proofOf(
        bytes32[] calldata hashes,
        bytes32 seed,
        uint64 period,
        uint64 steps
    ) internal pure returns (bytes32) {
        bytes memory packed = new bytes(40 * hashes.length);
        uint256 next = _first(seed, period);
        for (uint256 i = 0; i < hashes.length; ++i) {
            if (next > steps) revert WrongSampleCount(i);
            bytes32 hash = hashes[i];
            assembly ("memory-safe") {
                // A step of 8 bytes and a hash of 32; the bytes behind the array's end are not written.
                let place := add(packed, add(32, mul(40, i)))
                mstore(add(place, 8), hash)
                mstore(place, or(shl(192, next), shr(64, hash)))
            }
            next += 1 + (uint256(hash) % period);
        }
        if (next <= steps) revert WrongSampleCount(hashes.length);
        return keccak256(packed);
    }

    /// @notice Step of a sample, since the fragment's start (T).
    function stepOf(
        bytes32[] calldata hashes,
        bytes32 seed,
        uint64 period,
        uint256 index
    ) internal pure returns (uint64) {
        uint256 next = _first(seed, period);
        for (uint256 i = 0; i < index; ++i) next += 1 + (uint256(hashes[i]) % period);
        return uint64(next);
    }

    function _first(bytes32 seed, uint64 period) private pure returns (uint256) {
        return uint256(keccak256(bytes.concat(seed))) % period;
    }
}
