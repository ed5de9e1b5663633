/**
 * Functions with as many values as a host function may take, less the budget and the room, and with more: these stay on
 * the reference, function by function, and the rest of the program is emitted.
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { eager, newTally, Trio } from "./stops.ts";

const constants = (count: number): Code =>
  Array.from({ length: count }, (_, index) => op("i32.const", index)).flat();

const programOf = (text: ModuleText) =>
  link([{ name: "m", module: decodeModule(assemble(text)) }], {
    gateway: "run",
    unknownImports: "trap",
  });

/** A table holds a function of the first type, which the gateway calls as of the second; a tail call carries no 128 values. */
function calling(held: string, called: string): ModuleText {
  const body = [constants(called.indexOf(":")), op("i32.const", 0), op("call_indirect", 1, 0)];
  return {
    types: [held, called],
    functions: [
      { signature: held, body: [op("local.get", 997)] },
      { signature: ":i", body, export: "run" },
    ],
    tables: [{ type: "r", limits: [1, 1] }],
    elements: [{ at: { offset: op("i32.const", 0) }, functions: [0] }],
  };
}

/** A loop that calls a function directly and through the table, and adds up what it gives. */
function looping(held: string): ModuleText {
  const values = constants(held.indexOf(":"));
  return {
    types: [held],
    functions: [
      { signature: held, body: [op("local.get", 997), op("local.get", 3), op("i32.add")] },
      {
        signature: ":i",
        locals: "ii",
        export: "run",
        body: [
          ...[op("loop", ""), values, op("call", 0), op("local.get", 1), op("i32.add")],
          ...[op("local.set", 1), values, op("i32.const", 0), op("call_indirect", 0, 0)],
          ...[op("local.get", 1), op("i32.add"), op("local.tee", 1), op("i32.const", 6000)],
          ...[op("i32.lt_s"), op("br_if", 0), op("end"), op("local.get", 1)],
        ],
      },
    ],
    tables: [{ type: "r", limits: [1, 1] }],
    elements: [{ at: { offset: op("i32.const", 0) }, functions: [0] }],
  };
}

/** An exported host function of more results than the host's functions have, beside what runs. */
const many: ModuleText = {
  imports: [{ module: "env", name: "many", func: `:${"i".repeat(1000)}` }],
  functions: [
    {
      signature: ":i",
      locals: "i",
      export: "run",
      body: [
        ...[op("loop", ""), op("local.get", 0), op("i32.const", 1), op("i32.add")],
        ...[op("local.tee", 0), op("i32.const", 90), op("i32.lt_s"), op("br_if", 0), op("end")],
        ...[op("local.get", 0)],
      ],
    },
  ],
  exports: [{ name: "many", kind: "func", index: 0 }],
};

describe("fast path › signatures beyond the host's", () => {
  const widest = `${"i".repeat(998)}:i`;
  const wider = `${"i".repeat(999)}:i`;

  it.each([
    ["the widest function is called", calling(widest, widest), trapCodes.none],
    [
      "a call of a type that no function has traps",
      calling(widest, wider),
      trapCodes.indirectCallTypeMismatch,
    ],
    [
      "a call of another type than that of a function that the host has not traps",
      calling(wider, widest),
      trapCodes.indirectCallTypeMismatch,
    ],
    ["a function that the host has not is called", looping(wider), trapCodes.none],
    ["one that it has is called likewise", looping(widest), trapCodes.none],
    ["a host function that the host has not stands beside others", many, trapCodes.none],
  ])("%s", (_, text, trap) => {
    const tally = newTally();
    const trio = new Trio(programOf(text), eager, tally);
    const found = [[900_000], [500, 490, 2010, 900_000]].flatMap((pieces) => {
      trio.begin((state) => begin(state, new Uint8Array(0)));
      return pieces.flatMap((steps) => trio.run(steps));
    });
    expect(found).toEqual([]);
    expect(trio.reference.status).not.toBe(statusCodes.running);
    expect(trio.reference.trap).toBe(trap);
    expect([...tally.refusals]).toEqual([]);
    expect(trio.fast.entries).toBeGreaterThan(0);
  });
});
