/** What a module declares by a number, and never writes, costs no memory; what would cost too much is refused when it is linked. */
import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { fastPathRefusal } from "../../src/interpreter/chooseExecutor.ts";
import { LinkError } from "../../src/interpreter/errors.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { copyFilled } from "../../src/interpreter/state/memories.ts";
import type { Parts } from "./encoding.ts";
import { moduleOf, types, unsigned, vector } from "./encoding.ts";

const linked = (parts: Parts) =>
  link([{ name: "m", module: decodeModule(moduleOf(parts)) }], { gateway: "gateway" });
const memories = (count: number, pages: number): Parts => ({
  memories: vector(count, () => [0, ...unsigned(pages)]),
});
const tables = (count: number, entries: number): Parts => ({
  tables: vector(count, () => [types.funcref, 0, ...unsigned(entries)]),
});

function refusal(parts: Parts): string {
  try {
    linked(parts);
  } catch (error) {
    if (error instanceof LinkError) return error.code;
    throw error;
  }
  return "none";
}

describe("hostile modules › sizes that are declared", () => {
  it("of all memories and of all tables have a ceiling together", () => {
    expect(refusal(memories(2, 2 ** 16))).toBe("none");
    expect(refusal({ memories: vector(3, () => [0, ...unsigned(2 ** 16)]) })).toBe(
      "limit-exceeded",
    );
    expect(refusal(tables(4, 2 ** 22))).toBe("none");
    expect(refusal(tables(5, 2 ** 22))).toBe("limit-exceeded");
  });

  it("of memories that the host cannot hold leave the program to the reference", () => {
    expect(fastPathRefusal(genesis(linked(memories(3, 30_000))))).toMatch(/^memorySize/);
  });

  it("take no memory on the fast path until they are written", () => {
    const machine = new Machine(linked({ ...memories(1, 16_000), turns: 100 }));
    const before = process.memoryUsage().rss;
    machine.begin(new Uint8Array(0));
    machine.run({ executor: "fast" });
    expect(fastPathRefusal(machine.state)).toBeUndefined();
    expect(machine.isRunning).toBe(false);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  it("move with what was written, to the byte", () => {
    const from = new Uint8Array(3 * 4096);
    for (const at of [0, 4095, 12_287]) from[at] = 7;
    const to = new Uint8Array(from.length);
    copyFilled(from, to);
    expect(to).toEqual(from);
  });
});
