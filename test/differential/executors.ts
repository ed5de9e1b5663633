/**
 * Runs a generated module by whole blocks, on the fast path and step by step, and compares the states after every
 * invocation: registers, counters, globals, tables, memories and their dirty chunks.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../src/interpreter/blocks/runSteps.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { refusedGrow, trapRecord } from "../../src/interpreter/state/trapRecord.ts";
import type { GeneratedModule } from "./generator.ts";
import { parts } from "./parts.ts";

/** Far more than the budget of an invocation allows. */
const mostSteps = 100_000_000;

type Way = (machine: Machine) => void;

const ways: Readonly<Record<string, Way>> = {
  exact: (machine) => runExactly(machine.state, mostSteps),
  blocks: (machine) => machine.run({ executor: "step" }),
  fast: (machine) => machine.run({ executor: "fast" }),
};

/** All of a state that another executor must reproduce, memories aside. */
function registersOf(machine: Machine) {
  const { state } = machine;
  const { status, trap, pc, sp, fp, depth, stepCounter, fuelCounter, fuelLimit } = state;
  return {
    ...{ status, trap, pc, sp, fp, depth, stepCounter, fuelCounter, fuelLimit },
    results: machine.results(),
    told: JSON.stringify([trapRecord(state), refusedGrow(state)]),
    globals: state.globals.join(),
    dropped: state.dropped.join(),
    tables: state.tables.map(({ entries, size }) => entries.subarray(0, size).join()),
    dirty: state.memories.map(({ dirtyChunks }) => dirtyChunks.toSorted((x, y) => x - y).join()),
  };
}

function firstDifference(left: MachineState, right: MachineState): string | undefined {
  for (const [index, { bytes, pages }] of left.memories.entries()) {
    const other = right.memories[index];
    if (pages !== other.pages) return `memory ${index}: ${pages} and ${other.pages} pages`;
    const at =
      Buffer.compare(bytes, other.bytes) === 0
        ? -1
        : bytes.findIndex((b, i) => b !== other.bytes[i]);
    if (at >= 0) return `memory ${index}, byte ${at}`;
  }
  return undefined;
}

/** Where the executors part, one line each; empty if they agree. */
export function disagreements(module: GeneratedModule): string[] {
  const decoded = parts(module).map(([name, { bytes }]) => ({ name, module: decodeModule(bytes) }));
  const program = link(decoded, { growth: "declared" });
  const machines = Object.entries(ways).map(([name, run]) => {
    const machine = new Machine(program);
    run(machine);
    return { name, run, machine };
  });
  const linked = program.modules[program.modules.length - 1];
  const indices = new Map(linked.module.exports.map(({ name, index }) => [name, index]));
  const [reference, ...others] = machines;
  const compare = (when: string) =>
    others.flatMap(({ name, machine }) => {
      const [wanted, got] = [reference.machine, machine].map((each) => show(registersOf(each)));
      const memory = firstDifference(reference.machine.state, machine.state);
      if (wanted !== got) return [`${when}, ${name}: expected ${wanted}, got ${got}`];
      return memory === undefined ? [] : [`${when}, ${name}: ${memory}`];
    });
  const found = compare("at the start");
  if (reference.machine.state.status === statusCodes.trapped) return found;
  for (const [at, { export: name, args }] of module.invocations.entries()) {
    for (const { machine, run } of machines) {
      machine.invoke(linked.functions[indices.get(name) ?? -1], args);
      run(machine);
    }
    found.push(...compare(`invocation ${at} of ${name}`));
    if (found.length > 0) return found;
  }
  return found;
}

function show(value: object): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item));
}
