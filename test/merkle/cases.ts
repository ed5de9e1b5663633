/**
 * Machines to commit to: the examples, and random programs with a call begun.
 */
import { type Example, inputOf, type RunSize, wasmOf } from "../../examples/manifest.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { run } from "../../src/interpreter/blocks/runSteps.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation } from "../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { generateModule } from "../differential/generator.ts";

/** An example's gateway call on the input of a run, begun. */
export function exampleCall(example: Example, size: RunSize): MachineState {
  const module = decodeModule(wasmOf(example));
  const state = genesis(link([{ name: example.name, module }], { gateway: example.gateway }));
  run(state);
  begin(state, inputOf(example.runs[size]));
  return state;
}

const limits = { stackSlots: 4096, frames: 256, memoryPages: 8, tableEntries: 256 };

/** A random program and its invocations one after another: `next` begins one, false when there is none left. */
export function randomProgram(seed: number): { state: MachineState; next: () => boolean } {
  const { bytes, invocations } = generateModule(seed);
  const module = decodeModule(bytes);
  const program = link([{ name: "random", module }], { limits });
  const state = genesis(program);
  const rest = [...invocations];
  const next = () => {
    const invocation = rest.shift();
    if (invocation === undefined) return false;
    run(state);
    const found = module.exports.find(({ name }) => name === invocation.export);
    if (found === undefined) throw new RangeError(`expected the export ${invocation.export}`);
    beginInvocation(state, program.modules[0].functions[found.index], invocation.args);
    return true;
  };
  return { state, next };
}
