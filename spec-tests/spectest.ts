/**
 * The host module `spectest` that the official scripts import, as an ordinary module in text form
 * (interpreter/README.md §Scripts of the specification's repository). Its print functions print nothing.
 */
import type { ScriptEngine } from "./engine.ts";
import { convertText } from "./script/convert.ts";

const functions = [
  ["print", ""],
  ["print_i32", "i32"],
  ["print_i64", "i64"],
  ["print_f32", "f32"],
  ["print_f64", "f64"],
  ["print_i32_f32", "i32 f32"],
  ["print_f64_f64", "f64 f64"],
] as const;

const globals = [
  ["i32", "666"],
  ["i64", "666"],
  ["f32", "666.6"],
  ["f64", "666.6"],
] as const;

function spectestText(table64: boolean): string {
  return [
    "(module",
    ...functions.map(([name, params]) => `(func (export "${name}") (param ${params}))`),
    ...globals.map(
      ([type, value]) => `(global (export "global_${type}") ${type} (${type}.const ${value}))`,
    ),
    '(table (export "table") 10 20 funcref)',
    ...(table64 ? ['(table (export "table64") i64 10 20 funcref)'] : []),
    '(memory (export "memory") 1 2))',
  ].join("\n");
}

async function convert(table64: boolean): Promise<Uint8Array> {
  const binary = await convertText(spectestText(table64));
  if ("refused" in binary) throw new Error(`spectest is refused: ${binary.refused}`);
  return binary.bytes;
}

const binaries = new Map<boolean, Promise<Uint8Array>>();

/** The module's binary; `table64`: with the 64-bit table that scripts of the memory64 proposal import. */
export function spectestBinary(table64: boolean): Promise<Uint8Array> {
  let binary = binaries.get(table64);
  if (binary === undefined) {
    binary = convert(table64);
    binaries.set(table64, binary);
  }
  return binary;
}

/** Instantiates `spectest` in a fresh engine and makes it importable. */
export function provideSpectest(engine: ScriptEngine, bytes: Uint8Array): void {
  const module = engine.compile(bytes);
  const instance = "refused" in module ? module : engine.instantiate(module);
  if (!("instance" in instance)) throw new Error("expected spectest to be instantiated");
  engine.register("spectest", instance);
}
