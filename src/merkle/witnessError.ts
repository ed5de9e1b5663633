/**
 * What can be wrong with a witness or a proof, each with a stable code (docs/errors.md). A bad witness is not a
 * machine that trapped: a trap is a state, this is an exception.
 */
export const witnessErrorCodes = {
  "witness-truncated": "the bytes end too early",
  "witness-trailing": "bytes are left over",
  "pre-state-mismatch": "the witness belongs to another state",
  "root-mismatch": "a multiproof does not lead to the root that the witness names",
  "zero-sibling": "a sibling that is sent must not be zero",
  "sibling-bits": "bits of a multiproof's segment name no sibling",
  "leaf-out-of-range": "the step needs a leaf that the array does not have",
  "label-claim": "the claimed label is not the one that the index chooses",
  "unknown-instruction": "the instruction's code is no instruction",
  "malformed-instruction": "the instruction holds a value that no program has",
  "not-at-start": "a running state is the beginning of a call only at step 0, without input",
  "no-gateway": "the program has no gateway function",
  "input-too-long": "the input is longer than the program admits",
  "value-mismatch": "the proof does not prove the value that it is presented for",
} as const;

/** Stable code of what is wrong with a witness or a proof (docs/errors.md). */
export type WitnessErrorCode = keyof typeof witnessErrorCodes;

/**
 * Thrown by `verify`, and by every `replay…` and `verify…` of the library: the bytes are not the canonical witness
 * or proof of what they are presented for.
 */
export class WitnessError extends Error {
  /** Stable; the message is for people. */
  readonly code: WitnessErrorCode;

  constructor(code: WitnessErrorCode, detail = "") {
    super(detail === "" ? witnessErrorCodes[code] : `${witnessErrorCodes[code]}: ${detail}`);
    this.name = "WitnessError";
    this.code = code;
  }
}
