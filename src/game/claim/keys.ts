/**
 * Names of calls and of what a stake backs (docs/game.md §2, §6); twin of contracts/src/game/libraries/Keys.sol.
 *
 * Invariant: two statements have one key only if party, call and content are the same; so one stake backs a statement in
 * all its disputes.
 */
import { AbiCoder, keccak256 } from "ethers";
import type { Address, Call, Claim, Hash } from "./claim.ts";

const coder = AbiCoder.defaultAbiCoder();
const hashOf = (types: readonly string[], values: readonly unknown[]): Hash =>
  keccak256(coder.encode(types, values));

const resultTypes = ["address", "bytes32", "bytes32", "uint64", "uint64"];

/** Identity of an input, as `isFinal` takes it. */
export function inputKey({ inputRoot, inputLength }: Call): Hash {
  return hashOf(["bytes32", "uint32"], [inputRoot, inputLength]);
}

/** What identifies a call on chain. */
export function callKey(call: Call): Hash {
  const { program, previousState } = call;
  return hashOf(["bytes32", "bytes32", "bytes32"], [program, previousState, inputKey(call)]);
}

/** Key of the statement that a call has a result. */
export function resultKey(party: Address, call: Call, { state, steps, fuel }: Claim): Hash {
  return hashOf(resultTypes, [party, callKey(call), state, steps, fuel]);
}

/** Key of the statement that a result, posted on chain, is true. */
export function standingKey(party: Address, call: Call, { state, steps, fuel }: Claim): Hash {
  const values = [party, callKey(call), state, steps, fuel, "standing"];
  return hashOf([...resultTypes, "string"], values);
}
