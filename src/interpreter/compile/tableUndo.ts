/**
 * What emitted code's table instructions and segment drops have overwritten since the last checkpoint, kept by small
 * spans of a table, so that a program that writes one entry again and again keeps it once.
 *
 * Invariant: after `rollBack` tables and dropped flags are those of the checkpoint.
 */
import type { MachineState } from "../state/machineState.ts";
import { shrinkTable, touchTable } from "../state/tables.ts";

/** Entries that are saved together. */
const spanEntries = 64;
/** More spans than any table has. */
const spansOfTable = 2 ** 24 / spanEntries;

export class TableUndo {
  private readonly state: MachineState;
  private readonly spans = new Map<number, Uint32Array>();
  private readonly sizes = new Map<number, number>();
  private readonly dropped: number[] = [];

  constructor(state: MachineState) {
    this.state = state;
  }

  /** Forgets what was saved. */
  checkpoint(): void {
    if (this.spans.size > 0) this.spans.clear();
    if (this.sizes.size > 0) this.sizes.clear();
    this.dropped.length = 0;
  }

  /** Before entries change; what lies above the size at the checkpoint is nobody's. */
  save(table: number, first: number, count: number): void {
    const { entries } = this.state.tables[table];
    if (first >= (this.sizes.get(table) ?? entries.length)) return;
    const last = Math.floor((first + count - 1) / spanEntries);
    for (let span = Math.floor(first / spanEntries); span <= last; span++) {
      const key = table * spansOfTable + span;
      if (this.spans.has(key)) continue;
      this.spans.set(key, entries.slice(span * spanEntries, (span + 1) * spanEntries));
    }
  }

  /** Before a table grows. */
  saveSize(table: number): void {
    if (!this.sizes.has(table)) this.sizes.set(table, this.state.tables[table].size);
  }

  drop(segment: number): void {
    if (this.state.dropped[segment] === 1) return;
    this.dropped.push(segment);
    this.state.dropped[segment] = 1;
  }

  rollBack(): void {
    const { tables, dropped } = this.state;
    for (const [key, content] of this.spans) {
      const table = tables[Math.floor(key / spansOfTable)];
      const first = (key % spansOfTable) * spanEntries;
      touchTable(table, first, content.length);
      table.entries.set(content, first);
    }
    for (const [table, size] of this.sizes) shrinkTable(tables[table], size);
    for (const segment of this.dropped) dropped[segment] = 0;
    this.checkpoint();
  }
}
