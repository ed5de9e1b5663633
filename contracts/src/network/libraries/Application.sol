// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ApplicationState} from "../types/ApplicationState.sol";

/// @title The application hash (docs/history.md section 3, paper 5.2); twin of src/history/applicationHash.ts.
library Application {
    function hash(ApplicationState memory state) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    state.result,
                    state.base,
                    state.fuel,
                    state.steps,
                    state.receiptsHash
                )
            );
    }

    /// @notice What the header at a new cluster's first height carries.
    function initialHash(bytes32 genesis) internal pure returns (bytes32) {
        return hash(ApplicationState(genesis, genesis, 0, 0, 0));
    }

    /// @notice A header's application hash, which has 32 bytes; 0, of which nobody has a preimage, if it has not.
    function ofHeader(bytes memory appHash) internal pure returns (bytes32) {
        return appHash.length == 32 ? bytes32(appHash) : bytes32(0);
    }
}
