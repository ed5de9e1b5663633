/**
 * The corpus is what it claims: it executes every instruction of the table, ends in every trap, crosses every edge,
 * and the block executor's results, traps and memories are the host engine's.
 */
import { describe, expect, it } from "vitest";
import { instructions } from "../../src/interpreter/isa/table.ts";
import {
  reservedTraps,
  type TrapName,
  trapCodes,
  trapName,
} from "../../src/interpreter/isa/trapCodes.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { StepSampler } from "../sample.ts";
import { disagreement } from "./hostComparison.ts";
import { corpusCases, corpusModules, stateOf } from "./index.ts";

const modules = corpusModules();
const cases = corpusCases();

describe("corpus", () => {
  it("has names of its own for all cases, and a smaller grid is part of a larger one", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect(names.size).toBe(cases.length);
    for (const { name } of corpusCases({ perRow: 3 })) expect(names.has(name)).toBe(true);
  });

  it("executes every instruction of the table", () => {
    const sampler = new StepSampler(() => undefined);
    for (const item of cases) sampler.execute(stateOf(item));
    const { perOpcode, steps } = sampler.report();
    const missing = instructions.filter(
      (row) => row.family !== "structure" && !perOpcode.has(row.op),
    );
    expect(missing.map(({ mnemonic }) => mnemonic)).toEqual([]);
    console.info(`corpus: ${modules.length} modules, ${cases.length} cases, ${steps} steps`);
  });

  it("ends in every trap that a row of the table can end in", () => {
    const seen = new Map<string, Set<string>>();
    const note = (mnemonic: string, trap: string) => {
      const traps = seen.get(mnemonic) ?? new Set<string>();
      seen.set(mnemonic, traps.add(trap));
    };
    const byOp = new Map<number, string>(
      instructions.flatMap((row) =>
        row.family === "structure" ? [] : [[row.op, row.mnemonic] as const],
      ),
    );
    const sampler = new StepSampler(
      (state) => {
        const at = state.pc * 16;
        const mnemonic = byOp.get((state.program.code[at] << 8) | state.program.code[at + 1]);
        return (after) => {
          if (after.status === statusCodes.trapped) note(mnemonic as string, trapName(after.trap));
        };
      },
      { factor: 1 },
    );
    for (const item of corpusCases({ perRow: 200 })) sampler.execute(stateOf(item));
    const missing = instructions.flatMap(({ mnemonic, traps }) =>
      traps.filter((trap) => !seen.get(mnemonic)?.has(trap)).map((trap) => `${mnemonic}: ${trap}`),
    );
    expect(missing).toEqual([]);
    const all = new Set([...seen.values()].flatMap((traps) => [...traps]));
    expect([...all].sort()).toEqual(
      (Object.keys(trapCodes) as TrapName[])
        .filter((name) => name !== "none" && !reservedTraps.has(name))
        .sort(),
    );
  });
});

describe("corpus › blocks", () => {
  it.each(modules)("$name", async (module) => {
    const items = cases.filter((each) => each.module.name === module.name);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) {
      expect([item.name, await disagreement(item)]).toEqual([item.name, undefined]);
    }
  });
});
