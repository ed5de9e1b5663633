/**
 * From a pc of a program to its place in the source: the map that the linker keeps (pc to module and byte offset), then the
 * module's own debugging data.
 *
 * Invariant: nothing is read before the first question about a module; places are kept, so that a profile asks once a pc.
 */
import type { Module, Program } from "../interpreter/index.ts";
import { type FindSourceMap, ModuleLines } from "./moduleLines.ts";
import type { SourcePlace } from "./sourcePlace.ts";

/** Gives source maps that modules only name. */
export interface ProgramLinesOptions {
  /**
   * Text of the source map that a module names.
   *
   * @param module the module, as the program has it.
   * @param url what its section `sourceMappingURL` says; not a `data:` URL, which is read without asking.
   */
  readonly sourceMapOf?: (module: Module, url: string) => string | undefined;
}

/** A remark about a module's debugging data: broken, elsewhere, or not there. */
export interface DebugNote {
  readonly module: string;
  readonly note: string;
}

/** Source places of a program's instructions. Never throws for what the debugging data of its modules are. */
export class ProgramLines {
  readonly program: Program;
  readonly #options: ProgramLinesOptions;
  readonly #modules = new Map<number, ModuleLines>();
  readonly #places = new Map<number, SourcePlace | undefined>();

  constructor(program: Program, options: ProgramLinesOptions = {}) {
    this.program = program;
    this.#options = options;
  }

  /**
   * Where the instruction at a pc comes from; undefined of code that the linker made and of modules without debugging data.
   *
   * @throws RangeError for a number that is no pc of the program.
   */
  at(pc: number): SourcePlace | undefined {
    if (this.#places.has(pc)) return this.#places.get(pc);
    const { module, offset } = this.program.locate(pc);
    const frames = module < 0 || offset < 0 ? undefined : this.#linesOf(module).find(offset);
    const [first, ...inlinedInto] = frames ?? [];
    const place = first && { ...first, inlinedInto };
    this.#places.set(pc, place);
    return place;
  }

  /** Text of a place's source file, where the debugging data carry it. */
  sourceText(pc: number, file: string): string | undefined {
    const { module } = this.program.locate(pc);
    return module < 0 ? undefined : this.#linesOf(module).sourceText(file);
  }

  /** What there is to say of the modules that were asked about. */
  get notes(): readonly DebugNote[] {
    return [...this.#modules].flatMap(([index, { notes }]) =>
      notes.map((note) => ({ module: this.program.modules[index].name, note })),
    );
  }

  #linesOf(index: number): ModuleLines {
    let lines = this.#modules.get(index);
    if (lines === undefined) {
      const { module } = this.program.modules[index];
      const find: FindSourceMap = (url) => this.#options.sourceMapOf?.(module, url);
      lines = new ModuleLines(module, find);
      this.#modules.set(index, lines);
    }
    return lines;
  }
}
