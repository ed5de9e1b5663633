/**
 * Rewrites a module so that every engine gives this machine's NaNs: behind each instruction that may make a NaN stands code
 * that makes it canonical (docs/machine.md §7).
 *
 * Invariant: sections but the code are copied byte for byte, and indices stay: each function has three locals more, the last.
 */
import { type Code, unsigned } from "../../spec-tests/corpus/assembler.ts";
import { Reader } from "../../src/interpreter/binary/binaryReader.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { type FunctionBody, type Module, valueTypes } from "../../src/interpreter/binary/module.ts";
import { InstructionCursor } from "../../src/interpreter/isa/instructionCursor.ts";
import { instructionOf } from "../../src/interpreter/isa/table.ts";
import { canonicalCode, type ScratchLocals } from "./values.ts";

const headerBytes = 8;
const codeSection = 10;
const scratchTypes = [valueTypes.f32, valueTypes.f64, valueTypes.v128];

/** The instructions of a body, each that may make a NaN with what makes it canonical. */
function rewritten(module: Module, { start, end }: FunctionBody, scratch: ScratchLocals): Code {
  const cursor = new InstructionCursor(module.bytes, module.features);
  const code: number[] = [];
  cursor.open(start, end);
  while (cursor.next()) {
    for (let at = cursor.offset; at < cursor.position; at++) code.push(module.bytes[at]);
    const row = instructionOf(cursor.code);
    if (row?.mayMakeNan) code.push(...canonicalCode(row, scratch));
  }
  return code;
}

function bodyCode(module: Module, index: number): Code {
  const body = module.bodies[index];
  const first = module.types[module.functions[index]].params.length + body.localCount;
  const code = rewritten(module, body, { f: first, F: first + 1, v: first + 2 });
  const runs = [...body.locals, ...scratchTypes.map((type) => ({ count: 1, type }))];
  const locals = runs.flatMap(({ count, type }) => [...unsigned(count), type]);
  const content = [...unsigned(runs.length), ...locals, ...code];
  return [...unsigned(content.length), ...content];
}

/** The module with canonical NaNs. Throws what `decodeModule` throws. */
export function withCanonicalNans(bytes: Uint8Array): Uint8Array {
  const module = decodeModule(bytes);
  const result = [...bytes.subarray(0, headerBytes)];
  const reader = new Reader(bytes, headerBytes);
  while (reader.position < bytes.length) {
    const from = reader.position;
    const id = reader.u8();
    const size = reader.u32();
    reader.position += size;
    if (id === codeSection) {
      const bodies = module.bodies.flatMap((_, index) => bodyCode(module, index));
      const content = [...unsigned(module.bodies.length), ...bodies];
      result.push(id, ...unsigned(content.length), ...content);
    } else {
      for (let at = from; at < reader.position; at++) result.push(bytes[at]);
    }
  }
  return Uint8Array.from(result);
}
