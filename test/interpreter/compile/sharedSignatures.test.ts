/**
 * Program types whose values are the same to the host: indirect calls through them stay in emitted code, and trap
 * exactly where the types differ.
 */
import { expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";

const constant = (value: number) => op("i32.const", value);

/** All types of two parameters that are i32 to the host: nine of them. */
const letters = ["i", "r", "x"] as const;
const signatures = letters.flatMap((first) => letters.map((second) => `${first}${second}:i`));
const operand = { i: constant(1), r: op("ref.null", "r"), x: op("ref.null", "x") } as const;

/** Calls entry `entry` of a table with one function of each type, through the type `type`, a thousand times. */
function program(): Program {
  const through = signatures.map((signature, type) => ({
    signature: "ii:i",
    body: [
      // A function that begins with its loop would be entered there, which has to be earned.
      op("nop"),
      op("loop", ""),
      ...[...signature.slice(0, 2)].map((letter) => operand[letter as keyof typeof operand]),
      ...[op("local.get", 0), op("call_indirect", type, 0), op("drop")],
      ...[op("local.get", 1), constant(1), op("i32.sub"), op("local.tee", 1), op("br_if", 0)],
      ...[op("end"), op("local.get", 0)],
    ],
  }));
  const callees = signatures.map((signature, index) => ({ signature, body: [constant(index)] }));
  const count = signatures.length;
  const text: ModuleText = {
    types: signatures,
    tables: [{ type: "r", limits: [count, count] }],
    elements: [
      { at: { offset: constant(0) }, functions: callees.map((_, index) => count + index) },
    ],
    functions: [...through, ...callees],
  };
  return link([{ name: "m", module: decodeModule(assemble(text)) }], {});
}

it("types that share a host signature are called in emitted code and told apart", () => {
  const linked = program();
  const fast = genesis(linked);
  const exact = genesis(linked);
  const executor = new FastExecutor(fast);
  const traps = new Map<number, number>();
  for (const type of signatures.keys()) {
    for (const entry of signatures.keys()) {
      const { entries } = executor;
      for (const state of [fast, exact]) beginInvocation(state, type, [BigInt(entry), 1000n]);
      executor.run();
      runExactly(exact, 100_000);
      expect(differences(snapshot(fast), snapshot(exact))).toEqual([]);
      expect(fast.trap === trapCodes.none).toBe(type === entry);
      // A call that stopped emitted code would take an entry each: a thousand.
      expect(executor.entries - entries).toBeLessThan(20);
      traps.set(fast.trap, (traps.get(fast.trap) ?? 0) + 1);
    }
  }
  expect(executor.refusal).toBeUndefined();
  const count = signatures.length;
  expect(traps.get(trapCodes.none)).toBe(count);
  expect(traps.get(trapCodes.indirectCallTypeMismatch)).toBe(count * (count - 1));
});
