/**
 * The debugging data of one module, of whichever kind it has: DWARF, or a source map.
 *
 * Invariant: nothing here throws, whatever the data are; what is wrong with them, or where they are if they are elsewhere, is
 * in `notes`.
 */
import type { Module } from "../interpreter/index.ts";
import { codeSection } from "./codeSection.ts";
import { DebugDataError } from "./debugDataError.ts";
import { Dwarf } from "./dwarf/dwarf.ts";
import { DwarfSections } from "./dwarf/dwarfSections.ts";
import { inlineSourceMap, SourceMap, sourceMapSection, sourceMapUrl } from "./sourceMap.ts";
import type { SourceFrame } from "./sourcePlace.ts";

/** Gives the text of a source map by what the module says of its place; undefined if it is not to be had. */
export type FindSourceMap = (url: string) => string | undefined;

/** An export that packing adds when it takes out a start section: offsets in the binary are others then. */
const movedStart = "wasm-arbiter.start";

export class ModuleLines {
  readonly #module: Module;
  readonly #codeStart: number;
  readonly #dwarf: Dwarf | undefined;
  readonly #sourceMap: SourceMap | undefined;
  readonly #notes = new Set<string>();

  constructor(module: Module, findSourceMap: FindSourceMap) {
    this.#module = module;
    const { start, size } = codeSection(module);
    this.#codeStart = start;
    const sections = new DwarfSections(module);
    if (sections.has(".debug_line")) {
      this.#dwarf = new Dwarf(sections, size);
    } else {
      this.#noteExternal();
      try {
        this.#sourceMap = this.#openSourceMap(findSourceMap);
      } catch (error) {
        if (!(error instanceof DebugDataError)) throw error;
        this.#notes.add(error.message);
      }
    }
  }

  /** Whether there is anything to ask. */
  get hasLines(): boolean {
    return this.#dwarf !== undefined || this.#sourceMap !== undefined;
  }

  get notes(): readonly string[] {
    return [...this.#notes, ...(this.#dwarf?.problems ?? [])];
  }

  /** The frames of the instruction at a byte offset of the binary, innermost first; undefined if nothing is known. */
  find(offset: number): readonly SourceFrame[] | undefined {
    return this.#dwarf?.find(offset - this.#codeStart) ?? this.#sourceMap?.find(offset);
  }

  /** Text of a source file, if the data carry it. */
  sourceText(file: string): string | undefined {
    return this.#sourceMap?.sourceText(file);
  }

  #openSourceMap(findSourceMap: FindSourceMap): SourceMap | undefined {
    const url = sourceMapUrl(this.#module);
    if (url === undefined) return undefined;
    if (this.#module.exports.some(({ name }) => name === movedStart)) {
      this.#notes.add(`${sourceMapSection}: the map is not used: packing has moved the code`);
      return undefined;
    }
    const text = inlineSourceMap(url) ?? findSourceMap(url);
    if (text !== undefined) return new SourceMap(this.#module, text);
    this.#notes.add(`${sourceMapSection}: the map ${url} is not there`);
    return undefined;
  }

  /** A module whose DWARF was split off whole, as Emscripten and wasm-split do (tool conventions, "External DWARF"). */
  #noteExternal(): void {
    if (!this.#module.customSections.some(({ name }) => name === "external_debug_info")) return;
    this.#notes.add(
      "external_debug_info: the debugging data are in a file of their own, which is not read",
    );
  }
}
