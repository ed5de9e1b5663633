/** Modules of which only custom sections matter, and the places of a module's instructions. */
import { unsigned } from "../../spec-tests/corpus/assembler.ts";
import { codeSection } from "../../src/debug/codeSection.ts";
import { ModuleLines } from "../../src/debug/moduleLines.ts";
import { decodeModule, listFunction, type Module } from "../../src/interpreter/index.ts";

export { unsigned };

const utf8 = new TextEncoder();

/** Little-endian, four bytes. */
export function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
}

export function text(value: string): number[] {
  return [...utf8.encode(value), 0];
}

/** A binary with a function of nops and these custom sections after it. */
export function withSections(
  sections: Readonly<Record<string, Uint8Array | readonly number[]>>,
): Module {
  const body = [0, ...Array(60).fill(1), 0x0b];
  const parts: (Uint8Array | readonly number[])[] = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 4, 1, 0x60, 0, 0],
    [3, 2, 1, 0],
    [10, body.length + 2, 1, body.length, ...body],
  ];
  for (const [name, content] of Object.entries(sections)) {
    const head = [...unsigned(name.length), ...utf8.encode(name)];
    parts.push([0, ...unsigned(head.length + content.length), ...head], content);
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return decodeModule(bytes);
}

/** Byte offsets of all instructions of a module. */
export function instructionOffsets(module: Module): number[] {
  const imported = module.imports.filter(({ kind }) => kind === "function").length;
  return module.bodies.flatMap((_, index) =>
    listFunction(module, imported + index).map(({ offset }) => offset),
  );
}

/** `function file:line:column` of every frame, innermost first. */
export function framesText(lines: ModuleLines, offset: number): string[] {
  return (lines.find(offset) ?? []).map(
    (frame) => `${frame.function ?? ""} ${frame.file}:${frame.line}:${frame.column}`,
  );
}

export function linesOf(module: Module): ModuleLines {
  return new ModuleLines(module, () => undefined);
}

/** Where addresses of debugging data begin to count. */
export function codeStart(module: Module): number {
  return codeSection(module).start;
}
