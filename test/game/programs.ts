/** Real programs for the game's tests: the examples with their small inputs. */
import { exampleNamed, inputOf, loadExamples, wasmOf } from "../../examples/manifest.ts";
import { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import {
  decodeModule,
  link,
  Machine,
  type Program,
  type Snapshot,
} from "../../src/interpreter/index.ts";

export interface KnownCall {
  readonly name: string;
  readonly program: Program;
  readonly previous: Snapshot;
  readonly input: Uint8Array;
}

export const exampleNames = loadExamples().map(({ name }) => name);

export function knownCall(name: string, size: "small" | "medium" = "small"): KnownCall {
  const example = exampleNamed(name);
  const program = link([{ name, module: decodeModule(wasmOf(example)) }], {
    gateway: example.gateway,
    growth: "fixed",
  });
  const machine = new Machine(program);
  if (machine.isRunning) machine.run();
  return { name, program, previous: machine.snapshot(), input: inputOf(example.runs[size]) };
}

export function executionOf(call: KnownCall): MachineExecution {
  return new MachineExecution(call.program, call.previous, call.input);
}
