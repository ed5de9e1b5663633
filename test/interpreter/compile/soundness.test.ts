/** What an emission says of itself is held against the instructions: each kind of contradiction refuses the module. */
import { describe, expect, it } from "vitest";
import { assemble, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { noCost } from "../../../src/interpreter/compile/budget.ts";
import { leftAfter } from "../../../src/interpreter/compile/deoptimise.ts";
import type { EmissionLog, EmittedCall } from "../../../src/interpreter/compile/emissionLog.ts";
import type { Instance } from "../../../src/interpreter/compile/hostInstance.ts";
import { buildMainModule } from "../../../src/interpreter/compile/hostModule.ts";
import { i32 } from "../../../src/interpreter/compile/hostTypes.ts";
import { planProgram } from "../../../src/interpreter/compile/programPlan.ts";
import type { Safepoint, StackMap } from "../../../src/interpreter/compile/safepoints.ts";
import { heightOf, plainEmission } from "../../../src/interpreter/compile/safepoints.ts";
import { refuseUnsound, refuseUnsoundEntries } from "../../../src/interpreter/compile/soundness.ts";
import { link } from "../../../src/interpreter/program/link.ts";

const again = [
  ...[op("local.get", 0), op("i32.const", 1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)],
];
/** Function 0 loops over calls of 1, which is safepoint-free, and of 2, which loops from its entry on. */
const text = {
  functions: [
    {
      signature: "i:i",
      body: [
        ...[op("loop", ""), op("call", 1), op("drop"), op("local.get", 0), op("call", 2)],
        ...[op("drop"), ...again, op("end"), op("local.get", 0)],
      ],
    },
    { signature: ":i", body: [op("i32.const", 7)] },
    { signature: "i:i", body: [op("loop", ""), ...again, op("end"), op("local.get", 0)] },
  ],
};

function emitted() {
  const plan = planProgram(link([{ name: "m", module: decodeModule(assemble(text)) }]));
  const { log } = buildMainModule(plan, plainEmission);
  const check = () => {
    refuseUnsound(plan, plainEmission, log);
    refuseUnsoundEntries(plan, plainEmission, log);
  };
  return { log, check };
}

const callOf = (log: EmissionLog, callee: number): { at: number; call: EmittedCall } => {
  const at = log.calls.findIndex((call) => call.callee === callee);
  return { at, call: log.calls[at] };
};

const onTop = (below: StackMap | undefined): StackMap => ({
  ...{ below, type: i32, lazy: undefined, position: 0, largest: 0 },
  height: heightOf(below) + 1,
});

interface Left {
  readonly hasUnwound: boolean;
  readonly records: readonly number[];
  readonly steps: number;
  readonly fuel: number;
}

/** An entry that ended within what is allowed. */
const unwound: Left = { hasUnwound: true, records: [0], steps: -10, fuel: -20 };

describe("fast path › what was emitted is held against the instructions", () => {
  it("nothing is wrong with what the emitter writes", () => {
    const { log, check } = emitted();
    expect(check).not.toThrow();
    expect([1, 2].map((callee) => callOf(log, callee).call.kind)).toEqual(["unchecked", "checked"]);
    expect(log.exits.length).toBeGreaterThan(3);
  });

  it.each<readonly [string, (log: EmissionLog) => void, string]>([
    [
      "a call without a check",
      (log) => {
        const { at, call } = callOf(log, 2);
        log.calls[at] = { ...call, kind: "unchecked" };
      },
      "it can exit, and no check follows",
    ],
    [
      "a function without safepoints that exits after all",
      (log) => log.noteFunction(1, { canExit: true, readsFuel: false }),
      "it can exit, and no check follows",
    ],
    [
      "a function without safepoints that sees the fuel",
      (log) => log.noteFunction(1, { canExit: false, readsFuel: true }),
      "the budget is not settled",
    ],
    [
      "a call that needs more room than was checked",
      (log) => {
        const { at, call } = callOf(log, 2);
        log.calls[at] = { ...call, slots: call.slots + 100 };
      },
      "were checked at entry",
    ],
    ["an exit without a safepoint", (log) => log.noteExit(1000), "no safepoint"],
    [
      "an operand too many",
      (log) => {
        const safepoint = log.safepoints[log.exits[0]];
        (log.safepoints as Safepoint[])[log.exits[0]] = {
          ...safepoint,
          operands: onTop(safepoint.operands),
        };
      },
      "operands at a height of",
    ],
    [
      "a local beyond the frame",
      (log) => {
        const safepoint = log.safepoints[log.exits[0]];
        const shape = { ...safepoint.shape, runs: [{ slot: 1, slots: 1 }] };
        (log.safepoints as Safepoint[])[log.exits[0]] = { ...safepoint, shape };
      },
      "a local at 1 of 1",
    ],
    ["a loop that was not noted", (log) => log.loops.splice(1), "back to"],
    [
      "a loop with another operand",
      (log) => {
        log.loops[0] = { ...log.loops[0], operands: onTop(log.loops[0].operands) };
      },
      "at a height of",
    ],
  ])("%s is a refusal", (_, tamper, message) => {
    const { log, check } = emitted();
    tamper(log);
    expect(check).toThrow(/^unsoundEmission: /);
    expect(check).toThrow(message);
  });

  it.each<readonly [string, Partial<Left>, string | undefined]>([
    ["frames that unwound together", {}, undefined],
    ["a frame that went on", { hasUnwound: false }, "went on above one that had stopped"],
    ["no frame spilled, and yet unwound", { records: [] }, "went on above one that had stopped"],
    ["a frame below that waits for no call", { records: [0, 0] }, "waits for no call"],
    ["a stretch that is too long", { steps: -11 }, "longer than any"],
    ["a stretch that costs too much", { fuel: -21 }, "longer than any"],
  ])("%s, after an entry", (_, given, message) => {
    const { hasUnwound, records, steps, fuel } = { ...unwound, ...given };
    const budget = () => ({ steps, fuel });
    const safepoints = [{ kind: "loop", pending: noCost }];
    const compiled = { isPartial: false, safepoints, stretch: { steps: 10, fuel: 20 } };
    const memory = new Int32Array(8);
    const instance = {
      compiled,
      memory,
      hasUnwound,
      returnedBudget: budget,
      spilledBudget: budget,
    };
    const left = () => leftAfter(instance as unknown as Instance, records);
    if (message === undefined) expect(left()).toEqual({ steps, fuel });
    else expect(left).toThrow(message);
  });

  it("a loop at a function's entry is entered as a loop, and as nothing where it begins with a stop", () => {
    const { log } = emitted();
    const plan = planProgram(link([{ name: "m", module: decodeModule(assemble(text)) }]));
    const entries = log.entries(plan.plans);
    const at = (index: number) => entries.get(plan.program.functions[index].entryPc)?.kind;
    expect([0, 1, 2].map(at)).toEqual(["loop", "function", "loop"]);
    log.noteLeftToReference(plan.program.functions[2].entryPc);
    expect(log.entries(plan.plans).has(plan.program.functions[2].entryPc)).toBe(false);
  });
});
