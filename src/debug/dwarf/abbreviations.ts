/**
 * Abbreviation tables of `.debug_abbrev`: what entries of a unit look like (DWARF 5 §7.5.3).
 *
 * Invariant: a table is read once, however many units name it.
 */
import { attributes, forms } from "./codes.ts";
import type { DwarfSections } from "./dwarfSections.ts";

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Attribute, form and implicit value, one after another. */
  readonly specifications: readonly number[];
}

export type AbbreviationTable = ReadonlyMap<number, Abbreviation>;

/** Attributes that are looked at; values of all others are passed over. */
export const knownAttributes: ReadonlySet<number> = new Set(Object.values(attributes));

export class AbbreviationTables {
  readonly #sections: DwarfSections;
  readonly #tables = new Map<number, AbbreviationTable>();

  constructor(sections: DwarfSections) {
    this.#sections = sections;
  }

  at(offset: number): AbbreviationTable {
    let table = this.#tables.get(offset);
    if (table === undefined) {
      table = this.#read(offset);
      this.#tables.set(offset, table);
    }
    return table;
  }

  #read(offset: number): AbbreviationTable {
    const table = new Map<number, Abbreviation>();
    const cursor = this.#sections.open(".debug_abbrev", offset);
    if (cursor === undefined) return table;
    for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
      const tag = cursor.uleb();
      const hasChildren = cursor.u8() !== 0;
      const specifications: number[] = [];
      for (;;) {
        cursor.budget.spend(1, cursor.section);
        const attribute = cursor.uleb();
        const form = cursor.uleb();
        const implicit = form === forms.implicitConst ? cursor.sleb() : 0;
        if (attribute === 0 && form === 0) break;
        specifications.push(attribute, form, implicit);
      }
      table.set(code, { tag, hasChildren, specifications });
    }
    return table;
  }
}
