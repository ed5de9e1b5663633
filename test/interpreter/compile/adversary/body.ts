/**
 * Random function bodies that look for what an emitter gets wrong: loops at entries and loops never entered again,
 * instructions left to the reference first in them, parameters of loops and blocks, values on labels used as addresses,
 * NaNs of every payload, tables of branches into loops, calls as headers, dead code.
 *
 * Invariant: a body is valid and a function of the random source; counters make most of its loops end, fuel the rest.
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Random } from "../../../differential/random.ts";
import { storesAtLabels } from "./labels.ts";
import { leftFirst, timeFirst } from "./leftToReference.ts";
import { Motif } from "./motif.ts";
import { exposedParameters, nansOnTheirWay } from "./nans.ts";
import type { AdversaryShape } from "./shape.ts";
import { counters, StraightStatements } from "./straight.ts";
import { stretches } from "./stretches.ts";

interface BlockType {
  readonly params: string;
  readonly results: string;
  readonly type: number;
}

export class AdversaryBody extends StraightStatements {
  /** Neither calls nor instructions left to the reference, and no loop that goes round. */
  private readonly isSafepointFree: boolean;
  /** A long stretch without a check, for callers to call again and again. */
  private readonly isLong: boolean;
  /** Instructions that may still be written. */
  private left: number;

  constructor(random: Random, shape: AdversaryShape, index: number) {
    super(random, shape, index);
    this.left = random.pick([0, 3, 12, 40, 120]);
    this.isLong = index === shape.firstOwn && shape.stretch === "calls";
    this.isSafepointFree = this.isLong || random.oneIn(3);
  }

  get declared(): string {
    return this.motif.locals.slice(this.motif.params.length) + Motif.locals;
  }

  body(): Code[] {
    const { stack, random, results } = this;
    stack.labels.push({ arity: results, isLoop: false });
    if (this.isLong) {
      stack.write(this.motif.nops(50 + random.below(300)));
      stack.settle(results);
      return stack.code;
    }
    // Before anything else: the header's pc is the function's entry.
    if (random.oneIn(3)) this.loop(3, true);
    if (random.oneIn(2)) stack.write(exposedParameters(this.motif));
    this.sequence(3);
    stack.settle(results);
    return stack.code;
  }

  private sequence(depth: number): void {
    const length = this.random.below(depth === 3 ? 12 : 5);
    for (let at = 0; at <= length && this.left > 0; at++) this.statement(depth);
  }

  private statement(depth: number): void {
    this.left--;
    const inner = depth > 0 ? 1 : 0;
    this.random.weighted<() => void>([
      [6, () => this.variable()],
      [8, () => this.compute()],
      [5, () => this.access()],
      [this.isSafepointFree ? 0 : 3, () => leftFirst(this.random, this.shape, this.stack)],
      [this.isSafepointFree ? 0 : 3, () => this.call()],
      [this.isSafepointFree ? 1 : 0, () => timeFirst(this.shape, this.stack)],
      [4 * inner, () => this.loop(depth - 1)],
      [3 * inner, () => this.block(depth - 1)],
      [3 * inner, () => this.conditional(depth - 1)],
      [3, () => this.branchIf()],
      [1, () => this.address()],
      [3, () => this.stores.write()],
      [3, () => this.floats.write()],
      [inner, () => this.labelled(depth - 1)],
      [inner, () => this.skipped()],
      [1, () => this.leave(depth)],
      [5, () => this.stack.write(storesAtLabels(this.motif))],
      [5, () => this.stack.write(nansOnTheirWay(this.motif, !this.isSafepointFree))],
      [this.isSafepointFree ? 0 : 2, () => this.stack.write(stretches(this.motif))],
    ])();
  }

  /** A label that carries one of two addresses, and stores through what arrives. */
  private labelled(depth: number): void {
    const { stack, stores } = this;
    const { local } = stores;
    this.inside("block", this.blockType(":i"), () => {
      stack.write(op("local.get", local), 0, "i");
      if (this.random.oneIn(2)) stores.move(local);
      this.branchIf();
      stack.settle("i");
      stack.write([...this.motif.condition(), ...op("br_if", 0)]);
      stack.settle("");
      this.sequence(depth);
      stack.settle("");
      stack.write(op("local.get", stores.local), 0, "i");
    });
    stack.write(op("local.tee", local), 1, "i");
    stores.value("i");
    stack.write(op("i32.store", 0, 0), 2);
    stores.write();
  }

  /** Stores that a branch may skip, and the same once more behind its label. */
  private skipped(): void {
    const { stack, stores, random } = this;
    const { local } = stores;
    if (random.oneIn(2)) stores.place(local);
    this.inside("block", this.blockType(":"), () => {
      if (random.oneIn(3)) stores.through(local, 1);
      stack.write([...this.motif.condition(), ...op("br_if", 0)]);
      if (random.oneIn(3)) {
        stack.write(op("local.get", local), 0, "i");
        stores.move(local);
        stack.write(op("drop"), 1);
      }
      stores.through(local, 2);
    });
    stores.through(local, 2);
  }

  private call(): void {
    const { stack, random, shape, index } = this;
    const later = shape.functions.map((_, callee) => callee).filter((callee) => callee !== index);
    const deeper = later.filter((callee) => callee > index || callee < shape.firstOwn);
    const callee = random.oneIn(10) ? index : random.pick(deeper.length > 0 ? deeper : later);
    const [params = "", results = ""] = shape.functions[callee].split(":");
    const isIndirect = random.oneIn(4);
    const isTail = results === this.results && random.oneIn(8);
    stack.bring(params);
    if (isIndirect) {
      const type = shape.types.indexOf(shape.functions[callee]);
      const any = random.oneIn(3) ? random.below(40) : random.below(shape.functions.length);
      const entry = random.oneIn(4) ? any : callee;
      const call = isTail ? "return_call_indirect" : "call_indirect";
      stack.write([...op("i32.const", entry), ...op(call, type, 0)], params.length, results);
    } else {
      stack.write(op(isTail ? "return_call" : "call", callee), params.length, results);
    }
    if (isTail) this.die();
  }

  /** What follows is dead: operands come from nowhere. */
  private die(): void {
    this.stack.types = "";
    if (this.random.oneIn(2)) this.left = Math.min(this.left, 3);
  }

  private blockType(signature: string): BlockType {
    const [params = "", results = ""] = signature.split(":");
    return { params, results, type: this.shape.types.indexOf(signature) };
  }

  private typed(isBare = false): BlockType {
    const { stack, random, shape } = this;
    const bare = [shape.types.indexOf(":"), shape.types.indexOf(":i")];
    const grown = shape.types.indexOf("ri:i");
    const two = shape.types.indexOf("ii:");
    const any = random.oneIn(8) ? random.pick([grown, two]) : random.below(shape.types.length);
    const type = isBare ? random.pick(bare) : any;
    const [params = "", results = ""] = shape.types[type].split(":");
    if (params.endsWith("ii") && random.oneIn(2)) {
      // They begin alike and may go on apart.
      const address = op("local.get", this.stores.local);
      stack.write([...address, ...address], 0, "ii");
    }
    stack.bring(params);
    if (params.endsWith("ri")) {
      stack.write([...op("drop"), ...op("i32.const", 20 + random.below(60))]);
    }
    return { params, results, type };
  }

  /** Opens a block, writes its body on its parameters, leaves its results. */
  private inside(
    kind: "block" | "loop" | "if",
    { params, results, type }: BlockType,
    write: () => void,
  ): void {
    const { stack } = this;
    stack.write(op(kind, type), params.length);
    const outer = stack.types;
    stack.types = params;
    stack.labels.push({ arity: kind === "loop" ? params : results, isLoop: kind === "loop" });
    write();
    stack.settle(results);
    stack.labels.pop();
    stack.write(op("end"));
    stack.types = outer + results;
  }

  private block(depth: number): void {
    this.inside("block", this.typed(), () => this.sequence(depth));
  }

  private conditional(depth: number): void {
    const { stack, random } = this;
    const type = this.typed();
    const { params, results } = type;
    stack.write(this.motif.condition());
    this.inside("if", type, () => {
      this.sequence(depth);
      if (params === results && random.oneIn(2)) return;
      stack.settle(results);
      stack.write(op("else"));
      stack.types = params;
      this.sequence(depth);
    });
  }

  private loop(depth: number, isBare = false): void {
    const { stack, random, locals } = this;
    const counter = locals.length - 1 - (Math.max(0, depth) % counters);
    const isCounted = !this.isSafepointFree && !random.oneIn(4);
    if (isCounted && stack.code.length > 0 && random.oneIn(2)) {
      stack.write([...op("i32.const", 0), ...op("local.set", counter)]);
    }
    const type = this.typed(isBare);
    this.inside("loop", type, () => {
      this.header(depth);
      this.sequence(depth);
      if (isCounted) this.turn(counter, type.params);
    });
  }

  /** What a loop begins with: what the emitter treats apart, or another loop at the same pc. */
  private header(depth: number): void {
    const { random } = this;
    random.weighted<() => void>([
      [this.isSafepointFree ? 0 : 6, () => leftFirst(random, this.shape, this.stack)],
      [this.isSafepointFree ? 0 : 2, () => this.call()],
      [2, () => depth > 0 && this.left-- > 0 && this.loop(depth - 1)],
      [1, () => this.branchIf()],
      [1, () => this.access()],
      [this.stack.has("i") ? 4 : 0, () => this.stores.throughParameters()],
      [this.stack.has("ri") ? 12 : 0, () => this.grow()],
      [2, () => {}],
    ])();
  }

  /** Growth as the very first instruction: the reference may leave it half done. */
  private grow(): void {
    const { shape, stack, random } = this;
    const by = op("i32.const", 40 + random.below(60));
    if (random.oneIn(3)) stack.write([...op("drop"), ...by]);
    stack.write(op("table.grow", shape.tables.indexOf("r")), 2, "i");
  }

  /** Counts up and goes back to the header while there are turns left, one way or another. */
  private turn(counter: number, params: string): void {
    const { stack, random } = this;
    const turns = random.oneIn(4) ? random.below(200) : random.below(8);
    this.next(params);
    const count = [
      ...[op("local.get", counter), op("i32.const", 1), op("i32.add")],
      ...[op("local.tee", counter), op("i32.const", turns)],
    ].flat();
    const outer = random.below(stack.labels.length);
    const canBeTable = stack.labels[stack.labels.length - 1 - outer].arity === params;
    if (canBeTable && random.oneIn(2)) {
      stack.write([...count, ...op("i32.ge_s"), ...op("br_table", [0, outer], outer)]);
      stack.types = "";
    } else {
      stack.write([...count, ...op("i32.lt_s"), ...op("br_if", 0)]);
    }
  }

  /** Parameters of the next turn: addresses go on from where they were. */
  private next(params: string): void {
    const { stack, random } = this;
    if (!/^i+$/.test(params) || random.oneIn(3)) {
      stack.bring(params);
      return;
    }
    for (const type of params) {
      stack.write(op("local.get", this.stores.local), 0, type);
      stack.write([...op("i32.const", random.pick([0, 8, 4096])), ...op("i32.add")], 1, type);
    }
  }

  private branchIf(): void {
    const { stack, random } = this;
    const depth = random.below(stack.labels.length);
    const label = stack.labels[stack.labels.length - 1 - depth];
    // Back to a loop only by its counter.
    if (label.isLoop) return;
    stack.bring(label.arity);
    const condition = [...op("local.get", this.locals.length - 1), ...op("i32.const", 2)];
    const test = random.pick(["i32.eq", "i32.ne", "i32.lt_s"] as const);
    stack.write([...condition, ...op(test), ...op("br_if", depth)]);
  }

  private leave(depth: number): void {
    const { stack, random, results } = this;
    if (depth === 3 && !random.oneIn(4)) return;
    const to = random.below(stack.labels.length);
    const { arity, isLoop } = stack.labels[stack.labels.length - 1 - to];
    if (isLoop && !random.oneIn(12)) return;
    const isReturn = random.oneIn(4);
    if (random.oneIn(12)) {
      stack.write(op("unreachable"));
    } else if (isReturn && random.oneIn(2)) {
      stack.write(this.motif.returned());
    } else {
      stack.bring(isReturn ? results : arity);
      stack.write(isReturn ? op("return") : op("br", to));
    }
    this.die();
  }
}
