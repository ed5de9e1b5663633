/**
 * Random statements and function bodies, valid by construction: stores, assignments, control, bulk memory, tables.
 *
 * Invariant: as in expressions.ts; whatever leaves a block early stands in a block of its own, so that the rest of
 * the function still runs.
 */
import { type Code, op } from "../../spec-tests/corpus/assembler.ts";
import { ExpressionGenerator } from "./expressions.ts";
import { resultOf, rowsOf } from "./rowSets.ts";
import { randomType } from "./shape.ts";

export const storesOf = (vectors: boolean) =>
  rowsOf(vectors).filter((row) => row.width !== undefined && resultOf(row) === "");

export class CodeGenerator extends ExpressionGenerator {
  /** A function body: spends budget, does something, gives the results. */
  body(): Code[] {
    const statements = Array.from({ length: 1 + this.random.below(5) }, () => this.statement());
    return [this.spend(), ...statements, ...[...this.results].map((t) => this.value(t, 4))];
  }

  /** An instruction without an effect: on one thread a fence has none. */
  private nothing(): Code {
    return op(this.shape.vectors && this.random.oneIn(2) ? "atomic.fence" : "nop");
  }

  /** Code that leaves the stack as it is. */
  override statement(depth = 4): Code {
    this.nodes--;
    if (this.nodes <= 0) return this.nothing();
    if (this.mistake()) return this.stray();
    return this.random.weighted<() => Code>([
      [5, () => this.store(depth)],
      [5, () => this.assign(depth)],
      [2, () => [...this.value(this.type(), depth), ...op("drop")]],
      [3, () => this.compound(depth)],
      [2, () => this.branch(depth)],
      [2, () => this.bulk()],
      [1, () => this.tableStatement(depth)],
      [1, () => this.multiValueBlock(depth)],
      [1, () => this.leave(depth)],
      [1, () => this.callStatement(depth)],
    ])();
  }

  protected store(depth: number): Code {
    return this.accessed(this.random.pick(storesOf(this.shape.vectors)), depth);
  }

  private type(): string {
    return randomType(this.random, this.shape.vectors);
  }

  protected assign(depth: number): Code {
    const type = this.type();
    const local = this.indexOf(this.own, type);
    const global = this.indexOf(this.shape.globals.join(""), type, 1);
    const value = this.value(type, depth - 1);
    if (local >= 0 && (global < 0 || this.random.oneIn(2)))
      return [...value, ...op("local.set", local)];
    return [...value, ...(global >= 0 ? op("global.set", global) : op("drop"))];
  }

  protected compound(depth: number): Code {
    const kind = this.random.pick(["block", "loop", "if"] as const);
    const condition = kind === "if" ? this.value("i", depth - 1) : [];
    this.labels.push("");
    const inside = [
      ...(kind === "loop" ? this.spend() : []),
      ...this.statement(depth - 1),
      ...(kind === "if" && this.random.oneIn(2)
        ? [...op("else"), ...this.statement(depth - 1)]
        : []),
    ];
    this.labels.pop();
    return [...condition, ...op(kind, ""), ...inside, ...op("end")];
  }

  protected branch(depth: number): Code {
    const label = this.label("");
    if (label < 0) return op("nop");
    if (!this.random.oneIn(3)) return [...this.value("i", depth - 1), ...op("br_if", label)];
    // What follows a br_table is unreachable: in a block of its own the rest of the function still runs.
    this.labels.push("");
    const selector = this.value("i", depth - 1);
    const targets = Array.from({ length: this.random.below(5) }, () => this.label(""));
    const code = [...selector, ...op("br_table", targets, this.label(""))];
    this.labels.pop();
    return [...op("block", ""), ...code, ...op("end")];
  }

  protected bulk(): Code {
    const { data } = this.shape;
    const segment = this.random.below(data.length);
    const [to, from] = [this.memory(), this.memory()];
    const narrower = this.isWide(to) ? from : to;
    const target = () => this.address(1, to);
    const count = (most: number, memory: number) =>
      this.numberOf(memory, this.random.below(most) + this.beyond(memory));
    const operands = [target(), this.smallIndex(1), op("i32.const", this.random.below(300))];
    const fill = [target(), this.value("i", 1), count(9000, to)];
    const copy = [target(), this.address(1, from), count(5000, narrower)];
    return this.random.pick<() => Code>([
      () => [...fill.flat(), ...op("memory.fill", to)],
      () => [...copy.flat(), ...op("memory.copy", to, from)],
      () => [...operands.flat(), ...op("memory.init", segment, to)],
      () => (this.random.oneIn(4) ? op("data.drop", segment) : op("nop")),
    ])();
  }

