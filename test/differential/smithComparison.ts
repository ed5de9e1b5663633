/**
 * Runs a module of wasm-smith on V8 and on the machine, and compares what can be seen: the outcomes of calls of its exported
 * functions, memories, tables, globals, and a hash of every number that was computed (rewriting.ts).
 *
 * Invariant: V8 runs the module with canonical NaNs; only NaNs that cross into JavaScript, where they have no bits, are equal to
 * each other.
 */
import type { SmithModule } from "../../spec-tests/smith/modules.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { type Module, type ValueType, valueTypes } from "../../src/interpreter/binary/module.ts";
import { runExactly } from "../../src/interpreter/blocks/runSteps.ts";
import { LinkError } from "../../src/interpreter/errors.ts";
import { InstructionCursor } from "../../src/interpreter/isa/instructionCursor.ts";
import { instructionOf } from "../../src/interpreter/isa/table.ts";
import { trapName } from "../../src/interpreter/isa/trapCodes.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { Program } from "../../src/interpreter/program/program.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { valuesOfSlots } from "../../src/interpreter/state/valueSlots.ts";
import { trapOf } from "./compare.ts";
import { Random } from "./random.ts";
import { rewritten } from "./rewriting.ts";
import { randomBits } from "./values.ts";

/** Why V8 is not asked about a module. */
export type Exclusion =
  /** It has no fuel of its own, and V8 has none for it. */
  | "unbounded"
  /** It imports the machine's host functions. */
  | "imports"
  /** It waits, which V8 does not do in its main thread. */
  | "waits";

const callsOfFunction = 2;
const mostSteps = 100_000_000;

/** What a module did, one line for each thing that can be seen. */
type Observation = readonly string[];

interface Call {
  readonly name: string;
  readonly index: number;
  readonly types: readonly ValueType[];
  readonly args: readonly bigint[];
  readonly results: readonly ValueType[];
}

function waits(module: Module): boolean {
  const cursor = new InstructionCursor(module.bytes, module.features);
  return module.bodies.some(({ start, end }) => {
    cursor.open(start, end);
    while (cursor.next()) if (instructionOf(cursor.code)?.traps.includes("deadlock")) return true;
    return false;
  });
}

export function exclusionOf({ fuel, bytes }: SmithModule): Exclusion | undefined {
  const module = decodeModule(bytes);
  if (fuel === 0) return "unbounded";
  if (module.imports.length > 0) return "imports";
  return waits(module) ? "waits" : undefined;
}

const letters: ReadonlyMap<ValueType, string> = new Map([
  [valueTypes.i32, "i"],
  [valueTypes.i64, "I"],
  [valueTypes.f32, "f"],
  [valueTypes.f64, "F"],
]);

function floatOf(bits: bigint, type: ValueType): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits, true);
  return type === valueTypes.f32 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

const isFloat = (type: ValueType) => type === valueTypes.f32 || type === valueTypes.f64;
const one: ReadonlyMap<ValueType, bigint> = new Map([
  [valueTypes.f32, 0x3f800000n],
  [valueTypes.f64, 0x3ff0000000000000n],
]);

/** Bits of a null, or of a number that JavaScript can hand over. */
function argument(random: Random, type: ValueType): bigint {
  const letter = letters.get(type);
  if (letter === undefined) return 0n;
  const bits = randomBits(random, letter);
  return isFloat(type) && Number.isNaN(floatOf(bits, type)) ? (one.get(type) ?? 0n) : bits;
}

/** Calls of each exported function that JavaScript can call, and none at all: each list has an instance of its own, with all its fuel. */
function callsOf(module: Module, seed: number): Call[][] {
  const random = new Random(seed);
  const calls = module.exports.map(({ kind, name, index }) => {
    if (kind !== "function") return [];
    const { params, results } = module.types[module.functions[index]];
    if ([...params, ...results].includes(valueTypes.v128)) return [];
    return Array.from({ length: callsOfFunction }, () => {
      const args = params.map((type) => argument(random, type));
      return { name, index, types: params, args, results };
    });
  });
  return [[], ...calls.filter(({ length }) => length > 0)];
}

/** A value of JavaScript, or its bits, as text, in which NaNs are alike and references null or not. */
function text(type: ValueType, value: unknown): string {
  if (isFloat(type)) {
    const number = typeof value === "bigint" ? floatOf(value, type) : (value as number);
    return Object.is(number, -0) ? "-0" : String(number);
  }
  if (type === valueTypes.i32) return String(BigInt.asIntN(32, BigInt(value as number)));
  if (type === valueTypes.i64) return String(BigInt.asIntN(64, value as bigint));
  return value === null || value === 0n ? "null" : "reference";
}

const textOfBytes = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

function ofV8(type: ValueType, bits: bigint): unknown {
  if (isFloat(type)) return floatOf(bits, type);
  if (type === valueTypes.i32) return Number(BigInt.asIntN(32, bits));
  return type === valueTypes.i64 ? BigInt.asIntN(64, bits) : null;
}

/** Results, or the traps that V8's message may stand for. */
function outcomeOfV8(run: () => unknown, { results }: Pick<Call, "results">): string {
  try {
    const given = run();
    const values = results.length === 1 ? [given] : ((given ?? []) as unknown[]);
    return results.map((type, at) => text(type, values[at])).join();
  } catch (error) {
    const outcome = trapOf(error);
    return "traps" in outcome ? `trap ${outcome.traps.join(" or ")}` : "";
  }
}

