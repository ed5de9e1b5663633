/**
 * Random expressions of a given type, valid by construction, over everything that the instruction table and a
 * module's shape offer. The statements in their blocks are made by the subclass (statements.ts).
 *
 * Invariant: the choices depend on the random source alone, not on `canonicalNans`: with it every float operation
 * is followed by code that makes a NaN result canonical, as the machine does by itself (docs/machine.md §7).
 */
import { type Code, type Immediate, op } from "../../spec-tests/corpus/assembler.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import { laneCount } from "../../src/interpreter/isa/vectorTable.ts";
import type { Random } from "./random.ts";
import { makesNan, operandsOf, producersOf } from "./rowSets.ts";
import { randomType, type Shape } from "./shape.ts";
import { canonicalCode, constant, type ScratchLocals } from "./values.ts";

type Mnemonic = Parameters<typeof op>[0];

const scratchTypes = "fFv";
const labelKinds = ["block", "loop"] as const;

export interface CodeOptions {
  readonly canonicalNans: boolean;
  readonly mistakes: number;
}

export abstract class ExpressionGenerator {
  protected readonly random: Random;
  protected readonly shape: Shape;
  protected readonly canonicalNans: boolean;
  protected readonly results: string;
  /** Types of the locals; the last of f, F and v are never written but where NaNs are made canonical. */
  readonly locals: string;
  /** Those that the code may use. */
  protected readonly own: string;
  protected readonly scratch: ScratchLocals;
  /** What a branch to each open label carries, innermost last. */
  protected readonly labels: string[];
  /** Nodes that may still be made. */
  protected nodes: number;

  /** One choice in so many is a mistake; 0: none, the code is valid. */
  private readonly mistakes: number;

  constructor(random: Random, shape: Shape, signature: string, options: CodeOptions) {
    const [params = "", results = ""] = signature.split(":");
    const extra = Array.from({ length: 2 + random.below(4) }, () =>
      randomType(random, shape.vectors),
    ).join("");
    this.random = random;
    this.shape = shape;
    this.canonicalNans = options.canonicalNans;
    this.mistakes = options.mistakes;
    this.results = results;
    this.locals = `${params}${extra}${shape.vectors ? scratchTypes : scratchTypes.slice(0, 2)}`;
    this.own = `${params}${extra}`;
    const first = this.own.length;
    this.scratch = { f: first, F: first + 1, v: first + 2 };
    this.labels = [results];
    this.nodes = 40 + random.below(160);
  }

  /** Code that leaves the stack as it is. */
  abstract statement(depth?: number): Code;

  /** Takes one from the budget global, or traps: bounds loops and recursion alike on every engine. */
  protected spend(): Code {
    return [
      ...op("global.get", 0),
      ...op("i32.eqz"),
      ...op("if", ""),
      ...op("unreachable"),
      ...op("end"),
      ...op("global.get", 0),
      ...op("i32.const", 1),
      ...op("i32.sub"),
      ...op("global.set", 0),
    ];
  }

  /** Code that leaves one value of the type. */
  value(wanted: string, depth: number): Code {
    const type = this.mistake() ? randomType(this.random, this.shape.vectors) : wanted;
    this.nodes--;
    if (depth <= 0 || this.nodes <= 0) return this.leaf(type);
    const make = this.random.weighted<() => Code>([
      [3, () => this.leaf(type)],
      [type in producersOf(this.shape.vectors) ? 14 : 0, () => this.operation(type, depth)],
      [2, () => this.block(type, depth)],
      [2, () => this.conditional(type, depth)],
      [2, () => this.select(type, depth)],
      [1, () => this.tee(type, depth)],
      [2, () => this.callFor(type, depth)],
      [1, () => this.branchWith(type, depth)],
      [type === "i" ? 2 : 0, () => this.query(depth)],
      [type === "r" || type === "x" ? 3 : 0, () => this.tableGet(type, depth)],
    ]);
    return make();
  }

  protected leaf(type: string): Code {
    const local = this.indexOf(this.own, type);
    const global = this.indexOf(this.shape.globals.join(""), type, 1);
    if (local >= 0 && this.random.oneIn(2)) return op("local.get", local);
    if (global >= 0 && this.random.oneIn(3)) return op("global.get", global);
    if (type === "r" && this.random.oneIn(2)) {
      return op("ref.func", this.random.below(this.shape.functions.length));
    }
    return constant(this.random, type);
  }

  /** A random index of the type in a list of type letters; −1 if there is none. */
  protected indexOf(types: string, type: string, from = 0): number {
    if (this.mistake()) return this.random.below(types.length + 1);
    const found = [...types].flatMap((letter, at) => (letter === type && at >= from ? [at] : []));
    return found.length === 0 ? -1 : this.random.pick(found);
  }

