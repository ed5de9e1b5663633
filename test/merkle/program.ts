/**
 * A WebAssembly text to a linked program, for the tests of this folder.
 */
import wabtModule from "wabt";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../src/interpreter/program/program.ts";

const wabt = await wabtModule();

export function binaryOf(text: string): Uint8Array {
  const module = wabt.parseWat("test.wat", text, { tail_call: true, multi_memory: true } as object);
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

export function programOf(text: string, options: Partial<LinkOptions> = {}): Program {
  return link([{ name: "test", module: decodeModule(binaryOf(text)) }], options);
}
