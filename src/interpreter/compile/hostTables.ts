/**
 * Host tables that mirror the state's, so that `call_indirect` is the host's own: one set for each instance.
 *
 * Invariant: after `sync` an entry of a host table is the function that the state's entry refers to, or null; a host
 * table may be longer than the state's, with nulls above. Between two syncs only chunks that changed are looked at.
 */
import type { MachineState, TableState } from "../state/machineState.ts";
import { changedChunks, tableChunkEntries } from "../state/tables.ts";

interface Mirror {
  readonly host: WebAssembly.Table;
  /** What the host table holds. */
  held: Uint32Array;
  /** The state's table and its version at the last look. */
  seen: TableState | undefined;
  version: number;
}

/** The host's function of a program-wide index; undefined beyond the last. */
type FunctionOf = (index: number) => unknown;

export class HostTables {
  /** Entries compared with the state's so far: what the mirroring costs. */
  compared = 0;
  private readonly mirrors: readonly Mirror[];
  private readonly functionOf: FunctionOf;

  constructor(count: number, functionOf: FunctionOf) {
    this.functionOf = functionOf;
    this.mirrors = Array.from({ length: count }, () => ({
      host: new WebAssembly.Table({ element: "anyfunc", initial: 0 }),
      held: new Uint32Array(0),
      seen: undefined,
      version: -1,
    }));
  }

  host(table: number): WebAssembly.Table {
    return this.mirrors[table].host;
  }

  /** Whether no table of the state has changed since the last `sync`. */
  isInSync({ tables }: MachineState): boolean {
    for (let index = 0; index < tables.length; index++) {
      const { seen, version } = this.mirrors[index];
      if (seen !== tables[index] || version !== tables[index].version) return false;
    }
    return true;
  }

  /** Makes the host tables equal to the state's. Throws RangeError where the host has no room. */
  sync({ tables }: MachineState): void {
    for (let index = 0; index < tables.length; index++) {
      const table = tables[index];
      const mirror = this.mirrors[index];
      if (mirror.seen === table && mirror.version === table.version) continue;
      const version = mirror.seen === table ? mirror.version : -1;
      grow(mirror, table.size);
      for (const chunk of changedChunks(table, version)) {
        this.writeRange(mirror, table, chunk * tableChunkEntries, tableChunkEntries);
      }
      mirror.seen = table;
      mirror.version = table.version;
    }
  }

  /** Takes over entries that were just written while emitted code runs; the table was in sync before. */
  write(index: number, table: TableState, first: number, count: number): void {
    const mirror = this.mirrors[index];
    grow(mirror, table.size);
    this.writeRange(mirror, table, first, count);
    mirror.version = table.version;
  }

  /** The host's functions of these indices are others than before. */
  renew(functions: ReadonlySet<number>): void {
    for (const { held, host } of this.mirrors) {
      for (let entry = 0; entry < host.length; entry++) {
        const reference = held[entry];
        if (reference === 0 || !functions.has(reference - 1)) continue;
        host.set(entry, this.functionOf(reference - 1) ?? null);
      }
    }
  }

  private writeRange(mirror: Mirror, table: TableState, first: number, count: number): void {
    const { held, host } = mirror;
    const end = Math.min(first + count, host.length);
    this.compared += Math.max(0, end - first);
    for (let entry = first; entry < end; entry++) {
      const reference = entry < table.size ? table.entries[entry] : 0;
      if (held[entry] === reference) continue;
      held[entry] = reference;
      host.set(entry, reference === 0 ? null : (this.functionOf(reference - 1) ?? null));
    }
  }
}

function grow(mirror: Mirror, size: number): void {
  const { host } = mirror;
  if (host.length < size) host.grow(size - host.length);
  if (mirror.held.length >= size) return;
  const larger = new Uint32Array(Math.max(size, mirror.held.length * 2));
  larger.set(mirror.held);
  mirror.held = larger;
}
