// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Wire} from "./Wire.sol";

/// @title Consensus keys as CometBFT hashes them (docs/history.md section 1).
/// @notice A key is secp256k1, compressed: a prefix 2 or 3 and the coordinate x. Twin of src/history/validatorSet.ts.
library ConsensusKeys {
    /// @dev Every worker has the same power: as many deposits, as many votes.
    uint256 internal constant POWER = 1;

    /// @notice The account that `ecrecover` gives for votes of the key (x, y).
    function accountOf(bytes32 x, bytes32 y) internal pure returns (address) {
        return address(uint160(uint256(keccak256(bytes.concat(x, y)))));
    }

    /// @notice First byte of the compressed key.
    function prefixOf(bytes32 y) internal pure returns (uint8) {
        return 2 + uint8(uint256(y) & 1);
    }

    /// @notice CometBFT's address, by which validators of equal power are ordered.
    function addressOf(uint8 prefix, bytes32 x) internal pure returns (bytes20) {
        return ripemd160(bytes.concat(sha256(bytes.concat(bytes1(prefix), x))));
    }

    /// @notice The key's leaf under `validators_hash`: `SimpleValidator` with one unit of power.
    function leafOf(uint8 prefix, bytes32 x) internal pure returns (bytes memory) {
        bytes memory key = bytes.concat(hex"1221", bytes1(prefix), x);
        return bytes.concat(Wire.delimitedField(0x0a, key), Wire.varintField(0x10, POWER));
    }
}
