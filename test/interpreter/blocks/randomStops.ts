/** Random modules stopped at random steps, with random fuel limits: the block executor against the definition. */
import { isDeepStrictEqual } from "node:util";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { valueTypes } from "../../../src/interpreter/binary/module.ts";
import { runBlockwise } from "../../../src/interpreter/blocks/runBlockwise.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { generateImporter, generateModule } from "../../differential/generator.ts";
import { Random } from "../../differential/random.ts";

const mostSteps = 2_000_000;
const stopsPerInvocation = 3;

function programOf(seed: number): Program {
  // Every third program is linked of two modules, with memories of both.
  const generated = seed % 3 === 0 ? generateImporter(seed) : generateModule(seed);
  const modules = [
    ...(generated.base === undefined
      ? []
      : [{ name: "base", module: decodeModule(generated.base.bytes) }]),
    { name: "generated", module: decodeModule(generated.bytes) },
  ];
  return link(modules, { chunkFuel: 50, limits: { stackSlots: 4096, frames: 200 } });
}

/** Both executors from the same beginning; the difference, if there is one. */
function difference(
  program: Program,
  prepare: (state: MachineState) => void,
  steps: number,
): string | undefined {
  const exact = genesis(program);
  const blocks = genesis(program);
  prepare(exact);
  prepare(blocks);
  runExactly(exact, steps);
  runBlockwise(blocks, steps);
  const same = isDeepStrictEqual(snapshot(blocks), snapshot(exact));
  return same
    ? undefined
    : `stepCounter ${blocks.stepCounter}, not ${exact.stepCounter}; trap ${blocks.trap}, not ${exact.trap}`;
}

/** Differences over all exported functions of the module of a seed; `covered` counts the comparisons. */
export function randomStops(seed: number, covered: { count: number }): string[] {
  const program = programOf(seed);
  const random = new Random(seed);
  const found: string[] = [];
  const linked = program.modules[program.modules.length - 1];
  const exported = linked.module.exports.filter(({ kind }) => kind === "function");
  for (const { name, index } of exported) {
    const entry = program.functions[linked.functions[index]];
    const { params } = linked.module.types[linked.types.indexOf(entry.typeId)];
    const args = params.map((type) => {
      const value = random.below(1000);
      return BigInt(type === valueTypes.funcref ? value % program.functions.length : value);
    });
    for (let turn = 0; turn < stopsPerInvocation; turn++) {
      const limit = random.below(20_000);
      const prepare = (state: MachineState): void => {
        runExactly(state, mostSteps);
        if (state.status === 0) return;
        beginInvocation(state, linked.functions[index], args);
        if (turn > 0) state.fuelLimit = state.fuelCounter + limit;
      };
      const steps = turn === 1 ? mostSteps : 256 + random.below(5000);
      const message = difference(program, prepare, steps);
      covered.count++;
      if (message !== undefined) found.push(`seed ${seed}, ${name}, steps ${steps}: ${message}`);
    }
  }
  return found;
}
