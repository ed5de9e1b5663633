/**
 * The few verbs that most users need: load, instantiate, call, stateHash, prove, verify
 * (and connect and play, in disputeVerbs.ts). Each is a short way of saying what the three libraries say at length; whoever needs more imports from
 * `wasm-arbiter/interpreter`, `/merkle` and `/game`.
 *
 * Invariant: nothing here has a state or an opinion of its own beyond the defaults that are documented; nothing here
 * needs Node.
 */
import { decodeModule } from "./interpreter/binary/decode.ts";
import { type TrapReport, trapReport } from "./interpreter/inspect/trapReport.ts";
import { type FeatureLevel, featureLevels } from "./interpreter/isa/features.ts";
import { type TrapName, trapName } from "./interpreter/isa/trapCodes.ts";
import { Machine } from "./interpreter/machine.ts";
import { checkOptionNames, kindOf } from "./interpreter/optionNames.ts";
import {
  checkChoice,
  defaultLimits,
  type LinkOptions,
  linkOptionNames,
} from "./interpreter/program/linkOptions.ts";
import type { Program } from "./interpreter/program/program.ts";
import { countersOfCall } from "./interpreter/state/invocation.ts";
import { statusCodes } from "./interpreter/state/machineState.ts";
import { replayStep, StateTree } from "./merkle/index.ts";
import { linkThrough, type ProgramCache } from "./programCache.ts";

/** A module to load: its name is what later modules import from. */
export interface NamedBinary {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it is an import adapter, which serves a module before it (docs/machine.md §8). */
  readonly adapter?: boolean;
}

/** All of `LinkOptions`, with the defaults of a deployed program, and the WebAssembly version to accept. */
export interface LoadOptions extends Partial<LinkOptions> {
  /** Version of the specification, default "3.0". */
  readonly level?: FeatureLevel;
}

/** How a call ended. */
export interface Outcome {
  /** Whether the call returned; otherwise it exited (`exitCode`) or trapped, and `trap` says why. */
  readonly returned: boolean;
  /** Code (u32) of a call that ended in the host function `exit`; undefined unless it did. */
  readonly exitCode: number | undefined;
  /** What the call put out by `output_write`, whether it returned, exited or trapped. */
  readonly output: Uint8Array;
  readonly trap: TrapName;
  /** Where and why it trapped, and which `memory.grow` had failed before; undefined if it returned. */
  readonly trapReport: TrapReport | undefined;
  /** Result slots, as unsigned 64-bit integers (i32 in the low half, floats as bits). */
  readonly results: readonly bigint[];
  /** Instructions executed by this call. */
  readonly steps: number;
  /** Fuel used by this call. */
  readonly fuel: number;
}

const loadOptionNames = ["level", ...linkOptionNames];

/**
 * Decodes, validates and links binaries into a program. The last module's export `gateway` is what calls run, unless
 * `options.gateway` names another; memories may grow as the modules declare, unless `growth: "fixed"` is chosen.
 *
 * @param cache where to look for what an earlier call has derived from the same modules and options, and to put it
 * @throws MalformedError, InvalidError or LinkError, each with a stable code and the byte that is to blame;
 *   RangeError for an option out of its range, TypeError for an option that does not exist and for modules that are
 *   neither bytes nor a list of them.
 */
export function load(
  modules: Uint8Array | readonly NamedBinary[],
  options: LoadOptions = {},
  cache?: ProgramCache,
): Program {
  const binaries = binariesOf(modules);
  checkOptionNames("load", options, loadOptionNames);
  checkOptionNames("load: limits", options.limits ?? {}, Object.keys(defaultLimits));
  const { level = "3.0", ...linkOptions } = options;
  checkChoice("level", level, Object.keys(featureLevels) as FeatureLevel[]);
  const decode = (index: number, known?: Uint32Array) =>
    decodeModule(binaries[index].bytes, featureLevels[level], known);
  return linkThrough(cache, binaries, level, linkOptions, decode, (decoded) => {
    const hasGateway = decoded.at(-1)?.module.exports.some(isGateway);
    // What is undefined is not given: the cache takes both for the same.
    const gateway = linkOptions.gateway ?? (hasGateway ? "gateway" : undefined);
    return { ...linkOptions, ...(gateway === undefined ? {} : { gateway }) };
  });
}

/** Callers without types give other things: an ArrayBuffer, a path, bytes without a name. */
function binariesOf(modules: Uint8Array | readonly NamedBinary[]): readonly NamedBinary[] {
  if (modules instanceof Uint8Array) return [{ name: "main", bytes: modules }];
  const given: unknown = modules;
  if (Array.isArray(given) && given.every(isNamedBinary)) return given;
  const odd = Array.isArray(given)
    ? `a list of ${kindOf(given.find((item) => !isNamedBinary(item)))}`
    : kindOf(given);
  throw new TypeError(`expected a Uint8Array or a list of {name, bytes}, got ${odd}`);
}

function isNamedBinary(value: unknown): value is NamedBinary {
  const { name, bytes } = (value ?? {}) as Partial<NamedBinary>;
  return typeof name === "string" && bytes instanceof Uint8Array;
}

function isGateway({ kind, name }: { readonly kind: string; readonly name: string }): boolean {
  return kind === "function" && name === "gateway";
}

/** A machine at the genesis of a program. A start function is its first call: `machine.run()` executes it. */
export function instantiate(program: Program): Machine {
  return new Machine(program);
}

/**
 * Calls the gateway on an input and runs it to its end. A start function is a call of its own, before the first one.
 *
 * @throws RangeError for a machine in the middle of a call, or before its start function, which `machine.run()`
 *   executes; for a program without gateway; for an input that is too long.
 */
export function call(machine: Machine, input: Uint8Array = new Uint8Array(0)): Outcome {
  const { stepCounter, fuelCounter } = countersOfCall(machine.state, machine.program);
  machine.call(input);
  const { state } = machine;
  return {
    returned: state.status === statusCodes.returned,
    exitCode: machine.exitCode,
    output: machine.output,
    trap: trapName(state.trap),
    trapReport: trapReport(state),
    results: machine.results(),
    steps: state.stepCounter - stepCounter,
    fuel: state.fuelCounter - fuelCounter,
  };
}

/** One tree a state, so that a second hash costs only what has changed since the first. */
const trees = new WeakMap<Machine, StateTree>();

/** The commitment of a machine's state, kept up to date while the machine runs. */
export function stateTree(machine: Machine): StateTree {
  let tree = trees.get(machine);
  if (tree?.state !== machine.state) {
    tree = new StateTree(machine.state);
    trees.set(machine, tree);
  }
  return tree;
}

/** The state hash H_VM (docs/proof-format.md §2): 32 bytes that commit to the whole machine. */
export function stateHash(machine: Machine): Uint8Array {
  return stateTree(machine).stateHash();
}

/** The witness of the next instruction (docs/proof-format.md §4): all that `verify` and a judge need. */
export function prove(machine: Machine): Uint8Array {
  return stateTree(machine).witness();
}

/**
 * Executes one instruction from its witness alone, without machine or program.
 *
 * @param preState State hash before the instruction.
 * @returns The state hash after it.
 * @throws WitnessError for anything but the canonical witness of that step; TypeError for what is no bytes, such as hex text.
 */
export function verify(preState: Uint8Array, witness: Uint8Array): Uint8Array {
  return replayStep(preState, witness);
}
