/** Programs of a few lines for the tests of linking and lowering, and what they are made of. */
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { LinkError } from "../../../src/interpreter/errors.ts";
import { executedRow } from "../../../src/interpreter/isa/table.ts";
import { link, type NamedModule } from "../../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";

export const i32 = (value: number): Code => op("i32.const", value);
export const named = (name: string, text: ModuleText): NamedModule => ({
  name,
  module: decodeModule(assemble(text)),
});
export const linked = (text: ModuleText, options: Partial<LinkOptions> = {}): Program =>
  link([named("m", text)], options);

export function codeOfError(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof LinkError) return error.code;
    throw error;
  }
  return "none";
}

/** Instructions of a program as text: mnemonic and fields. */
export function listing(program: Program): string[] {
  const view = new DataView(program.code.buffer, program.code.byteOffset, program.code.length);
  return Array.from({ length: program.code.length / 16 }, (_, pc) => {
    const row = executedRow(view.getUint16(pc * 16));
    const fields = [4, 8, 12].map((at) => view.getUint32(pc * 16 + at));
    return `${row?.mnemonic} ${fields.join(" ")} @${program.heights[pc]}`;
  });
}
