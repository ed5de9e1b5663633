/**
 * What a test script asks of an engine. Scripts are run against several: V8 (which validates this harness), the
 * blocks, the fast path.
 *
 * Invariant: values cross this interface as bit patterns; a trap, a refusal and an exception are results,
 * so a thrown error is always a defect of an engine or of the harness.
 */
import type { FeatureLevel } from "../src/interpreter/isa/features.ts";
import type { Value, ValueKind } from "./script/value.ts";

/** What an engine makes of bytes: opaque to the harness. */
export interface CompiledModule {
  readonly compiled: unknown;
}

/** An instance: opaque to the harness. */
export interface Instance {
  readonly instance: unknown;
}

/** Why a module does not become an instance: the stages of the specification, in their order. */
export type Refusal = {
  readonly refused: "malformed" | "invalid" | "unlinkable";
  readonly message: string;
};

export type Trap = { readonly trap: string };

export type ActionResult =
  | { readonly values: readonly Value[] }
  | Trap
  | { readonly exception: string };

/** One engine with the instances of one script. */
export interface ScriptEngine {
  /** Decodes and validates. */
  compile(bytes: Uint8Array): CompiledModule | Refusal;
  /** Resolves imports among the registered instances; applies segments; calls the start function. */
  instantiate(module: CompiledModule): Instance | Refusal | Trap;
  /** Makes an instance's exports importable under a module name. */
  register(name: string, instance: Instance): void;
  /**
   * Calls an exported function. `resultTypes` are what the script expects, for engines that cannot tell the
   * types of a function themselves.
   */
  invoke(
    instance: Instance,
    name: string,
    args: readonly Value[],
    resultTypes?: readonly ValueKind[],
  ): ActionResult;
  /** Reads an exported global. */
  get(instance: Instance, name: string, type?: ValueKind): ActionResult;
}

export interface EngineKind {
  readonly name: string;
  /** Does the engine tell malformed from invalid modules, and name traps as the suite does? */
  readonly strict: boolean;
  /** A fresh engine for one script. */
  create(level: FeatureLevel): Promise<ScriptEngine>;
}