const called = ({ index, args }: Call): string => `function ${index}(${args.join()})`;

type Exports = Readonly<Record<string, unknown>>;

function seenOnV8(module: Module, exports: Exports): string[] {
  const functions = module.exports.filter(({ kind }) => kind === "function");
  const indices = new Map(functions.map(({ name, index }) => [exports[name], index]));
  return module.exports.flatMap(({ kind, name, index }) => {
    const item = exports[name];
    if (item instanceof WebAssembly.Memory) return textOfBytes(new Uint8Array(item.buffer));
    if (kind === "global") {
      const { type } = module.globals[index].type;
      return letters.has(type) ? text(type, (item as WebAssembly.Global).value) : [];
    }
    if (!(item instanceof WebAssembly.Table)) return [];
    const isWide = module.tables[index].addressType === "i64";
    const at = isWide ? (BigInt as unknown as (entry: number) => number) : Number;
    return Array.from({ length: Number(item.length) }, (_, entry) => {
      const reference: unknown = item.get(at(entry));
      return reference === null ? "null" : String(indices.get(reference));
    }).join();
  });
}

function runOnV8(
  compiled: WebAssembly.Module,
  module: Module,
  calls: readonly Call[],
): Observation {
  let exports: Exports;
  try {
    exports = new WebAssembly.Instance(compiled).exports;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return ["not instantiated"];
  }
  const outcomes = calls.map((call) => {
    const args = call.args.map((bits, at) => ofV8(call.types[at], bits));
    const target = exports[call.name] as (...args: unknown[]) => unknown;
    return `${called(call)}: ${outcomeOfV8(() => target(...args), call)}`;
  });
  return [...outcomes, ...seenOnV8(module, exports)];
}

function seenOnMachine({ state, program }: Machine): string[] {
  const { module, functions, memories, tables, globals } = program.modules[0];
  return module.exports.flatMap(({ kind, index }) => {
    if (kind === "memory") return textOfBytes(state.memories[memories[index]].bytes);
    if (kind === "table") {
      const { entries, size } = state.tables[tables[index]];
      const names = Array.from(entries.subarray(0, size), (reference) =>
        reference === 0 ? "null" : String(functions.indexOf(reference - 1)),
      );
      return names.join();
    }
    if (kind !== "global") return [];
    const { type } = module.globals[index].type;
    if (!letters.has(type)) return [];
    const [low, high] = state.globals.subarray(globals[index] * 2);
    return text(type, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
  });
}

/** Each executor has its turn. */
function run(machine: Machine, turn: number): void {
  if (turn % 3 === 0) machine.run({ executor: "step" });
  else if (turn % 3 === 1) machine.run({ executor: "fast" });
  else runExactly(machine.state, mostSteps);
}

function linked(module: Module): Program | undefined {
  try {
    return link([{ name: "smith", module }], { growth: "declared" });
  } catch (error) {
    // A segment out of bounds: V8 finds it when it instantiates.
    if (error instanceof LinkError && error.code.endsWith("-out-of-bounds")) return undefined;
    throw error;
  }
}

function outcomeOnMachine(machine: Machine, { results }: Call): string {
  const { status, trap } = machine.state;
  if (status === statusCodes.trapped) return `trap ${trapName(trap)}`;
  const values = valuesOfSlots(results, machine.results());
  return values.map((bits, at) => text(results[at], bits)).join();
}

function runOnMachine(
  program: Program | undefined,
  calls: readonly Call[],
  seed: number,
): Observation {
  if (program === undefined) return ["not instantiated"];
  const machine = new Machine(program);
  if (machine.isRunning) run(machine, seed);
  if (machine.state.status === statusCodes.trapped) return ["not instantiated"];
  const outcomes = calls.map((call, at) => {
    machine.invoke(program.modules[0].functions[call.index], call.args);
    run(machine, seed + at);
    return `${called(call)}: ${outcomeOnMachine(machine, call)}`;
  });
  return [...outcomes, ...seenOnMachine(machine)];
}

/** A trap of the machine is one of those that V8's message may stand for. */
function agree(theirs: string, ours: string): boolean {
  if (theirs === ours) return true;
  const [call, traps] = theirs.split(": trap ");
  const [own, trap] = ours.split(": trap ");
  return call === own && trap !== undefined && traps?.split(" or ").includes(trap) === true;
}

export interface SmithReport {
  /** What differs between V8 and the machine, one line each. */
  readonly found: readonly string[];
  /** Calls that returned. */
  readonly returned: number;
}

/** Compares a module of which `exclusionOf` says nothing; `forV8` is what V8 runs in its place. */
export function compareOnV8({ seed, bytes }: SmithModule, forV8 = bytes): SmithReport {
  const module = decodeModule(rewritten(bytes, false));
  const compiled = new WebAssembly.Module(rewritten(forV8, true) as BufferSource);
  const program = linked(module);
  const found: string[] = [];
  let returned = 0;
  for (const calls of callsOf(module, seed)) {
    const theirs = runOnV8(compiled, module, calls);
    const ours = runOnMachine(program, calls, seed);
    for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
      if (agree(theirs[at] ?? "", ours[at] ?? "")) continue;
      found.push(`seed ${seed}: V8 ${theirs[at]}, machine ${ours[at]}`);
    }
    returned += ours.filter((line) => /^function.*: (?!trap )/.test(line)).length;
  }
  return { found, returned };
}
