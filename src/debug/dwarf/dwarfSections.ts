/**
 * The custom sections of a module that hold DWARF (tool conventions for WebAssembly: one `.debug_…` section each; addresses
 * count from the code section's content).
 *
 * Invariant: sections are views of the module's bytes; all cursors on them share one budget.
 */
import type { Module } from "../../interpreter/index.ts";
import { Cursor, WorkBudget } from "./cursor.ts";

export class DwarfSections {
  readonly #sections = new Map<string, Uint8Array>();
  readonly budget: WorkBudget;

  constructor(module: Module) {
    let bytes = 0;
    for (const { name, start, end } of module.customSections) {
      if (!name.startsWith(".debug_") || this.#sections.has(name)) continue;
      this.#sections.set(name, module.bytes.subarray(start, end));
      bytes += end - start;
    }
    this.budget = new WorkBudget(bytes);
  }

  has(name: string): boolean {
    return this.#sections.has(name);
  }

  /** A cursor at a place of a section; undefined if the module has no such section. */
  open(name: string, position = 0): Cursor | undefined {
    const bytes = this.#sections.get(name);
    return bytes && new Cursor(name, bytes, this.budget, position);
  }
}
