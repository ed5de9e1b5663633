/**
 * Compares what the block executor does on a case with what the host engine does: results, traps, exported memory.
 *
 * Invariant: NaNs are equal to each other (ours are canonical, the host's are any), and so are references to
 * functions; everything else is compared bit for bit.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { run } from "../../src/interpreter/blocks/runSteps.ts";
import { trapMessages, trapName } from "../../src/interpreter/isa/trapCodes.ts";
import { results } from "../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { valuesOfSlots } from "../../src/interpreter/state/valueSlots.ts";
import type { ActionResult, Instance } from "../engine.ts";
import { v8 } from "../engines/v8.ts";
import type { Value, ValueKind } from "../script/value.ts";
import { type CorpusCase, type CorpusModule, stateOf } from "./case.ts";

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
  123: "v128",
  112: "funcref",
  111: "externref",
};

function printOutcome(outcome: ActionResult): string {
  if ("trap" in outcome) return `trap: ${outcome.trap}`;
  return "values" in outcome ? outcome.values.map(canonical).join(", ") : outcome.exception;
}

/** The host engine's outcome and memory for a call on a fresh instance. */
async function hostOutcome(item: CorpusCase, params: ValueKind[], resultKinds: ValueKind[]) {
  const engine = await v8.create("3.0");
  const make = (wasm: Uint8Array): Instance => {
    const compiled = engine.compile(wasm);
    const made = "refused" in compiled ? compiled : engine.instantiate(compiled);
    if (!("instance" in made)) throw new Error(`expected an instance of ${item.name}`);
    return made;
  };
  for (const { name, wasm } of item.module.others ?? []) engine.register(name, make(wasm));
  const instance = make(item.wasm);
  const values = item.args.map((bits, index) => ({ type: params[index], bits }));
  const outcome = engine.invoke(instance, item.export, values, resultKinds);
  const { memory } = (instance.instance as WebAssembly.Instance).exports;
  const bytes = memory instanceof WebAssembly.Memory ? new Uint8Array(memory.buffer) : undefined;
  return { outcome, bytes };
}

function typesOf(module: CorpusModule, name: string) {
  const decoded = decodeModule(module.wasm);
  const item = decoded.exports.find((entry) => entry.name === name);
  const imported = decoded.imports.filter(({ kind }) => kind === "function").length;
  const typeIndex = decoded.functions[(item?.index ?? 0) - imported];
  const { params, results: out } = decoded.types[typeIndex];
  const memory = decoded.exports.find((entry) => entry.kind === "memory")?.index;
  return {
    params: params.map((type) => kinds[type]),
    results: out.map((type) => kinds[type]),
    resultTypes: out,
    memory,
  };
}

/** Runs a case; says in one line in what the block executor differs from what is expected, or undefined. */
export async function disagreement(item: CorpusCase): Promise<string | undefined> {
  const state = stateOf(item);
  run(state);
  const trap = trapName(state.trap);
  if (item.trap !== undefined && item.trap !== trap) return `expected ${item.trap}, got ${trap}`;
  if (item.module.machineOnly || item.boot) return undefined;
  const types = typesOf(item.module, item.export);
  const host = await hostOutcome(item, types.params, types.results);
  const trapped = state.status === statusCodes.trapped;
  const values = valuesOfSlots(types.resultTypes, results(state)).map((bits, index) => ({
    type: types.results[index],
    bits,
  }));
  const own: ActionResult = trapped ? { trap: trapMessages[trap] } : { values };
  // The host's text for a trap may stand for two of ours; it contains both.
  const same =
    "trap" in host.outcome && "trap" in own
      ? host.outcome.trap.includes(own.trap)
      : printOutcome(own) === printOutcome(host.outcome);
  if (!same) return `host: ${printOutcome(host.outcome)}, blocks: ${printOutcome(own)}`;
  if (host.bytes === undefined) return undefined;
  const { bytes } = state.memories[types.memory as number];
  return Buffer.compare(bytes, host.bytes) === 0 ? undefined : "memories differ";
}
