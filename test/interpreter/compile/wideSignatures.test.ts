/**
 * Functions with as many values as a host function may take, less the budget and the room, and with more: then the
 * program stays on the reference, for a reason that names the bound, and not because the host refuses the code.
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
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

function refusalOf(text: ModuleText): string | undefined {
  return new FastExecutor(genesis(programOf(text))).refusal;
}

describe("fast path › signatures beyond the host's", () => {
  const widest = `${"i".repeat(998)}:i`;
  const wider = `${"i".repeat(999)}:i`;

  it.each([
    ["the widest function is called", widest, trapCodes.none],
    ["a call of a type that no function has traps", wider, trapCodes.indirectCallTypeMismatch],
  ])("%s", (_, called, trap) => {
    const tally = newTally();
    const trio = new Trio(programOf(calling(widest, called)), eager, tally);
    const found = [[9000], [500, 490, 9000]].flatMap((pieces) => {
      trio.begin((state) => begin(state, new Uint8Array(0)));
      return pieces.flatMap((steps) => trio.run(steps));
    });
    expect(found).toEqual([]);
    expect(trio.reference.trap).toBe(trap);
    expect([...tally.refusals]).toEqual([]);
    expect(trio.fast.entries).toBeGreaterThan(0);
  });

  it.each([
    ["a function with more parameters", calling(wider, wider)],
    [
      "a host function with more results",
      {
        imports: [{ module: "env", name: "many", func: `:${"i".repeat(1000)}` }],
        functions: [{ signature: ":i", body: [op("i32.const", 0)], export: "run" }],
        exports: [{ name: "many", kind: "func", index: 0 }],
      } as const,
    ],
  ])("%s is a refusal of the program", (_, text) => {
    expect(refusalOf(text)).toMatch(/^hostLimit: a function with more than 998 parameters/);
  });
});
