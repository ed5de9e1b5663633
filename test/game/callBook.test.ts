/**
 * The calls of a served player: known without their states, executed when asked for, within a bound of bytes.
 */
import { describe, expect, it } from "vitest";
import { CallBook } from "../../src/cli/game/callBook.ts";
import { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import { Machine } from "../../src/interpreter/index.ts";
import { programOf } from "../merkle/program.ts";

const pages = 2;
const memoryBytes = pages * 65_536;
const program = programOf(
  `(module (import "arbiter" "input_size" (func $size (result i32))) (memory ${pages})
    (func (export "gateway") (result i32)
      (i32.store (i32.const 8) (i32.add (i32.mul (i32.load (i32.const 8)) (i32.const 31)) (call $size)))
      (i32.load (i32.const 8))))`,
  { gateway: "gateway" },
);
const inputs = Array.from({ length: 37 }, (_, i) => new Uint8Array(i % 7));
const sources = inputs.map((input) => () => input);

/** What every call is, by the plain way. */
async function expected() {
  const machine = new Machine(program);
  const calls = [];
  for (const input of inputs) {
    const execution = new MachineExecution(program, machine.snapshot(), input);
    calls.push({ call: execution.call, claim: await execution.claim() });
    machine.call(input);
  }
  return calls;
}

describe("CallBook", () => {
  for (const states of [0, 1, 5, 100]) {
    it(`with room for ${states} states, knows every call, its end and its execution`, async () => {
      const book = new CallBook(program, sources, states * memoryBytes);
      expect(book.keptBytes).toBeLessThanOrEqual(states * memoryBytes);
      expect(book.keptBytes).toBeGreaterThan(states === 0 ? -1 : 0);
      const calls = await expected();
      expect(book.calls.length).toBe(calls.length);
      for (const [i, { call, claim }] of calls.entries()) {
        expect(book.calls[i].call).toEqual(call);
        expect(await book.calls[i].claim()).toEqual(claim);
        if (i % 3 !== 0) continue;
        const execution = await book.execution(call);
        expect(execution?.call).toEqual(call);
        expect(await execution?.claim()).toEqual(claim);
      }
    });
  }

  it("knows no other call; one whose input has changed is refused", async () => {
    const changing = Uint8Array.of(1, 2, 3);
    const book = new CallBook(program, [() => changing.slice(), () => Uint8Array.of(5)]);
    const [{ call }] = book.calls;
    expect(await book.execution({ ...call, inputLength: 4 })).toBeUndefined();
    changing[0] = 9;
    await expect(book.execution(call)).rejects.toThrow(/has changed since the player began/);
  });
});
