/**
 * DWARF of one module: from an address in the code section to file, line, column, function and inlined calls.
 *
 * Invariant: built on the first question, functions of a unit on the first question about it; what is broken ends in `problems`,
 * and answers come from what could be read.
 */
import { DebugDataError } from "../debugDataError.ts";
import type { SourceFrame } from "../sourcePlace.ts";
import type { DwarfSections } from "./dwarfSections.ts";
import { FunctionNames, type FunctionNode, UnitFunctions } from "./functions.ts";
import { type LineProgram, LineTable } from "./lineTable.ts";
import { joinedPath } from "./path.ts";
import { readUnits, type Unit } from "./units.ts";

export class Dwarf {
  readonly #sections: DwarfSections;
  readonly #codeSize: number;
  readonly #lines: LineTable;
  readonly #units: Unit[] = [];
  readonly #unitOfProgram = new Map<number, Unit>();
  readonly #functions = new Map<Unit, UnitFunctions | undefined>();
  readonly #names: FunctionNames;
  readonly #problems = new Set<string>();

  /** @param codeSize bytes of the code section's content, from which addresses count. */
  constructor(sections: DwarfSections, codeSize: number) {
    this.#sections = sections;
    this.#codeSize = codeSize;
    this.#lines = new LineTable(sections, codeSize);
    if (this.#lines.problem !== undefined) this.#problems.add(this.#lines.problem.message);
    this.#guarded(() => {
      for (const unit of readUnits(sections)) {
        this.#units.push(unit);
        if (unit.lineProgram !== undefined && !this.#unitOfProgram.has(unit.lineProgram)) {
          this.#unitOfProgram.set(unit.lineProgram, unit);
        }
      }
    });
    this.#names = new FunctionNames(sections, this.#units);
    this.#noteSplitUnits();
  }

  /** What was wrong with the data so far, one sentence each. */
  get problems(): ReadonlySet<string> {
    return this.#problems;
  }

  /** The frames at an address, innermost first; undefined if the data say nothing of it. */
  find(address: number): readonly SourceFrame[] | undefined {
    const row = this.#lines.find(address);
    if (row === undefined) return undefined;
    const { program } = row;
    const unit = this.#unitOfProgram.get(program.offset);
    let node = unit && this.#functionsOf(unit)?.find(address);
    const frames: SourceFrame[] = [];
    let place = { file: fileOf(program, unit, row.file), line: row.line, column: row.column };
    do {
      frames.push({ ...place, function: node && this.#nameOf(node) });
      if (node?.caller === undefined) break;
      const { callFile, callLine, callColumn } = node;
      place = { file: fileOf(program, unit, callFile), line: callLine, column: callColumn };
      node = node.caller;
    } while (node !== undefined);
    return frames;
  }

  #functionsOf(unit: Unit): UnitFunctions | undefined {
    if (!this.#functions.has(unit)) {
      const made = this.#guarded(() => new UnitFunctions(this.#sections, unit, this.#codeSize));
      this.#functions.set(unit, made);
    }
    return this.#functions.get(unit);
  }

  #nameOf(node: FunctionNode): string | undefined {
    return this.#guarded(() => this.#names.of(node));
  }

  #guarded<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DebugDataError)) throw error;
      this.#problems.add(error.message);
      return undefined;
    }
  }

  #noteSplitUnits(): void {
    const split = this.#units.flatMap(({ splitFile }) => splitFile ?? []);
    if (split.length === 0) return;
    const more = split.length === 1 ? "" : ` and ${split.length - 1} more`;
    this.#problems.add(
      `functions are described in other files (${split[0]}${more}: split DWARF), which are not read; lines are known`,
    );
  }
}

/** The path of a file by its number; empty if there is none. */
function fileOf(program: LineProgram, unit: Unit | undefined, index: number): string {
  const path = program.files[index]?.path;
  if (path === undefined) return "";
  // From version 5 on the program lists the folder of compilation itself.
  return program.version < 5 ? joinedPath(unit?.compDir ?? "", path) : path;
}
