/**
 * Stops an example's gateway call at random steps, on the fast path and by the block executor, and compares the states
 * whole at every stop.
 */
import type { Example, RunSize } from "../../../examples/manifest.ts";
import { inputOf, wasmOf } from "../../../examples/manifest.ts";
import { differences } from "../../../spec-tests/agreement.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import type { FastOptions } from "../../../src/interpreter/compile/fastExecutor.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { Random } from "../../differential/random.ts";

/** One line for the first stop at which the executors part. */
export function partings(
  example: Example,
  size: RunSize,
  stops: number,
  options: FastOptions = {},
): string[] {
  const module = decodeModule(wasmOf(example));
  const program = link([{ name: example.name, module }], { gateway: example.gateway });
  const input = inputOf(example.runs[size]);
  const states = [genesis(program), genesis(program), genesis(program)];
  const [whole, state, twin] = states;
  for (const each of states) begin(each, input);
  run(whole);
  const random = new Random(whole.stepCounter);
  const points = Array.from({ length: stops }, () => random.below(whole.stepCounter));
  points.sort((a, b) => a - b);
  const executor = new FastExecutor(state, options);
  for (const point of [...points, whole.stepCounter]) {
    executor.run(point - state.stepCounter);
    run(twin, { steps: point - twin.stepCounter });
    const parts = differences(snapshot(state), snapshot(twin));
    if (parts.length > 0) return [`${example.name} at step ${point}: ${parts.join("; ")}`];
  }
  // A small run may be shorter between two stops than a stretch without a check.
  if (size !== "small" && executor.entries === 0) return [`${example.name} never ran on the host`];
  return [];
}

/** Entries into emitted code that an undisturbed call takes; whatever gives code up that could go on makes them many. */
export function entriesOf(example: Example, size: RunSize): number {
  const module = decodeModule(wasmOf(example));
  const program = link([{ name: example.name, module }], { gateway: example.gateway });
  const state = genesis(program);
  begin(state, inputOf(example.runs[size]));
  const executor = new FastExecutor(state);
  executor.run();
  return executor.entries;
}
