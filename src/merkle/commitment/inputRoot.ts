/**
 * The commitment of a gateway call's input L (docs/proof-format.md §7): with its length, what identifies it.
 */
import { checkBytes } from "../../interpreter/optionNames.ts";
import { arrayDepths } from "../tree/arrays.ts";
import { rootOfBytes } from "../tree/merkleArray.ts";

/** Root of the Merkle array `input` over L's bytes; 32 zero bytes for the empty input. TypeError for what is no bytes. */
export function inputRoot(input: Uint8Array): Uint8Array {
  checkBytes("the input", input);
  return rootOfBytes(arrayDepths.input, input);
}
