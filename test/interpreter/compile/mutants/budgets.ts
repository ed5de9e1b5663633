/**
 * Deliberate faults of the budget: what is counted, where it is checked, how far code runs without a check.
 *
 * Invariant: that of list.ts, which takes them in.
 */
import type { Mutant } from "./list.ts";

/** Budgets, rooms and stretches without a check. */
export const budgets: readonly Mutant[] = [
  {
    name: "a safepoint-free callee costs the stretch nothing",
    file: "emitCalls.ts",
    from: "emitter.stretch = plus(emitter.stretch, scope.plans.at(index).total);",
    to: "",
  },
  {
    name: "a back-edge is not noted",
    file: "branchEmitter.ts",
    from: 'if (label.kind === "loop") this.note();\n    this.out.at("br", this.relative(label));',
    to: 'this.out.at("br", this.relative(label));',
  },
  {
    name: "a back-edge of a br_if is not noted",
    file: "branchEmitter.ts",
    from: 'if (label.kind === "loop") this.note();\n      this.demand.controls++;',
    to: "this.demand.controls++;",
  },
  {
    name: "a back-edge of a br_table is not noted",
    file: "branchEmitter.ts",
    from: 'if (label.kind === "loop") this.note();\n        out.unsigned',
    to: "out.unsigned",
  },
  {
    name: "a return is not noted",
    file: "branchEmitter.ts",
    from: 'this.out.op("return");\n      this.note();',
    to: 'this.out.op("return");',
  },
  {
    name: "a safepoint-free callee may read the fuel",
    file: "emissionLog.ts",
    from: "!emitted.canExit && !emitted.readsFuel",
    to: "!emitted.canExit",
  },
  {
    name: "a check makes no exit",
    file: "emitter.ts",
    from: "if (this.live) this.canExit = true;",
    to: "",
    equivalent: "the exit that the check writes says so too; only measurements leave the exit out",
  },
  {
    name: "the room of a callee begins too low",
    file: "emitCalls.ts",
    from: "slots: emitter.source.localSlots + frame.slots, frames: 1",
    to: "slots: frame.slots, frames: 1",
  },
  {
    name: "a call takes no frame of the room",
    file: "emitCalls.ts",
    from: "+ frame.slots, frames: 1 })",
    to: "+ frame.slots, frames: 0 })",
  },
  {
    name: "an else goes on with what its if had spent",
    file: "bodyEmitter.ts",
    from: "this.pending = skip?.pending ?? this.pending;\n    this.stretch = skip?.stretch ?? this.stretch;\n    label.skip",
    to: "label.skip",
  },
  {
    name: "an edge does not adjust the budget",
    file: "branchEmitter.ts",
    from: 'if (this.reach(label)) this.adjustTo(label.pending ?? this.pending);\n    if (label.kind === "loop") this.note();',
    to: 'this.reach(label);\n    if (label.kind === "loop") this.note();',
  },
  {
    name: "a label forgets the longer of its ways",
    file: "emitter.ts",
    from: "label.stretch = largest(label.stretch, this.stretch);",
    to: "label.stretch = this.stretch;",
  },
  {
    name: "stretches of unchecked functions do not count",
    file: "compiledProgram.ts",
    from: "const stretch = plus(stretches.checked, stretches.unchecked);",
    to: "const stretch = stretches.checked;",
  },
  {
    name: "a clean chunk does not lower the budget",
    file: "runtimeBudget.ts",
    from: "this.instance.lowerAtHand(0, surplus);",
    to: "",
  },
  {
    name: "the time forgets clean chunks",
    file: "runtimeAccess.ts",
    from: "Math.floor(this.budget.fuelCounter / unit)",
    to: "Math.floor((this.budget.fuelCounter - this.budget.charged) / unit)",
    generator: "recovery",
  },
];