  protected tableStatement(depth: number): Code {
    const { tables, elements } = this.shape;
    const type = this.random.pick(tables).type;
    const [table, other] = [this.table(type), this.table(type)];
    const narrower = this.isWideTable(table) ? other : table;
    const small = (of: number) => [...this.smallIndex(depth - 1), ...this.asIndex(of)];
    const count = (of: number) => [...this.smallCount(), ...this.asIndex(of)];
    const value = () => this.value(type, depth - 1);
    const segment = this.random.below(elements.length);
    return this.random.pick<() => Code>([
      () => [...small(table), ...value(), ...op("table.set", table)],
      () => [...small(table), ...value(), ...count(table), ...op("table.fill", table)],
      () => [
        ...small(table),
        ...small(other),
        ...count(narrower),
        ...op("table.copy", table, other),
      ],
      () => this.tableInit(segment, depth),
      () => (this.random.oneIn(4) ? op("elem.drop", segment) : op("nop")),
    ])();
  }

  private smallCount(): Code {
    return op("i32.const", this.random.below(4));
  }

  private tableInit(segment: number, depth: number): Code {
    const target = this.smallIndex(depth - 1);
    const [source, count] = [this.smallCount(), this.smallCount()];
    const table = this.table("r");
    return [
      ...target,
      ...this.asIndex(table),
      ...source,
      ...count,
      ...op("table.init", segment, table),
    ];
  }

  /** A block whose type is a function type, with parameters on the stack and all results dropped. */
  protected multiValueBlock(depth: number): Code {
    const signatures = [...new Set(this.shape.functions)];
    const type = this.random.below(signatures.length);
    const [params = "", results = ""] = signatures[type].split(":");
    const args = this.arguments(signatures[type], depth - 1);
    this.labels.push(results);
    const inside = [
      ...Array(params.length).fill(op("drop")).flat(),
      ...this.statement(depth - 1),
      ...[...results].flatMap((result) => this.value(result, depth - 2)),
    ];
    this.labels.pop();
    const drops = Array(results.length).fill(op("drop")).flat();
    return [...args, ...op("block", type), ...inside, ...op("end"), ...drops];
  }

  /** Something that does not come back, under a condition. */
  protected leave(depth: number): Code {
    const condition = this.value("i", depth - 1);
    this.labels.push("");
    const results = () => [...this.results].flatMap((type) => this.value(type, depth - 2));
    const code = this.random.pick<() => Code>([
      () => [...results(), ...op("return")],
      () => (this.random.oneIn(3) ? op("unreachable") : op("nop")),
      () => [...results(), ...op("br", this.labels.length - 1)],
      () => this.tailCall(depth - 1),
    ])();
    this.labels.pop();
    return [...condition, ...op("if", ""), ...code, ...op("end")];
  }

  protected tailCall(depth: number): Code {
    const { functions } = this.shape;
    const fitting = functions.flatMap((signature, index) =>
      signature.split(":")[1] === this.results ? [index] : [],
    );
    if (fitting.length === 0) return op("nop");
    const index = this.random.pick(fitting);
    const args = this.arguments(functions[index], depth - 1);
    if (this.random.oneIn(2)) return [...args, ...op("return_call", index)];
    const type = [...new Set(functions)].indexOf(functions[index]);
    const table = this.table("r");
    return [
      ...[...args, ...op("i32.const", index), ...this.asIndex(table)],
      ...op("return_call_indirect", type, table),
    ];
  }

  protected callStatement(depth: number): Code {
    const index = this.random.below(this.shape.functions.length);
    const results = this.shape.functions[index].split(":")[1]?.length ?? 0;
    return [...this.call(index, depth), ...Array(results).fill(op("drop")).flat()];
  }

  /** An instruction that has no reason to stand where it stands. */
  private stray(): Code {
    const index = () => this.random.below(9);
    return this.random.pick<() => Code>([
      () => {
        const row = this.random.pick(rowsOf(this.shape.vectors));
        const indices = [...this.immediates(row), index(), index()];
        return op(row.mnemonic as Parameters<typeof op>[0], ...indices);
      },
      () =>
        op(this.random.pick(["drop", "select", "return", "unreachable", "ref.is_null"] as const)),
      () =>
        op(this.random.pick(["br", "br_if", "call", "global.set", "local.tee"] as const), index()),
      () => op("call_indirect", index(), index()),
      () => op("br_table", [index(), index()], index()),
    ])();
  }
}