  protected operation(type: string, depth: number): Code {
    const row = this.random.pick(producersOf(this.shape.vectors)[type]);
    if (row.width !== undefined) return this.accessed(row, depth);
    const operands = [...operandsOf(row)].flatMap((operand) => this.value(operand, depth - 1));
    return [...operands, ...this.instruction(row)];
  }

  /** An instruction without memory; what makes its NaNs canonical stands behind it. */
  protected instruction(row: InstructionRow): Code {
    const code = op(row.mnemonic as Mnemonic, ...this.immediates(row));
    return makesNan(row) && this.canonicalNans
      ? [...code, ...canonicalCode(row, this.scratch)]
      : code;
  }

  /** A lane, the numbers of a shuffle, or nothing. */
  protected immediates({ immediates, lanes = "i8x16" }: InstructionRow): Immediate[] {
    if (immediates === "shuffle")
      return [Array.from({ length: 16 }, () => this.random.below(this.mistake() ? 99 : 32))];
    if (immediates !== "lane" && immediates !== "memargLane") return [];
    return [this.random.below(laneCount(lanes) + (this.mistake() ? 3 : 0))];
  }

  /** Whether a memory has 64-bit addresses. */
  protected isWide(memory: number): boolean {
    return this.shape.memories[memory]?.[2] === "i64";
  }

  /** A number of the address type of a memory. */
  protected numberOf(memory: number, value: number): Code {
    return this.isWide(memory) ? op("i64.const", value) : op("i32.const", value);
  }

  /** What is added to a number of the address type of a memory: most often nothing. */
  protected beyond(memory: number): number {
    return this.isWide(memory) && this.random.oneIn(8) ? 2 ** 32 : 0;
  }

  /** An address of a memory that is in bounds more often than not. */
  protected address(depth: number, memory: number): Code {
    const isWide = this.isWide(memory);
    if (this.random.oneIn(12)) return this.value(isWide ? "I" : "i", depth);
    const low = [...this.value("i", depth), ...op("i32.const", 0xfff), ...op("i32.and")];
    return isWide ? [...low, ...op("i64.extend_i32_u")] : low;
  }

  /** A load or store with its operands: the address, then values. */
  protected accessed(row: InstructionRow, depth: number): Code {
    const values = [...operandsOf(row).slice(1)].flatMap((type) => this.value(type, depth - 1));
    const memory = this.memory();
    return [
      ...this.address(depth - 1, memory),
      ...this.aligned(row, memory),
      ...values,
      ...this.access(row, memory),
    ];
  }

  /** Makes the address of an atomic access aligned, most often. */
  private aligned({ family, width = 1 }: InstructionRow, memory: number): Code {
    if (family !== "atomic" || this.random.oneIn(12)) return [];
    const and = this.isWide(memory) ? "i64.and" : "i32.and";
    return [...this.numberOf(memory, -width), ...op(and)];
  }

  protected access(row: InstructionRow, memory: number): Code {
    const unit = row.family === "atomic" ? (row.width ?? 1) : 1;
    const offset = this.random.weighted([
      [6, 0],
      [3, unit * this.random.below(Math.floor(9000 / unit))],
      [1, this.isWide(memory) ? 0x1_0000_0000 : 0xfffffff0],
    ]);
    const lane = this.immediates(row);
    return op(row.mnemonic as Mnemonic, ...lane, offset, memory);
  }

  protected memory(): number {
    return this.random.below(this.shape.memories.length + (this.mistake() ? 1 : 0));
  }

  /** Whether the next choice is to be a wrong one. */
  protected mistake(): boolean {
    return this.mistakes > 0 && this.random.oneIn(this.mistakes);
  }

  protected table(type: string): number {
    return this.indexOf(this.shape.tables.map((table) => table.type).join(""), type);
  }

  /** Whether a table has 64-bit indices. */
  protected isWideTable(table: number): boolean {
    return this.shape.tables[table]?.limits[2] === "i64";
  }

  /** Makes an i32 an index of a table, sometimes one that only its upper half puts out of bounds. */
  protected asIndex(table: number): Code {
    if (!this.isWideTable(table)) return [];
    const far = this.random.oneIn(12) ? [...op("i64.const", 2 ** 32), ...op("i64.or")] : [];
    return [...op("i64.extend_i32_u"), ...far];
  }

  protected block(type: string, depth: number): Code {
    const kind = this.random.pick(labelKinds);
    this.labels.push(kind === "loop" ? "" : type);
    const inside = [
      ...(kind === "loop" ? this.spend() : []),
      ...this.statement(),
      ...this.value(type, depth - 1),
    ];
    this.labels.pop();
    return [...op(kind, type), ...inside, ...op("end")];
  }

