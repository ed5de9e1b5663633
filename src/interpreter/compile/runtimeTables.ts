/**
 * Table instructions and segment drops as the executor does them for emitted code: a long one at once, with the
 * steps and the fuel of its pieces (docs/machine.md §7).
 *
 * Invariant: an instruction is done whole, its cost spent, what it overwrites saved, host tables written; or it is
 * refused and nothing has happened: then the reference executes it.
 */
import { opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { instructionBytes, referenceBytes } from "../program/program.ts";
import { LEAF_ENTRIES, stepsOf } from "../reference/instructions/handler.ts";
import type { MachineState } from "../state/machineState.ts";
import { readBytes } from "../state/memoryBytes.ts";
import { growTable, touchTable } from "../state/tables.ts";
import type { Instance } from "./hostInstance.ts";
import type { TableUndo } from "./tableUndo.ts";

const GET = opOf("table.get");
const SET = opOf("table.set");
const SIZE = opOf("table.size");
const GROW = opOf("table.grow");
const FILL = opOf("table.fill");
const COPY = opOf("table.copy");
const INIT = opOf("table.init");

/** Most entries of a host table: an implementation limit of the engines. */
const hostTableEntries = 10_000_000;

export class RuntimeTables {
  private readonly state: MachineState;
  private readonly undo: TableUndo;

  constructor(state: MachineState, undo: TableUndo) {
    this.state = state;
    this.undo = undo;
  }

  /** Whether it was done; a result lies in the machine memory. Operands from the deepest on. */
  run(instance: Instance, pc: number, first: number, second: number, third: number): boolean {
    const { code } = this.state.program;
    const at = pc * instructionBytes;
    const op = readU16(code, at);
    const cost = readU16(code, at + 2);
    const a = readU32(code, at + 4);
    switch (op) {
      case GET:
        return this.get(instance, cost, a, first >>> 0);
      case SET:
        return this.set(instance, cost, a, first >>> 0, second);
      case SIZE:
        if (!instance.spendAtHand(1, cost)) return false;
        instance.setResult(this.state.tables[a].size);
        return true;
      case GROW:
        return this.grow(instance, at, first, second >>> 0);
      case FILL:
      case COPY:
      case INIT:
        return this.write(instance, at, first >>> 0, second, third >>> 0);
      default:
        if (!instance.spendAtHand(1, cost)) return false;
        this.undo.drop(a);
        return true;
    }
  }

  private get(instance: Instance, cost: number, a: number, index: number): boolean {
    const table = this.state.tables[a];
    if (index >= table.size || !instance.spendAtHand(1, cost)) return false;
    instance.setResult(table.entries[index]);
    return true;
  }

  private set(instance: Instance, cost: number, a: number, index: number, value: number): boolean {
    const table = this.state.tables[a];
    if (index >= table.size || !instance.spendAtHand(1, cost)) return false;
    this.undo.save(a, index, 1);
    touchTable(table, index, 1);
    table.entries[index] = value;
    instance.tables.write(a, table, index, 1);
    return true;
  }

  private grow(instance: Instance, at: number, value: number, count: number): boolean {
    const { code } = this.state.program;
    const a = readU32(code, at + 4);
    const table = this.state.tables[a];
    const cost = readU16(code, at + 2);
    const isRefused = table.size + count > readU32(code, at + 8);
    if (!isRefused && table.size + count > hostTableEntries) return false;
    const steps = isRefused || value === 0 ? 1 : stepsOf(table.size, count, LEAF_ENTRIES);
    if (!instance.spendAtHand(steps, steps * cost)) return false;
    instance.setResult(isRefused ? -1 : table.size);
    if (isRefused || count === 0) return true;
    const { size } = table;
    this.undo.saveSize(a);
    growTable(table, size + count);
    table.entries.fill(value, size, size + count);
    instance.tables.write(a, table, size, count);
    return true;
  }

  private write(instance: Instance, at: number, d: number, second: number, n: number): boolean {
    const { state } = this;
    const { code } = state.program;
    const op = readU16(code, at);
    const a = readU32(code, at + 4);
    const index = op === INIT ? a >>> 24 : a;
    const table = state.tables[index];
    const s = second >>> 0;
    if (d + n > table.size || (op !== FILL && s + n > this.sourceLength(op, at))) return false;
    const steps = stepsOf(d, n, LEAF_ENTRIES);
    if (!instance.spendAtHand(steps, steps * readU16(code, at + 2))) return false;
    if (n === 0) return true;
    this.undo.save(index, d, n);
    touchTable(table, d, n);
    if (op === FILL) table.entries.fill(second, d, d + n);
    else table.entries.set(this.source(op, at, s, n), d);
    instance.tables.write(index, table, d, n);
    return true;
  }

  private sourceLength(op: number, at: number): number {
    const { state } = this;
    const { code } = state.program;
    if (op === COPY) return state.tables[readU32(code, at + 8)].size;
    const segment = readU32(code, at + 4) & 0xffffff;
    return state.dropped[segment] === 1 ? 0 : readU32(code, at + 12);
  }

  /** What `table.copy` or `table.init` reads. */
  private source(op: number, at: number, s: number, n: number): Uint32Array {
    const { tables, program } = this.state;
    const b = readU32(program.code, at + 8);
    if (op === COPY) return tables[b].entries.subarray(s, s + n);
    return Uint32Array.from({ length: n }, (_, index) =>
      readBytes(program.elements, (b + s + index) * referenceBytes, 4),
    );
  }
}
