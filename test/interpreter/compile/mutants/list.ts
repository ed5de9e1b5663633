/**
 * Deliberate faults of the fast path, each one a text of src/interpreter/compile/ put in place of another: what the generators
 * of test/interpreter/compile/ have to find.
 *
 * Invariant: `from` stands in its file once, so a mutant that no longer applies is an error and not an undetected fault;
 * one that changes no state says why in `equivalent`.
 */
import { batches } from "./batches.ts";
import { budgets } from "./budgets.ts";
import { light } from "./light.ts";
import { nested } from "./nested.ts";
import { vectors } from "./vectors.ts";

export interface Mutant {
  readonly name: string;
  /** In src/interpreter/compile/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Which generator has to find it; `adversary` unless given. */
  readonly generator?: "vectors" | "lanes" | "recovery" | "nested" | "light";
  /** Why no program can tell it from the original. */
  readonly equivalent?: string;
  /** What 200 programs lack to find it: a fault that the generator is still blind to. */
  readonly missed?: string;
}

/** What is known of addresses, and guards of stores. */
const addresses: readonly Mutant[] = [
  {
    name: "parameters of a loop keep what was known of them",
    file: "bodyEmitter.ts",
    from: 'if (kind === "loop") this.forgetOperands(params.length);',
    to: "",
  },
  {
    name: "addresses are not forgotten at an end",
    file: "bodyEmitter.ts",
    from: "const { skip } = label;\n    this.addresses.forget();\n    if (skip",
    to: "const { skip } = label;\n    if (skip",
  },
  {
    name: "addresses are not forgotten at an else",
    file: "bodyEmitter.ts",
    from: "const { skip } = label;\n    this.addresses.forget();\n    label.kind",
    to: "const { skip } = label;\n    label.kind",
  },
  {
    name: "addresses are not forgotten at a loop",
    file: "bodyEmitter.ts",
    from: "this.noteLoop(ordinal);\n      this.addresses.forget();",
    to: "this.noteLoop(ordinal);",
  },
  {
    name: "a condition does not part stores",
    file: "branchEmitter.ts",
    from: "protected takeCondition(params: number): void {\n    this.addresses.cut();",
    to: "protected takeCondition(params: number): void {",
  },
  {
    name: "a br_if does not part stores",
    file: "branchEmitter.ts",
    from: "frame.pop(1);\n    this.addresses.cut();\n    if (!this.live) return;",
    to: "frame.pop(1);\n    if (!this.live) return;",
  },
  {
    name: "a call does not part stores",
    file: "emitCalls.ts",
    from: "emitter.advance();\n  emitter.addresses.cut();\n  if (isTail)",
    to: "emitter.advance();\n  if (isTail)",
    equivalent:
      "a checked call has a safepoint behind it, which parts them; a safepoint-free callee returns, or traps and all is taken back",
  },
  {
    name: "locals keep their origin when they are set",
    file: "emitInstructions.ts",
    from: "emitter.addresses.setLocal(place, operand.origin);",
    to: "",
  },
  {
    name: "a group spans more than a chunk",
    file: "addressTracker.ts",
    from: "span > chunkBytes",
    to: "span > 4 * chunkBytes",
  },
  {
    name: "stores of a group are never guarded",
    file: "addressTracker.ts",
    from: "groups.filter((group) => this.needsGuard(group))",
    to: "groups.filter((group) => group.count === 1 && this.needsGuard(group))",
  },
  {
    name: "a guard spans the first store of its group",
    file: "addressTracker.ts",
    from: "group.low = low;\n    group.high = high;",
    to: "",
  },
  {
    name: "a misaligned store looks at one chunk",
    file: "writeBarriers.ts",
    from: ".i32(width - 1)\n      .code(AND)",
    to: ".i32(0)\n      .code(AND)",
  },
  {
    name: "what is ready is forgotten by no label",
    file: "addressTracker.ts",
    from: "if (this.ready.size > 0) this.ready.clear();",
    to: "",
  },
];

