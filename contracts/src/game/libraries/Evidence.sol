// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Transition} from "../types/Transition.sol";

/// @title Signed transitions as evidence (docs/game.md section 2, EIP-712).
/// @dev Only accounts with a key can sign: asking a contract (EIP-1271) would be a callback.
library Evidence {
    error InvalidSignature();

    bytes32 private constant DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant TRANSITION_TYPE = keccak256(
        "Transition(bytes32 program,bytes32 previousState,bytes32 inputRoot,uint32 inputLength,bytes32 nextState,uint64 steps,uint64 fuel,uint64 epoch)"
    );
    bytes32 private constant NAME = keccak256("wasm-arbiter");
    bytes32 private constant VERSION = keccak256("1");
    /// @dev Half of secp256k1's order: of the two signatures (s, n − s) only the lower is accepted.
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The digest that a signature covers; bound to this chain and this contract.
    function digest(Transition calldata transition) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPE, NAME, VERSION, block.chainid, address(this))
        );
        bytes32 content = keccak256(abi.encode(TRANSITION_TYPE, transition));
        return keccak256(abi.encodePacked(hex"1901", domain, content));
    }

    /// @notice The account that signed `hash`; 65 bytes r, s, v with v 27 or 28.
    function signer(
        bytes32 hash,
        bytes calldata signature
    ) internal pure returns (address account) {
        if (signature.length != 65) revert InvalidSignature();
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > HALF_ORDER) revert InvalidSignature();
        account = ecrecover(hash, uint8(signature[64]), bytes32(signature[:32]), s);
        if (account == address(0)) revert InvalidSignature();
    }

    /// @notice Whether both speak of the same call: only then can they contradict each other.
    function sameCall(
        Transition calldata one,
        Transition calldata other
    ) internal pure returns (bool) {
        return
            one.program == other.program &&
            one.previousState == other.previousState &&
            one.inputRoot == other.inputRoot &&
            one.inputLength == other.inputLength;
    }

    /// @notice Whether both give the same result.
    function sameResult(
        Transition calldata one,
        Transition calldata other
    ) internal pure returns (bool) {
        return
            one.nextState == other.nextState && one.steps == other.steps && one.fuel == other.fuel;
    }
}
