/**
 * What a case of the corpus is, and how it becomes a machine at the beginning of a call.
 * The corpus is the common set of programs on which executors, witness replay and judge are held against each other.
 *
 * Invariant: a case is deterministic and complete: nothing outside it decides what its call does.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { run } from "../../src/interpreter/blocks/runSteps.ts";
import type { TrapName } from "../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation } from "../../src/interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/state/machineState.ts";

export interface Call {
  readonly export: string;
  /** Slots (bits), one a parameter. */
  readonly args: readonly bigint[];
  /** The trap that the call ends in; "none" for a return. Not given where the operands decide (grid). */
  readonly trap?: TrapName;
  /** A gateway call on this input instead of an invocation by hand; the export has no parameters then. */
  readonly input?: Uint8Array;
  /** The call of the start functions, with which the program's genesis begins; there is no export then. */
  readonly boot?: boolean;
}

export interface CorpusModule {
  readonly name: string;
  readonly wasm: Uint8Array;
  readonly calls: readonly Call[];
  /** Modules that it imports from, linked before it in this order. */
  readonly others?: readonly { readonly name: string; readonly wasm: Uint8Array }[];
  /** How it is linked, where the defaults will not do. */
  readonly link?: Partial<LinkOptions>;
  /** Imports host functions or depends on limits of this machine: no other engine can say what is right. */
  readonly machineOnly?: boolean;
}

/** One call of one module. */
export interface CorpusCase extends Call {
  readonly name: string;
  readonly module: CorpusModule;
  readonly wasm: Uint8Array;
}

/** Small, so that both limits are within reach and a state is cheap to make. */
const limits = { stackSlots: 1024, frames: 64, memoryPages: 16, tableEntries: 4096 } as const;

const programs = new Map<CorpusModule, Map<string, Program>>();

/** The linked program of a case; the same object for all cases of a module that share a gateway. */
export function programOf(item: CorpusCase): Program {
  const { module } = item;
  const gateway = item.input === undefined ? "" : item.export;
  let byGateway = programs.get(module);
  if (byGateway === undefined) {
    byGateway = new Map();
    programs.set(module, byGateway);
  }
  let program = byGateway.get(gateway);
  if (program === undefined) {
    const options = { limits, ...module.link, ...(gateway === "" ? {} : { gateway }) };
    const linked = [...(module.others ?? []), { name: "corpus", wasm: module.wasm }];
    program = link(
      linked.map(({ name, wasm }) => ({ name, module: decodeModule(wasm) })),
      options,
    );
    byGateway.set(gateway, program);
  }
  return program;
}

/** A fresh machine at the first instruction of the case's call. */
export function stateOf(item: CorpusCase): MachineState {
  const program = programOf(item);
  const state = genesis(program);
  if (item.boot === true) return state;
  if (state.status === statusCodes.running) run(state);
  if (item.input !== undefined) {
    begin(state, item.input);
    return state;
  }
  const { module, functions } = program.modules[program.modules.length - 1];
  const found = module.exports.find(
    ({ name, kind }) => kind === "function" && name === item.export,
  );
  if (found === undefined) throw new RangeError(`expected an exported function "${item.export}"`);
  beginInvocation(state, functions[found.index], item.args);
  return state;
}

export const i32 = (value: number): bigint => BigInt.asUintN(32, BigInt(value));
export const i64 = (value: bigint | number): bigint => BigInt.asUintN(64, BigInt(value));

/** A call of the export `run` unless another is named. */
export function call(args: readonly bigint[], trap: TrapName = "none", name = "run"): Call {
  return { export: name, args, trap };
}
