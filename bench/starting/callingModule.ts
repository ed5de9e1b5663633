/**
 * A module whose gateway calls one export of another, which takes integers alone: a large program's first result, as soon as
 * there can be one.
 */
import wabtFactory from "wabt";
import type { Module } from "../../src/interpreter/index.ts";
import { typeText } from "../../src/interpreter/inspect/disassemble.ts";

const wabt = await wabtFactory();
/** What each parameter is given. */
const argument = 8;

/** The binary; it imports from `program`. */
export function callingModule(module: Module, name: string): Uint8Array {
  const found = module.exports.find((item) => item.kind === "function" && item.name === name);
  const own = (found?.index ?? 0) - module.imports.filter(({ kind }) => kind === "function").length;
  const type = module.types[module.functions[own]];
  if (found === undefined || type === undefined) {
    throw new RangeError(`expected an exported function, got ${name}`);
  }
  const text = typeText(type);
  const results = /\(result .*\)/.exec(text)?.[0] ?? "";
  const constants = type.params.map(() => `(i32.const ${argument})`).join(" ");
  const source = `(module (import "program" ${JSON.stringify(name)} (func $call ${text}))
    (func (export "gateway") ${results} (call $call ${constants})))`;
  return wabt.parseWat("gateway.wat", source).toBinary({}).buffer;
}
