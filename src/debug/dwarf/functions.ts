/**
 * Functions of a unit and the calls that were inlined into them (DWARF 5 §3.3): which of them an address lies in.
 *
 * Invariant: the spans of a unit ascend, do not overlap, and each has the innermost function of its addresses; a broken tree
 * gives other names, never an endless walk.
 */
import { attributes, forms, tags } from "./codes.ts";
import type { DwarfSections } from "./dwarfSections.ts";
import { lastAtMost } from "./lineTable.ts";
import { rangesOf } from "./ranges.ts";
import { type Entry, readEntry, textOf, type Unit } from "./units.ts";

/** Most entries in a chain of origins, and nested functions. */
const mostOrigins = 8;
const mostNesting = 1024;

/** A function, or a call of one that was inlined. */
export interface FunctionNode {
  readonly unit: Unit;
  readonly entry: Entry;
  /** What it is inlined into; undefined of a function of its own. */
  readonly caller: FunctionNode | undefined;
  /** Where the inlined call stands in the caller. */
  readonly callFile: number;
  readonly callLine: number;
  readonly callColumn: number;
}

interface Interval {
  readonly low: number;
  readonly high: number;
  readonly node: FunctionNode;
}

interface Span {
  readonly start: number;
  readonly node: FunctionNode | undefined;
}

export class UnitFunctions {
  readonly #spans: readonly Span[];

  constructor(sections: DwarfSections, unit: Unit, codeSize: number) {
    this.#spans = spansOf(intervalsOf(sections, unit, codeSize));
  }

  /** The innermost function or inlined call at an address. */
  find(address: number): FunctionNode | undefined {
    return this.#spans[lastAtMost(this.#spans.length, address, (i) => this.#spans[i].start)]?.node;
  }
}

/** All intervals, callers before what is inlined into them. */
function intervalsOf(sections: DwarfSections, unit: Unit, codeSize: number): Interval[] {
  const intervals: Interval[] = [];
  const cursor = sections.open(".debug_info", unit.firstEntry);
  if (cursor === undefined) return intervals;
  cursor.limit = unit.end;
  /** The function around each open list of siblings. */
  const around: (FunctionNode | undefined)[] = [];
  do {
    const entry = readEntry(cursor, unit.abbreviations, unit);
    if (entry === undefined) {
      around.pop();
      continue;
    }
    let node = around.at(-1);
    if (entry.tag === tags.subprogram || entry.tag === tags.inlinedSubroutine) {
      const ranges = rangesOf(sections, unit, entry, codeSize);
      if (ranges.length > 0) {
        node = nodeOf(unit, entry, node);
        for (const [low, high] of ranges) intervals.push({ low, high, node });
      }
    }
    if (entry.hasChildren) {
      if (around.length === mostNesting) cursor.fail("is nested too deep");
      around.push(node);
    }
  } while (around.length > 0 && cursor.position < unit.end);
  return intervals;
}

function nodeOf(unit: Unit, entry: Entry, around: FunctionNode | undefined): FunctionNode {
  const isInlined = entry.tag === tags.inlinedSubroutine;
  const number = (attribute: number) => entry.values.get(attribute)?.value ?? 0;
  return {
    unit,
    entry,
    caller: isInlined ? around : undefined,
    callFile: number(attributes.callFile),
    callLine: number(attributes.callLine),
    callColumn: number(attributes.callColumn),
  };
}

/** The intervals cut so that each address belongs to the innermost alone. */
function spansOf(intervals: readonly Interval[]): Span[] {
  const order = intervals.map((_, index) => index);
  // Of intervals that begin together the outer one is listed first.
  order.sort((a, b) => intervals[a].low - intervals[b].low || a - b);
  const spans: Span[] = [];
  const open: Interval[] = [];
  const closeUpTo = (address: number) => {
    for (let top = open.at(-1); top !== undefined && top.high <= address; top = open.at(-1)) {
      open.pop();
      spans.push({ start: top.high, node: open.at(-1)?.node });
    }
  };
  for (const index of order) {
    const { low, high, node } = intervals[index];
    closeUpTo(low);
    // What is inlined ends with what it is inlined into.
    const outer = open.at(-1)?.high ?? Number.POSITIVE_INFINITY;
    open.push({ low, high: Math.min(high, outer), node });
    spans.push({ start: low, node });
  }
  closeUpTo(Number.POSITIVE_INFINITY);
  return spans;
}

/** Names of functions, by their entries and those that the entries refer to. */
export class FunctionNames {
  readonly #sections: DwarfSections;
  /** By ascending start. */
  readonly #units: readonly Unit[];
  readonly #known = new Map<Entry, string | undefined>();

  constructor(sections: DwarfSections, units: readonly Unit[]) {
    this.#sections = sections;
    this.#units = units;
  }

  /** The name that linkers use, if the function has one: it says the scope too; else that of the source. */
  of({ unit, entry }: FunctionNode): string | undefined {
    if (!this.#known.has(entry)) this.#known.set(entry, this.#name(unit, entry));
    return this.#known.get(entry);
  }

  #name(unit: Unit, entry: Entry): string | undefined {
    let name: string | undefined;
    let place: { readonly unit: Unit; readonly entry: Entry } | undefined = { unit, entry };
    for (let left = mostOrigins; place !== undefined && left > 0; left--) {
      const linkage =
        textOf(this.#sections, place.entry, attributes.linkageName, place.unit) ??
        textOf(this.#sections, place.entry, attributes.mipsLinkageName, place.unit);
      if (linkage !== undefined) return linkage;
      name ??= textOf(this.#sections, place.entry, attributes.name, place.unit);
      place = this.#origin(place.unit, place.entry);
    }
    return name;
  }

  #origin(unit: Unit, entry: Entry): { readonly unit: Unit; readonly entry: Entry } | undefined {
    const found =
      entry.values.get(attributes.abstractOrigin) ?? entry.values.get(attributes.specification);
    if (found === undefined || found.form === forms.refSig8) return undefined;
    const offset = found.form === forms.refAddr ? found.value : unit.start + found.value;
    const owner = this.#units[lastAtMost(this.#units.length, offset, (i) => this.#units[i].start)];
    if (owner === undefined || offset < owner.firstEntry || offset >= owner.end) return undefined;
    const cursor = this.#sections.open(".debug_info", offset);
    if (cursor === undefined) return undefined;
    cursor.limit = owner.end;
    const target = readEntry(cursor, owner.abbreviations, owner);
    return target && { unit: owner, entry: target };
  }
}