/** Canonical NaNs. */
const nans: readonly Mutant[] = [
  {
    name: "NaNs in parameters of a block",
    file: "branchEmitter.ts",
    from: "if (frame.isAnyLazy(count)) frame.useExact(count);",
    to: "",
  },
  {
    name: "NaNs that branches carry",
    file: "hostFrame.ts",
    from: "if (count === 0) return;\n    this.useExact(count);",
    to: "if (count === 0) return;\n    this.use(count);",
  },
  {
    name: "NaNs in globals",
    file: "emitInstructions.ts",
    from: "emitter.advance();\n  emitter.frame.useExact(1);",
    to: "emitter.advance();\n  emitter.frame.use(1);",
  },
  {
    name: "NaNs in one side of a select",
    file: "emitInstructions.ts",
    from: "const isMixed = first.lazy !== second.lazy;",
    to: "const isMixed = false;",
  },
  {
    name: "NaNs in explicit returns",
    file: "branchEmitter.ts",
    from: "this.advance();\n    this.frame.useExact(results);",
    to: "this.advance();\n    this.frame.use(results);",
  },
  {
    name: "NaNs in arguments of a call",
    file: "emitCalls.ts",
    from: "const { frame, out } = emitter;\n  frame.useExact(type.params.length);",
    to: "const { frame, out } = emitter;\n  frame.use(type.params.length);",
  },
  {
    name: "NaNs in arguments of a safepoint-free call",
    file: "emitCalls.ts",
    from: "const { frame, out, scope } = emitter;\n  frame.useExact(type.params.length);",
    to: "const { frame, out, scope } = emitter;\n  frame.use(type.params.length);",
  },
  {
    name: "NaNs among operands at a spill",
    file: "hostFrame.ts",
    from: "        lazy,\n        position,",
    to: "        lazy: undefined,\n        position,",
  },
  {
    name: "NaNs in locals at a spill",
    file: "emitter.ts",
    from: "lazyChanges: this.lazy.passed,",
    to: "lazyChanges: 0,",
  },
  {
    name: "NaNs in exact locals",
    file: "emitInstructions.ts",
    from: "if (floats === undefined || frame.top().type === v128) frame.useExact(1, floats);\n  else frame.use(1);",
    to: "frame.use(1);",
    missed: "arithmetic that meets a payload; lazyLocals.test.ts has it",
  },
  {
    name: "lazy locals are read as exact",
    file: "straightRuns.ts",
    from: "frame.push(type, lazy.floats[place]);",
    to: "frame.push(type);",
  },
  {
    name: "NaNs in what works on bits",
    file: "emitInstructions.ts",
    from: "if (shape.seesBits) frame.useExact",
    to: "if (false as boolean) frame.useExact",
  },
  {
    name: "NaNs in stores",
    file: "emitMemory.ts",
    from: "frame.useExact(2);",
    to: "frame.use(2);",
  },
  {
    name: "a constant NaN counts as canonical",
    file: "lazyLocals.ts",
    from: 'if (code === F32_CONST) return isNan32(low) ? "exact" : "constant";',
    to: 'if (code === F32_CONST) return "constant";',
    missed: "a payload that meets a sum; lazyLocals.test.ts has it",
  },
  {
    name: "copies of exact locals count as lazy",
    file: "floatWebs.ts",
    from: "const isNews = !this.isExact[to];\n        this.isExact[to] = true;",
    to: "const isNews = false;",
    missed: "a copy of a payload that meets a sum; lazyLocals.test.ts has it",
  },
  {
    name: "definitions that reach one place are not of one web",
    file: "lazyLocals.ts",
    from: "this.webs.unite(block.target[place], state[place]);",
    to: "",
  },
  {
    name: "an else branch goes on with the locals of the other",
    file: "lazyLocals.ts",
    from: "if (skip !== undefined) this.moveTo(skip);",
    to: "this.isReachable = true;",
    missed: "a sum that an else branch finds; lazyLocals.test.ts has it",
  },
  {
    name: "the way past an if without else is no edge",
    file: "lazyLocals.ts",
    from: "if (block.skip !== undefined) this.flow(block, block.skip);",
    to: "",
    missed: "a sum that a load may replace on the way round; lazyLocals.test.ts has it",
  },
  {
    name: "a parameter's value is lazy",
    file: "lazyLocals.ts",
    from: 'local < given ? "exact" : "constant"',
    to: '"constant"',
    missed: "a parameter's payload that meets a sum; lazyLocals.test.ts has it",
  },
];

/** Entries, resumed loops, calls through tables, and what is taken back. */
const places: readonly Mutant[] = [
  {
    name: "a half-done growth can be entered",
    file: "emissionLog.ts",
    from: "for (const pc of this.leftToReference) entries.delete(pc);",
    to: "",
  },
  {
    name: "a function's entry goes before its loop",
    file: "emissionLog.ts",
    from: 'if (entries.get(loop.pc)?.kind === "loop") continue;',
    to: "if (entries.has(loop.pc)) continue;",
  },
  {
    name: "a resumed loop takes the wrong branch",
    file: "resumeEmitter.ts",
    from: ".i32(inElse ? 0 : 1)",
    to: ".i32(1)",
    generator: "recovery",
  },
  {
    name: "a resumed loop stays resuming",
    file: "resumeEmitter.ts",
    from: 'this.out.i32(0).at("local.set", this.resuming);',
    to: "",
  },
  {
    name: "a loop is entered without room",
    file: "fastExecutor.ts",
    from: "if (place === places.loopHeader && !this.conditions.hasRoom()) return false;",
    to: "",
  },
  {
    name: "types with one signature on the host are one",
    file: "hostTypes.ts",
    from: "byId.set(types[index], variant === 0 ? signature : { ...signature, variant });",
    to: "byId.set(types[index], signature);",
  },
  {
    name: "a misaligned store looks at its first chunk alone",
    file: "undoLog.ts",
    from: " && cards[last >>> 12] === 0;",
    to: ";",
    generator: "recovery",
  },
  {
    name: "a chunk that was zero keeps what was written to it",
    file: "savedContents.ts",
    from: "bytes.fill(0, start, start + chunkBytes);",
    to: "",
    generator: "recovery",
  },
  {
    name: "a kept chunk is put back from its neighbour's place",
    file: "savedContents.ts",
    from: "const at = (place % chunksOfPiece) * chunkBytes;",
    to: "const at = ((place ^ 1) % chunksOfPiece) * chunkBytes;",
    generator: "recovery",
  },
  {
    name: "sizes of tables are not taken back",
    file: "tableUndo.ts",
    from: "for (const [table, size] of this.sizes) shrinkTable(tables[table], size);",
    to: "",
  },
  {
    name: "dropped segments are not taken back",
    file: "tableUndo.ts",
    from: "for (const segment of this.dropped) dropped[segment] = 0;",
    to: "",
    generator: "recovery",
  },
  {
    name: "entries of tables are not taken back",
    file: "tableUndo.ts",
    from: "table.entries.set(content, first);",
    to: "",
    generator: "recovery",
  },
  {
    name: "the reference takes over too shortly before a trap",
    file: "caution.ts",
    from: "from + 2 * stretch + worthwhileSteps",
    to: "from + 1",
    equivalent:
      "emitted code meets the trap again and is taken back again: it costs time and alters no state",
  },
];

export const mutants: readonly Mutant[] = [
  ...addresses,
  ...nans,
  ...budgets,
  ...batches,
  ...nested,
  ...light,
  ...vectors,
  ...places,
];
