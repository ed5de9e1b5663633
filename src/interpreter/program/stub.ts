/**
 * Synthesized functions: stubs that stand for host functions where a reference is needed, and the boot function
 * that runs the modules' start functions (docs/machine.md §3, §10).
 *
 * Invariant: they are made of ordinary instructions, so no executor knows them.
 */
import type { FunctionType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { slotsOf, typeSlots } from "../binary/valueType.ts";
import type { InstructionRow, Mnemonic } from "../isa/table.ts";
import { executedRow, opOf } from "../isa/table.ts";
import type { HostMnemonic } from "./externals.ts";
import { stubEntryCost } from "./fuelSchedule.ts";
import { hostFields } from "./hostList.ts";
import type { FunctionEntry } from "./program.ts";
import type { ProgramBuilder } from "./programBuilder.ts";

/** What is in place of a module's index, a function's or an offset for code that no module holds. */
export const synthesized = -1;

interface Fields {
  readonly a?: number;
  readonly b?: number;
  readonly c?: number;
}

function emit(
  builder: ProgramBuilder,
  mnemonic: Mnemonic,
  height: number,
  fields: Fields = {},
): number {
  const op = opOf(mnemonic);
  const { fuel } = executedRow(op) as InstructionRow;
  const cost = fuel === "none" ? 0 : builder.options.schedule[fuel];
  const { a = 0, b = 0, c = 0 } = fields;
  return builder.code.emit(op, cost, height, synthesized, a, b, c);
}

/**
 * A function of the host's type: a `local.get` for each parameter (`local.get.v128` for a vector), the host instruction,
 * `return`. Returns its program-wide index.
 */
export function emitStub(
  builder: ProgramBuilder,
  host: { readonly mnemonic: HostMnemonic; readonly type: FunctionType },
  memory: number | undefined,
): number {
  const { params, results } = typeSlots(host.type);
  const index = builder.addFunction(host.type, params, synthesized, synthesized);
  const entry = builder.functions[index];
  entry.entryPc = builder.code.instructions;
  entry.frame = params + Math.max(params, results);
  builder.starts.push({
    entryPc: entry.entryPc,
    module: synthesized,
    function: index,
    name: host.mnemonic,
    offsets: undefined,
  });
  let slot = 0;
  for (const type of host.type.params) {
    const get = type === valueTypes.v128 ? "local.get.v128" : "local.get";
    emit(builder, get, params + slot, { a: slot });
    slot += slotsOf(type);
  }
  const fields = hostFields(host.mnemonic, memory, builder.options.limits.outputBytes);
  emit(builder, host.mnemonic, params * 2, fields);
  emit(builder, "return", params + results, { a: results });
  const { schedule } = builder.options;
  builder.code.changeCost(entry.entryPc, (cost) => stubEntryCost(cost, schedule));
  return index;
}

/** The boot function: a call for each start function in link order, then `return`. */
export function emitBoot(
  builder: ProgramBuilder,
  startFunctions: readonly number[],
): FunctionEntry {
  const typeId = builder.typeId({ params: [], results: [] });
  const entryPc = builder.code.instructions;
  builder.starts.push({
    entryPc,
    module: synthesized,
    function: -1,
    name: "boot",
    offsets: undefined,
  });
  for (const start of startFunctions) {
    const callee = builder.functions[start];
    emit(builder, "call", 0, { a: callee.entryPc, b: callee.locals, c: callee.frame });
  }
  emit(builder, "return", 0);
  return {
    typeId,
    entryPc,
    params: 0,
    locals: 0,
    frame: 0,
    results: 0,
    module: synthesized,
    index: synthesized,
  };
}
