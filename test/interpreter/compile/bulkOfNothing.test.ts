/**
 * Copies and fills of nothing, which emitted code does in place: bounds, and the step and the fuel that they take, are those
 * of the reference (docs/machine.md §7 "Long instructions").
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { eager, partings } from "./stops.ts";

const [get, constant] = [op("local.get", 0), op("i32.const", 0)];
const kinds: Readonly<Record<string, Code[]>> = {
  fill: [get, op("i32.const", 5), constant, op("memory.fill", 0)],
  "copy to": [get, constant, constant, op("memory.copy", 0, 0)],
  "copy from": [constant, get, constant, op("memory.copy", 0, 0)],
  "copy from another": [constant, get, constant, op("memory.copy", 0, 1)],
};
/** Of two pages: in bounds, at the end, beyond it, and where a host address would wrap around. */
const inBounds = [0, 1, 128, 131_071, 131_072];
const beyond = [131_073, 0x7fffffff, 0x80000000, 0xfffeffff, 0xffff0000, 0xffffffff];

function programOf(body: readonly Code[], callFuel?: number) {
  const text = {
    memories: [
      [2, 2],
      [2, 2],
    ] as const,
    functions: [{ signature: "i:", body: [...body, ...body, ...body] }],
  };
  return link([{ name: "m", module: decodeModule(assemble(text)) }], {
    limits: callFuel === undefined ? {} : { callFuel },
  });
}

/** Fuel of a whole call. */
function fuelOf(body: readonly Code[]): number {
  const state = genesis(programOf(body));
  beginInvocation(state, 0, [128n]);
  runExactly(state, 1000);
  return state.fuelCounter;
}

/** The trap after the fast path and the reference have come to the same state. */
function trapOf(program: ReturnType<typeof programOf>, address: number): number {
  const [fast, exact] = [genesis(program), genesis(program)];
  for (const state of [fast, exact]) beginInvocation(state, 0, [BigInt(address)]);
  const executor = new FastExecutor(fast, eager);
  executor.run();
  runExactly(exact, 1000);
  expect(executor.entries).toBeGreaterThan(0);
  expect(partings(fast, exact)).toEqual([]);
  return exact.trap;
}

describe.each(Object.entries(kinds))("%s, of nothing", (_, body) => {
  it.each(inBounds)("does nothing at %i", (address) => {
    expect(trapOf(programOf(body), address)).toBe(0);
  });

  it.each(beyond)("traps at %i", (address) => {
    expect(trapOf(programOf(body), address)).toBe(trapCodes.outOfBoundsMemory);
  });

  it("runs out of fuel at the same step", () => {
    const fuel = fuelOf(body);
    const traps = [1, 2, 3].map((part) =>
      trapOf(programOf(body, Math.ceil((fuel * part) / 3)), 128),
    );
    expect(traps).toEqual([trapCodes.outOfFuel, trapCodes.outOfFuel, 0]);
  });
});
