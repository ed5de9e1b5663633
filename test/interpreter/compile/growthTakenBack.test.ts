/**
 * Calls that grow a memory and are taken back: every commitment and every executor sees the memory as it was, nothing
 * is copied for it at once, and what emitted code needs to go on is earned by steps.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { stepsBeforeMoving } from "../../../src/interpreter/compile/economy.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { restore, snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { StateTree } from "../../../src/merkle/commitment/stateTree.ts";

const constant = (value: number) => op("i32.const", value);
const none = new Uint8Array(0);
const oldBytes = 2 * 65536;

/** Counts `turns` down; on input grows by as many pages, writes to the last old and the last new page, and traps. */
function growingMachine(turns: number): Machine {
  const write = (address: Code[]): Code[] => [
    ...[...address, ...address, op("i32.load8_u", 0, 0), constant(1), op("i32.add")],
    op("i32.store8", 0, 0),
  ];
  const end = [op("memory.size", 0), constant(16), op("i32.shl"), constant(9), op("i32.sub")];
  const text = {
    imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
    memories: [[2, 40] as const],
    functions: [
      {
        signature: ":",
        locals: "i",
        export: "gateway",
        body: [
          ...[constant(turns), op("local.set", 0), op("loop", "")],
          ...[op("local.get", 0), constant(1), op("i32.sub"), op("local.tee", 0)],
          ...[op("br_if", 0), op("end"), ...write([constant(oldBytes - 5)])],
          ...[op("call", 0), op("if", ""), op("call", 0), op("memory.grow", 0), op("drop")],
          ...[...write(end), op("unreachable"), op("end")],
        ],
      },
    ],
  };
  const options = { gateway: "gateway", growth: "declared" } as const;
  return new Machine(link([{ name: "m", module: decodeModule(assemble(text)) }], options));
}

const executors = ["step", "auto", "fast"] as const;

describe("a call that grows a memory and is taken back", () => {
  it.each(executors)("leaves the state as it was, however often: %s", (executor) => {
    const machine = growingMachine(3);
    const trees = [new StateTree(machine.state), new StateTree(machine.state)];
    machine.call(none, { executor });
    const before = snapshot(machine.state);
    const hash = trees[0].stateHash();
    for (const pages of [1, 20, 3, 38, 38]) {
      const input = new Uint8Array(pages);
      const trap = machine.call(input, { executor, rollBackOnTrap: true });
      expect(trap).toBe(trapCodes.unreachable);
      expect(differences(snapshot(machine.state), before)).toEqual([]);
      for (const tree of trees) expect(tree.stateHash()).toEqual(hash);
    }
    // What a call finds above the old pages is zero, in the memory that was longer already too.
    machine.call(new Uint8Array(10), { executor });
    const [{ bytes }] = machine.state.memories;
    expect(bytes.length).toBe(oldBytes + 10 * 65536);
    expect(bytes.subarray(oldBytes).reduce((sum, byte) => sum + byte, 0)).toBe(1);
    const whole = new StateTree(restore(machine.program, snapshot(machine.state))).stateHash();
    for (const tree of trees) expect(tree.stateHash()).toEqual(whole);
  });

  it("is forgotten by a commitment that saw it in the middle", () => {
    const machine = growingMachine(3);
    const { state } = machine;
    const trees = [new StateTree(state), new StateTree(state)];
    const hashes = trees.map((tree) => tree.stateHash());
    const call = machine.run.bind(machine);
    machine.run = (limits) => {
      call(limits);
      trees[0].stateHash();
    };
    machine.call(new Uint8Array(7), { rollBackOnTrap: true });
    expect(trees[1].stateHash()).toEqual(hashes[1]);
    expect(trees[0].stateHash()).toEqual(hashes[0]);
  });

  const compiling = ["auto", "fast"] as const;

  it.each(compiling)("copies no memory: %s", (executor) => {
    const machine = growingMachine(100);
    machine.call(none, { executor: "fast" });
    machine.call(new Uint8Array(5), { executor, rollBackOnTrap: true });
    const after = machine.state.memories[0].bytes.buffer;
    machine.call(new Uint8Array(5), { executor, rollBackOnTrap: true });
    expect(machine.state.memories[0].bytes.buffer).toBe(after);
  });

  it.each(compiling)(
    "leaves emitted code until a move of the memories is earned: %s",
    (executor) => {
      const machine = growingMachine(1000);
      machine.call(none, { executor: "fast" });
      machine.call(new Uint8Array(5), { executor: "fast", rollBackOnTrap: true });
      const { state } = machine;
      const { buffer } = state.memories[0].bytes;
      const owed = stepsBeforeMoving(state);
      const from = state.stepCounter;
      let stepsOfCall = 0;
      while (state.memories[0].bytes.buffer === buffer) {
        const { stepCounter } = state;
        machine.call(none, { executor });
        stepsOfCall = state.stepCounter - stepCounter;
        expect(state.stepCounter - from).toBeLessThan(owed + 2 * stepsOfCall);
      }
      expect(state.stepCounter - from).toBeGreaterThan(owed - stepsOfCall);
    },
  );
});