  protected conditional(type: string, depth: number): Code {
    const condition = this.value("i", depth - 1);
    this.labels.push(type);
    const arms = [this.value(type, depth - 1), this.value(type, depth - 1)];
    this.labels.pop();
    return [...condition, ...op("if", type), ...arms[0], ...op("else"), ...arms[1], ...op("end")];
  }

  protected select(type: string, depth: number): Code {
    const named = type === "r" || type === "x" || this.random.oneIn(3);
    const values = [this.value(type, depth - 1), this.value(type, depth - 1)].flat();
    const condition = this.value("i", depth - 1);
    return [...values, ...condition, ...(named ? op("select_t", type) : op("select"))];
  }

  protected tee(type: string, depth: number): Code {
    const local = this.indexOf(this.own, type);
    if (local < 0) return this.leaf(type);
    return [...this.value(type, depth - 1), ...op("local.tee", local)];
  }

  protected arguments(signature: string, depth: number): Code {
    return [...(signature.split(":")[0] ?? "")].flatMap((type) => this.value(type, depth - 1));
  }

  /** A call whose first result is wanted and whose others are dropped. */
  protected callFor(type: string, depth: number): Code {
    const { functions } = this.shape;
    const fitting = functions.flatMap((signature, index) =>
      signature.split(":")[1]?.startsWith(type) ? [index] : [],
    );
    if (fitting.length === 0) return this.leaf(type);
    const index = this.random.pick(fitting);
    const surplus = (functions[index].split(":")[1]?.length ?? 0) - 1;
    return [...this.call(index, depth), ...Array(surplus).fill(op("drop")).flat()];
  }

  /** A call of a function, directly or through a table. */
  protected call(index: number, depth: number): Code {
    const signature = this.shape.functions[index];
    const args = this.arguments(signature, depth);
    if (!this.random.oneIn(3)) return [...args, ...op("call", index)];
    const at = this.random.oneIn(4) ? this.value("i", depth - 1) : op("i32.const", index);
    const type = [...new Set(this.shape.functions)].indexOf(signature);
    const table = this.table("r");
    return [...args, ...at, ...this.asIndex(table), ...op("call_indirect", type, table)];
  }

  /** `br_if` to a label that carries the type: the value stays if the branch is not taken. */
  protected branchWith(type: string, depth: number): Code {
    const label = this.label(type);
    if (label < 0) return this.leaf(type);
    return [...this.value(type, depth - 1), ...this.value("i", depth - 1), ...op("br_if", label)];
  }

  /** A label that carries exactly these types; −1 if none does. */
  protected label(types: string): number {
    if (this.mistake()) return this.random.below(this.labels.length + 1);
    const fitting = this.labels.flatMap((carried, at) =>
      carried === types ? [this.labels.length - 1 - at] : [],
    );
    return fitting.length === 0 ? -1 : this.random.pick(fitting);
  }

  /** Either half, since −1 has both. */
  private halfOfI64(): Code {
    const upper = [...op("i64.const", 32n), ...op("i64.shr_u")];
    return [...(this.random.oneIn(2) ? upper : []), ...op("i32.wrap_i64")];
  }

  /** Sizes, growth and null checks. */
  protected query(depth: number): Code {
    const type = this.random.pick(this.shape.tables).type;
    const table = this.table(type);
    const memory = this.memory();
    const narrow = this.isWide(memory) ? op("i32.wrap_i64") : [];
    const narrowSize = this.isWideTable(table) ? op("i32.wrap_i64") : [];
    return this.random.pick<() => Code>([
      () => [...op("memory.size", memory), ...narrow],
      () => [
        ...this.numberOf(memory, this.random.below(3) + this.beyond(memory)),
        ...op("memory.grow", memory),
        ...(this.isWide(memory) ? this.halfOfI64() : []),
      ],
      () => [...op("table.size", table), ...narrowSize],
      () => [
        ...this.value(type, 1),
        ...op("i32.const", this.random.below(6)),
        ...this.asIndex(table),
        ...op("table.grow", table),
        ...narrowSize,
      ],
      () => [...this.value(type, depth - 1), ...op("ref.is_null")],
    ])();
  }

  protected smallIndex(depth: number): Code {
    if (this.random.oneIn(8)) return this.value("i", depth);
    return op("i32.const", this.random.below(7));
  }

  protected tableGet(type: string, depth: number): Code {
    const table = this.table(type);
    if (table < 0) return this.leaf(type);
    const index = this.smallIndex(depth - 1);
    return [...index, ...this.asIndex(table), ...op("table.get", table)];
  }
}
