/**
 * The corpus is what it claims: it executes every instruction of the table, ends in every trap, crosses every edge,
 * and the stepper's results, traps and memories are V8's.
 */
import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { instructions } from "../../src/interpreter/isa/table.ts";
import { results } from "../../src/interpreter/machine/call.ts";
import { run } from "../../src/interpreter/machine/run.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/machine/state.ts";
import { type TrapName, trapCodes, trapMessages, trapName } from "../../src/interpreter/trap.ts";
import type { Outcome } from "../engine.ts";
import { v8 } from "../engines/v8.ts";
import { StepSampler } from "../sample.ts";
import type { Value, ValueKind } from "../script/value.ts";
import {
  type CorpusCase,
  type CorpusModule,
  corpusCases,
  corpusModules,
  stateOf,
} from "./index.ts";

const modules = corpusModules();
const cases = corpusCases();

const trapOf = (state: MachineState): TrapName => trapName(state.trap);

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
      (row) => row.family !== "structure" && !perOpcode.has(row.code),
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
    const byCode = new Map<number, string>(
      instructions.map(({ code, mnemonic }) => [code, mnemonic]),
    );
    const sampler = new StepSampler(
      (state) => {
        const at = state.pc * 16;
        const mnemonic = byCode.get((state.program.code[at] << 8) | state.program.code[at + 1]);
        return (after) => {
          if (after.status === statusCodes.trapped) note(mnemonic as string, trapOf(after));
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
      Object.keys(trapCodes)
        .filter((name) => name !== "none")
        .sort(),
    );
  });
});

/** Our NaNs are canonical with the sign bit; V8's are any: both become one. */
function canonical({ type, bits }: Value): string {
  const isNan =
    (type === "f32" && (bits & 0x7fffffffn) > 0x7f800000n) ||
    (type === "f64" && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n);
  if (isNan) return `${type}: NaN`;
  return type === "funcref" ? `${type}: ${bits !== 0n}` : `${type}: ${bits.toString(16)}`;
}

const kinds: Readonly<Record<number, ValueKind>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  112: "funcref",
  111: "externref",
};

function printOutcome(outcome: Outcome): string {
  if ("trap" in outcome) return `trap: ${outcome.trap}`;
  return "values" in outcome ? outcome.values.map(canonical).join(", ") : outcome.exception;
}

/** The host engine's outcome and memory for a call on a fresh instance. */
async function hostOutcome(item: CorpusCase, params: ValueKind[], resultKinds: ValueKind[]) {
  const engine = await v8.create("3.0");
  const compiled = engine.compile(item.wasm);
  if ("refused" in compiled) throw new Error(compiled.message);
  const instance = engine.instantiate(compiled);
  if (!("instance" in instance)) throw new Error("expected an instance");
  const values = item.args.map((bits, index) => ({ type: params[index], bits }));
  const outcome = engine.invoke(instance, item.export, values, resultKinds);
  const { memory } = (instance.instance as WebAssembly.Instance).exports;
  const bytes = memory instanceof WebAssembly.Memory ? new Uint8Array(memory.buffer) : undefined;
  return { outcome, bytes };
}

function typesOf(module: CorpusModule, name: string) {
  const decoded = decodeModule(module.wasm);
  const item = decoded.exports.find((entry) => entry.name === name);
  const { params, results: out } = decoded.types[decoded.functions[item?.index ?? 0]];
  const memory = decoded.exports.find((entry) => entry.kind === "memory")?.index;
  return {
    params: params.map((type) => kinds[type]),
    results: out.map((type) => kinds[type]),
    memory,
  };
}

describe("corpus › stepper", () => {
  it.each(modules)("$name", async (module) => {
    for (const item of cases.filter((each) => each.module === module)) {
      const state = stateOf(item);
      run(state);
      if (item.trap !== undefined)
        expect([item.name, trapOf(state)]).toEqual([item.name, item.trap]);
      if (module.machineOnly || item.boot) continue;
      const types = typesOf(module, item.export);
      const host = await hostOutcome(item, types.params, types.results);
      const trapped = state.status === statusCodes.trapped;
      const own: Outcome = trapped
        ? { trap: trapMessages[trapOf(state)] }
        : { values: results(state).map((bits, index) => ({ type: types.results[index], bits })) };
      // V8's text for a trap may stand for two of ours; it contains both.
      if ("trap" in host.outcome) {
        expect([item.name, trapped]).toEqual([item.name, true]);
        expect(host.outcome.trap).toContain("trap" in own ? own.trap : "");
      } else
        expect([item.name, printOutcome(own)]).toEqual([item.name, printOutcome(host.outcome)]);
      if (host.bytes === undefined) continue;
      const memory = state.memories[types.memory as number].bytes;
      expect([item.name, Buffer.compare(memory, host.bytes)]).toEqual([item.name, 0]);
    }
  });
});
