/** A call that traps and is taken back leaves what a restored snapshot would be, state hash included. */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import type { ExecutorKind } from "../../../src/interpreter/chooseExecutor.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { StateTree } from "../../../src/merkle/commitment/stateTree.ts";

const constant = (value: number) => op("i32.const", value);

/** Input of one byte: 1 traps at the end, 2 grows the memory and traps, anything else returns. */
const body: readonly Code[] = [
  ...[constant(64), constant(0), constant(1), op("call", 0)],
  ...[constant(60), constant(300), op("call", 1)],
  ...[op("global.get", 0), constant(1), op("i32.add"), op("global.set", 0)],
  ...[constant(8192), op("global.get", 0), op("i32.store", 0, 0)],
  ...[constant(64), op("i32.load8_u", 0, 0), constant(2), op("i32.eq"), op("if", "")],
  ...[constant(1), op("memory.grow", 0), op("drop")],
  ...[constant(65_600), constant(7), op("i32.store", 0, 0), op("unreachable"), op("end")],
  ...[constant(64), op("i32.load8_u", 0, 0), constant(1), op("i32.eq"), op("if", "")],
  ...[constant(20_000), constant(7), op("i32.store", 0, 0), op("unreachable"), op("end")],
];

function machineOf(): Machine {
  const wasm = assemble({
    imports: [
      { module: "arbiter", name: "input_read", func: "iii:" },
      { module: "arbiter", name: "output_write", func: "ii:" },
    ],
    memories: [[1, 3]],
    globals: [{ type: "i", mutable: true, init: constant(0) }],
    functions: [{ signature: ":", body: [...body], export: "run" }],
  });
  return new Machine(link([{ name: "m", module: decodeModule(wasm) }], { gateway: "run" }));
}

describe("call with rollback on trap", () => {
  for (const executor of ["step", "fast"] as const satisfies readonly ExecutorKind[]) {
    it(`${executor} › equals a restored snapshot`, () => {
      const machine = machineOf();
      const tree = new StateTree(machine.state);
      const options = { executor, rollBackOnTrap: true };
      const code = (first: number) => machine.call(new Uint8Array([first]), options);
      expect(code(0)).toBe(trapCodes.none);
      for (const bad of [1, 2, 1]) {
        const before = machine.snapshot();
        const hash = tree.stateHash();
        expect(code(bad)).toBe(trapCodes.unreachable);
        expect(differences(machine.snapshot(), before)).toEqual([]);
        expect(tree.stateHash()).toEqual(hash);
        expect(new StateTree(machine.state).stateHash()).toEqual(hash);
        expect(code(0)).toBe(trapCodes.none);
      }
      expect(machine.call(new Uint8Array([1]), { executor })).toBe(trapCodes.unreachable);
      expect(machine.state.trap).toBe(trapCodes.unreachable);
    });
  }
});
