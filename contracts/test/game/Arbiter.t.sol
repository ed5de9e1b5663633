// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Walks} from "./Walks.sol";

/// @title The Arbiter under sequences of arbitrary actions (docs/game.md sections 6, 10 and 12).
/// @notice Sequences SEQUENCES_FROM up to SEQUENCES more (environment). A failing one is named by its number, by which it
/// can be run again. Two deliberate faults show that the sequences would find them.
contract ArbiterTest is Walks {
    uint256[4] private seen;

    function test_sequences() external {
        uint256 from = VM.envOr("SEQUENCES_FROM", uint256(0));
        uint256 to = from + VM.envOr("SEQUENCES", uint256(100));
        for (uint256 number = from; number < to; ++number) {
            string memory fault = _faultOf(number);
            if (bytes(fault).length == 0) continue;
            revert(string.concat("sequence ", VM.toString(number), ": ", fault));
        }
        for (uint256 i = 0; i < 4; ++i) {
            require(seen[i] != 0 || to - from < 100, "the sequences reach too little");
        }
    }

    /// Without a window a false claim is final before the honest party has looked.
    function test_skippedWindowIsFound() external {
        _patch(WINDOW, 0);
        _find("a false result is final");
    }

    /// Without grace and bank it is too late with every move.
    function test_missingTimeIsFound() external {
        _patch(GRACE, 0);
        _patch(BANK, 0);
        _find("the honest party has lost");
    }

    function _find(string memory fault) private {
        for (uint256 number = 0; number < 300; ++number) {
            string memory found = _faultOf(number);
            if (bytes(found).length == 0) continue;
            require(keccak256(bytes(found)) == keccak256(bytes(fault)), found);
            return;
        }
        revert("not found");
    }

    /// @dev What is wrong with a sequence; nothing, if all is well.
    function _faultOf(uint256 number) private returns (string memory) {
        try this.walk(number) {
            return "no end";
        } catch Error(string memory fault) {
            return fault;
        } catch (bytes memory answer) {
            if (bytes4(answer) != Walked.selector) return "a panic";
            for (uint256 i = 0; i < 4; ++i) {
                uint256 count;
                assembly ("memory-safe") {
                    count := mload(add(answer, add(36, mul(32, i))))
                }
                seen[i] += count;
            }
            return "";
        }
    }

    /// @dev Changes a parameter where the compiler has put it into the Arbiter's code: PUSH32 and the value.
    function _patch(uint256 from, uint256 to) private {
        bytes memory code = address(arbiter).code;
        uint256 places = 0;
        for (uint256 i = 0; i + 33 <= code.length; ++i) {
            uint256 value;
            assembly ("memory-safe") {
                value := mload(add(code, add(33, i)))
            }
            if (code[i] != 0x7f || value != from) continue;
            assembly ("memory-safe") {
                mstore(add(code, add(33, i)), to)
            }
            ++places;
        }
        require(places != 0, "no place found");
        VM.etch(address(arbiter), code);
    }
}
