/**
 * What an entry of light code that was lost is made good for: all that it may have executed, and memories that move.
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { type LightPolicy, usualLight } from "../../../src/interpreter/compile/lightEntry.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { refusedGrow } from "../../../src/interpreter/state/trapRecord.ts";

const pageBytes = 65_536;
const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);

/** Counts down from 2000, then does what is given. */
function programOf(end: readonly Code[]): Program {
  const turn = [get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)];
  const wasm = assemble({
    memories: [[3, 40]],
    functions: [
      { signature: "i:", body: [op("loop", ""), ...turn, op("end"), ...end], export: "run" },
    ],
  });
  return link([{ name: "m", module: decodeModule(wasm) }], { limits: { callFuel: 2 ** 40 } });
}

function ran(program: Program, light: LightPolicy): FastExecutor {
  const executor = new FastExecutor(genesis(program), { light, worthwhileSteps: 1 });
  beginInvocation(executor.state, 0, [2000n]);
  executor.run();
  expect(executor.state.status).toBe(statusCodes.trapped);
  return executor;
}

describe("an entry of light code that was lost", () => {
  it("is made good for what it executed behind its last refill, and for no more", () => {
    const program = programOf([op("unreachable")]);
    const light = { ...usualLight, debtOf: (lost: number) => lost * 8 };
    const lost = Array.from({ length: 19 }, () => ran(program, light).light.lost);
    expect(lost).toEqual(lost.map((_, run) => (run % 9 === 0 ? 1 : 0)));
  });

  it("takes back what was told of a growth that was refused behind the end of a run", () => {
    const program = programOf([constant(41), op("memory.grow", 0), op("drop")]);
    const light = { ...usualLight, allows: () => true };
    const states = [genesis(program), genesis(program)];
    for (const state of states) beginInvocation(state, 0, [2000n]);
    const [whole, cut] = states.map((state) => {
      return new FastExecutor(state, { worthwhileSteps: 1, light });
    });
    whole.run();
    // The growth, what drops its result, and the return are the last three.
    cut.run(whole.state.stepCounter - 3);
    expect([cut.light.lost, refusedGrow(cut.state)]).toEqual([1, undefined]);
    cut.run();
    expect(refusedGrow(cut.state)).toEqual(refusedGrow(whole.state));
    expect(refusedGrow(cut.state)?.step).toBe(whole.state.stepCounter - 3);
  });

  it("is made good for memories that move because they had grown", () => {
    const owed: number[] = [];
    const debtOf = (lost: number) => {
      owed.push(lost);
      return 2 ** 40;
    };
    ran(programOf([op("unreachable")]), { ...usualLight, debtOf });
    const least = Math.min(...owed);
    ran(programOf([constant(1), op("memory.grow", 0), op("drop"), op("unreachable")]), {
      ...usualLight,
      debtOf,
    });
    expect(owed).toHaveLength(4);
    expect(owed[3]).toBeGreaterThanOrEqual(least + 3 * pageBytes);
  });
});
