/**
 * Runs a generated module on V8 and on the machine, and compares everything that can be seen: the outcome of every
 * invocation, and at the end memories, tables and globals.
 *
 * Invariant: V8 runs the variant that makes its own NaNs canonical, so results are compared bit for bit; only what
 * V8 does not tell apart (two causes of one trap message) is compared by sets.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../src/interpreter/blocks/runSteps.ts";
import { trapName } from "../../src/interpreter/isa/trapCodes.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import type { GeneratedModule, Invocation } from "./generator.ts";
import { exportNames } from "./generator.ts";
import { parts } from "./parts.ts";

/** Result bits, or the traps that an outcome may stand for. */
export type CallAnswer =
  | { readonly results: readonly bigint[] }
  | { readonly traps: readonly string[] };

/** Far more than the budget of an invocation allows. */
const mostSteps = 100_000_000;

interface Observation {
  readonly outcomes: readonly CallAnswer[];
  readonly memories: readonly Uint8Array[];
  /** Of each entry: function index in the module, −1 for null, −2 for another reference. */
  readonly tables: readonly (readonly number[])[];
}

/** V8's messages, and the traps of docs/machine.md §6 that each may mean. */
const v8Traps: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^unreachable/, ["unreachable"]],
  [/by zero/, ["integerDivideByZero"]],
  [/divide result unrepresentable/, ["integerOverflow"]],
  [/float unrepresentable/, ["integerOverflow", "invalidConversion"]],
  [/memory access out of bounds/, ["outOfBoundsMemory"]],
  [/function signature mismatch/, ["uninitializedElement", "indirectCallTypeMismatch"]],
  // V8 looks at the alignment before it looks at the bounds.
  [/unaligned accesses/, ["unaligned", "outOfBoundsMemory"]],
  [/table index is out of bounds/, ["undefinedElement", "outOfBoundsTable"]],
  [/table (access )?out of bounds/, ["outOfBoundsTable"]],
  [/table element|element segment/, ["outOfBoundsTable"]],
  [/call stack/i, ["callStackExhausted"]],
];

/** The traps that an error of V8's may stand for; throws what is no trap. */
export function trapOf(error: unknown): CallAnswer {
  const { message } = error as Error;
  const found = v8Traps.find(([pattern]) => pattern.test(message));
  if (found === undefined) throw error;
  return { traps: found[1] };
}

function widthOf(type: string): number {
  return type === "I" ? 64 : 32;
}

/** What stands instead of an observation if the start function traps: there is nothing to call then. */
const nothing = { memories: [], tables: [] };

function runOnV8(module: GeneratedModule): Observation {
  const imports: Record<string, WebAssembly.Exports> = {};
  for (const [name, { denannedBytes }] of parts(module)) {
    const compiled = new WebAssembly.Module(denannedBytes as BufferSource);
    try {
      imports[name] = new WebAssembly.Instance(compiled, imports as WebAssembly.Imports).exports;
    } catch (error) {
      return { outcomes: [trapOf(error)], ...nothing };
    }
  }
  const exports = imports.generated;
  const call = ({ export: name, args, params, results }: Invocation): CallAnswer => {
    const values = args.map((bits, at) =>
      params[at] === "I" ? BigInt.asIntN(64, bits) : Number(BigInt.asIntN(32, bits)),
    );
    try {
      const given: unknown = (exports[name] as (...args: unknown[]) => unknown)(...values);
      const list = results === "" ? [] : Array.isArray(given) ? given : [given];
      return {
        results: list.map((value, at) => BigInt.asUintN(widthOf(results[at]), BigInt(value))),
      };
    } catch (error) {
      return trapOf(error);
    }
  };
  const functions = new Map<unknown, number>(
    module.shape.functions.map((_, index) => [exports[exportNames.function(index)], index]),
  );
  return {
    outcomes: module.invocations.map(call),
    memories: module.shape.memories.map(
      (_, index) =>
        new Uint8Array((exports[exportNames.memory(index)] as WebAssembly.Memory).buffer),
    ),
    tables: module.shape.tables.map(({ limits: [, , kind] }, index) => {
      const table = exports[exportNames.table(index)] as WebAssembly.Table;
      // The JavaScript interface takes indices of 64 bits as BigInts, which its declaration does not know yet.
      const at = kind === "i64" ? (BigInt as unknown as (index: number) => number) : Number;
      return Array.from({ length: Number(table.length) }, (_, entry) => {
        const reference: unknown = table.get(at(entry));
        return reference === null ? -1 : (functions.get(reference) ?? -2);
      });
    }),
  };
}

