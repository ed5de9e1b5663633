/** What is compiled for one state of a program serves those that begin later, from their first steps on. */
import { describe, expect, it, vi } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { CompiledProgram, planOf } from "../../../src/interpreter/compile/compiledProgram.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { HostMemories } from "../../../src/interpreter/compile/hostMemories.ts";
import { plainEmission } from "../../../src/interpreter/compile/safepoints.ts";
import { isCompiledWhole } from "../../../src/interpreter/compile/tiersOfProgram.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { allocatorOf } from "../../../src/interpreter/state/memories.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";

const fillers = 4200;
const pieceSteps = 9500;

const result = [op("i32.const", 0), op("i32.load", 0, 0)];
/** Divides by zero. */
const trap = [op("i32.const", 1), op("local.get", 0), op("i32.div_u")];

/** Counts local 0 down to zero and stores it, beside so much code that the program is compiled on demand. */
function counting(last = result): Program {
  const filler = Array.from({ length: fillers }, () => [op("i32.const", 1), op("drop")]).flat();
  return link([
    {
      name: "m",
      module: decodeModule(
        assemble({
          memories: [[2, 4]],
          functions: [
            {
              signature: "i:i",
              body: [
                ...[op("local.get", 0), op("i32.eqz"), op("if", ""), ...filler, op("end")],
                ...[op("loop", ""), op("i32.const", 8), op("local.get", 0)],
                ...[op("i32.store", 0, 0), op("local.get", 0), op("i32.const", 1), op("i32.sub")],
                ...[op("local.tee", 0), op("br_if", 0), op("end"), ...last],
              ],
            },
          ],
        }),
      ),
    },
  ]);
}

function begun(program: Program, turns = 10_000_000n): MachineState {
  const state = genesis(program);
  beginInvocation(state, 0, [turns]);
  return state;
}

describe("states that begin later", () => {
  const program = counting();
  const first = begun(program);
  const executor = new FastExecutor(first);
  for (let piece = 0; piece < 20; piece++) executor.run(500_000);

  it("have their memories made where emitted code expects them", () => {
    expect(isCompiledWhole(program)).toBe(false);
    const state = begun(program);
    expect(allocatorOf(state)).toBeInstanceOf(HostMemories);
    const [{ bytes }] = state.memories;
    new FastExecutor(state).run(10_000);
    expect(state.memories[0].bytes).toBe(bytes);
  });

  it("share the code that finds the place of a trap", () => {
    const trapping = counting(trap);
    const run = () => {
      const state = begun(trapping, 300_000n);
      new FastExecutor(state).run(1e9);
      expect(state.status).not.toBe(0);
      return state;
    };
    const reference = begun(trapping, 300_000n);
    runExactly(reference, 1e9);
    expect(differences(snapshot(run()), snapshot(reference))).toEqual([]);
    const modules = vi.spyOn(WebAssembly, "Module");
    run();
    expect(modules).not.toHaveBeenCalled();
    modules.mockRestore();
  });

  it("go on in a loop that was resumed before without a wait", () => {
    const state = begun(program);
    const later = new FastExecutor(state);
    const pieces = 5;
    // Longer than the longest stretch, shorter than what so long a function's loop waits before a module is made that resumes it.
    for (let piece = 0; piece < pieces; piece++) later.run(pieceSteps);
    expect(later.entries).toBe(pieces);
    const reference = begun(program);
    runExactly(reference, pieces * pieceSteps);
    expect(differences(snapshot(state), snapshot(reference))).toEqual([]);
  });

  it("know which loops were resumed before all was compiled anew", () => {
    const plan = planOf(program);
    const before = new CompiledProgram(plan, plainEmission);
    const [loop] = [...before.entries].flatMap(([pc, { kind }]) => (kind === "loop" ? [pc] : []));
    expect(before.wasResumed(loop)).toBe(false);
    before.resumingModule(loop);
    let anew = before;
    for (let time = 0; time < 2; time++) {
      anew = new CompiledProgram(plan, plainEmission, [0], anew);
      expect([anew.wasResumed(loop), anew.isResumable(loop)]).toEqual([true, false]);
    }
  });
});
