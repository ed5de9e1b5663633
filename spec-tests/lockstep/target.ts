/**
 * A stranger's module as something to put through lockstep: decoded, linked and standing at the beginning of a call
 * of one of its exported functions.
 *
 * Invariant: imports that nobody gives trap when they are called, so any valid module can be looked at.
 */
import { readFileSync } from "node:fs";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { type FunctionType, type Module, valueTypes } from "../../src/interpreter/binary/module.ts";
import { run } from "../../src/interpreter/blocks/runSteps.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation } from "../../src/interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/state/machineState.ts";

export interface Target {
  readonly file: string;
  /** Exported function; the only one if not given. */
  readonly name?: string;
  /** One number a parameter: `-3`, `0xff`, `1.5`, `nan`, `inf`. */
  readonly args: readonly string[];
  /** File with the input of a gateway call; makes the export the gateway. */
  readonly input?: string;
}

function floatOf(text: string): number {
  const word = text.toLowerCase();
  if (word === "nan") return Number.NaN;
  if (word === "inf" || word === "-inf") return word === "inf" ? Infinity : -Infinity;
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value))
    throw new RangeError(`expected a number, got ${text}`);
  return value;
}

function integerOf(text: string): bigint {
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}

/** The slot of an argument. */
function slotOf(text: string, type: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  switch (type) {
    case valueTypes.i32:
      return BigInt.asUintN(32, integerOf(text));
    case valueTypes.i64:
      return BigInt.asUintN(64, integerOf(text));
    case valueTypes.f32:
      view.setFloat32(0, floatOf(text));
      return BigInt(view.getUint32(0));
    case valueTypes.f64:
      view.setFloat64(0, floatOf(text));
      return view.getBigUint64(0);
    default:
      return integerOf(text);
  }
}

function exportedFunction(module: Module, name: string | undefined) {
  const functions = module.exports.filter(({ kind }) => kind === "function");
  const found = name === undefined && functions.length === 1 ? functions[0] : undefined;
  const chosen = found ?? functions.find((item) => item.name === name);
  if (chosen === undefined) {
    const names = functions.map((item) => item.name).join(", ");
    throw new RangeError(`expected one of the exported functions ${names}, got ${name}`);
  }
  return chosen;
}

function typeOf(module: Module, index: number): FunctionType {
  const imported = module.imports.filter(({ kind }) => kind === "function");
  const own = index - imported.length;
  const item = imported[index];
  const typeIndex = own < 0 && item?.kind === "function" ? item.typeIndex : module.functions[own];
  return module.types[typeIndex];
}

/** A machine at the first instruction of the call; what a start function does has been done. */
export function stateOfTarget({ file, name, args, input }: Target): MachineState {
  const module = decodeModule(new Uint8Array(readFileSync(file)));
  const chosen = exportedFunction(module, name);
  const { params } = typeOf(module, chosen.index);
  if (params.length !== args.length) {
    throw new RangeError(`expected ${params.length} arguments, got ${args.length}`);
  }
  const gateway = input === undefined ? {} : { gateway: chosen.name };
  const program = link([{ name: "module", module }], { unknownImports: "trap", ...gateway });
  const state = genesis(program);
  if (state.status === statusCodes.running) run(state);
  if (input !== undefined) begin(state, new Uint8Array(readFileSync(input)));
  else {
    const slots = args.map((text, index) => slotOf(text, params[index]));
    beginInvocation(state, program.modules[0].functions[chosen.index], slots);
  }
  return state;
}
