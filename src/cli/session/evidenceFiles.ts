/**
 * Evidence as JSON files: a step's witness, a proof of memory. What the machine produces are bytes; the file adds what
 * they are claimed to prove.
 *
 * Invariant: a file is refused unless it has every field of its kind and nothing of the wrong type.
 */
import { UsageError } from "../terminal/failure.ts";
import { readJson } from "./files.ts";
import { hexBytes } from "./hex.ts";

export const witnessKind = "wasm-arbiter step witness";
export const memoryProofKind = "wasm-arbiter memory proof";

/** The step that leads from one state hash to the next. */
export interface WitnessFile {
  readonly programRoot: Uint8Array;
  readonly preState: Uint8Array;
  readonly postState: Uint8Array;
  readonly witness: Uint8Array;
}

/** Bytes of a memory against a state hash. */
export interface MemoryProofFile {
  readonly stateHash: Uint8Array;
  readonly memory: number;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly proof: Uint8Array;
}

export function readWitnessFile(path: string): WitnessFile {
  const field = fieldReader(path, witnessKind);
  return {
    programRoot: field.hash("programRoot"),
    preState: field.hash("preState"),
    postState: field.hash("postState"),
    witness: field.bytes("witness"),
  };
}

export function readMemoryProofFile(path: string): MemoryProofFile {
  const field = fieldReader(path, memoryProofKind);
  return {
    stateHash: field.hash("stateHash"),
    memory: field.count("memory"),
    address: field.count("address"),
    bytes: field.bytes("bytes"),
    proof: field.bytes("proof"),
  };
}

function fieldReader(path: string, kind: string) {
  const value = readJson(path);
  if (value.kind === kind && value.version !== 1) {
    throw new UsageError(
      `${path} is a ${kind} of version ${JSON.stringify(value.version) ?? "none"}`,
      "write it again with this version of wasm-arbiter, which reads version 1",
    );
  }
  if (value.kind !== kind) {
    throw new UsageError(
      `${path} is no ${kind} of version 1, but ${JSON.stringify(value.kind) ?? "something else"}`,
      "give the file that prove or prove-memory wrote with --out",
    );
  }
  const wrong = (name: string, expected: string) =>
    new UsageError(`${path}: expected ${expected} in "${name}"`, "write the file again");
  const bytes = (name: string) => {
    const text = value[name];
    if (typeof text !== "string" || !/^0x([\da-f]{2})*$/i.test(text))
      throw wrong(name, "0x… bytes");
    return hexBytes(text);
  };
  return {
    bytes,
    hash(name: string) {
      const hash = bytes(name);
      if (hash.length !== 32) throw wrong(name, "a hash of 32 bytes");
      return hash;
    },
    count(name: string) {
      const number = value[name];
      if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
        throw wrong(name, "a whole number");
      }
      return number;
    },
  };
}

/** A hash that the user names, to compare with. */
export function hashOption(name: string, text: string): Uint8Array {
  const hash = /^(0x)?[\da-f]{64}$/i.test(text) ? hexBytes(text) : undefined;
  if (hash === undefined) {
    throw new UsageError(`${name}: expected a hash, got ${text}`, "write 64 hex digits");
  }
  return hash;
}