function runOnMachine(module: GeneratedModule): Observation {
  const decoded = parts(module).map(([name, { bytes }]) => ({ name, module: decodeModule(bytes) }));
  const program = link(decoded, { growth: "declared" });
  const machine = new Machine(program);
  machine.run();
  if (machine.state.status === statusCodes.trapped) {
    return { outcomes: [{ traps: [trapName(machine.state.trap)] }], ...nothing };
  }
  const linked = program.modules[program.modules.length - 1];
  const indices = new Map(linked.module.exports.map(({ name, index }) => [name, index]));
  // Each way of running has its turn: by whole blocks, on the fast path (some modules), step by step.
  const call = ({ export: name, args, results }: Invocation, at: number): CallAnswer => {
    machine.invoke(linked.functions[indices.get(name) ?? -1], args);
    if (at % 3 === 0) machine.run({ executor: "step" });
    else if (at % 3 === 1 && module.seed % 3 === 0) machine.run({ executor: "fast" });
    else runExactly(machine.state, mostSteps);
    if (machine.state.status === statusCodes.trapped) {
      return { traps: [trapName(machine.state.trap)] };
    }
    return {
      results: machine.results().map((bits, at) => BigInt.asUintN(widthOf(results[at]), bits)),
    };
  };
  const outcomes = module.invocations.map(call);
  const { memories, tables } = machine.state;
  // Behind those of its shape a module has functions that call them with vectors; V8's are not looked up either.
  const shaped = (index: number) => (index in module.shape.functions ? index : -2);
  return {
    outcomes,
    memories: linked.memories.map((index) => memories[index].bytes),
    tables: linked.tables.map((index) =>
      Array.from(tables[index].entries.subarray(0, tables[index].size), (reference) =>
        reference === 0 ? -1 : shaped(linked.functions.indexOf(reference - 1)),
      ),
    ),
  };
}

function outcomeText(outcome: CallAnswer): string {
  return "traps" in outcome
    ? `trap ${outcome.traps.join(" or ")}`
    : `[${outcome.results.join(" ")}]`;
}

function agree(theirs: CallAnswer, ours: CallAnswer): boolean {
  if ("traps" in theirs) return "traps" in ours && theirs.traps.includes(ours.traps[0]);
  return "results" in ours && theirs.results.join() === ours.results.join();
}

/** What differs between V8 and the machine, one line each; empty if they agree. */
export function differences(module: GeneratedModule): string[] {
  const theirs = runOnV8(module);
  const ours = runOnMachine(module);
  const found: string[] = [];
  if (theirs.outcomes.length !== ours.outcomes.length) return ["one of them trapped at the start"];
  theirs.outcomes.forEach((outcome, at) => {
    if (agree(outcome, ours.outcomes[at])) return;
    const { export: name, args } = module.invocations[at];
    const texts = `V8 ${outcomeText(outcome)}, machine ${outcomeText(ours.outcomes[at])}`;
    found.push(`invocation ${at}, ${name}(${args.join(", ")}): ${texts}`);
  });
  theirs.memories.forEach((bytes, index) => {
    const mine = ours.memories[index];
    if (bytes.length !== mine.length)
      found.push(`memory ${index}: ${bytes.length}, ${mine.length} bytes`);
    const at = bytes.findIndex((byte, address) => byte !== mine[address]);
    if (at >= 0) found.push(`memory ${index}, byte ${at}: V8 ${bytes[at]}, machine ${mine[at]}`);
  });
  theirs.tables.forEach((entries, index) => {
    if (entries.join() !== ours.tables[index].join()) {
      found.push(`table ${index}: V8 ${entries.join()}, machine ${ours.tables[index].join()}`);
    }
  });
  return found;
}

/** How many invocations of the module return instead of trapping, on V8: a check that tests test something. */
export function returning(module: GeneratedModule): number {
  return runOnV8(module).outcomes.filter((outcome) => "results" in outcome).length;
}
