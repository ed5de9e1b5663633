/**
 * Deliberate faults of light code (lightChecks.ts, lightEntry.ts).
 *
 * Invariant: that of list.ts, which takes them in.
 */
import type { Mutant } from "./list.ts";

export const light: readonly Mutant[] = [
  {
    name: "light code goes on without room",
    file: "lightEntry.ts",
    from: "if (room < 0) throw",
    to: "if (room < -1e9) throw",
    generator: "light",
  },
  {
    name: "the room of light code is what its caller has",
    file: "lightChecks.ts",
    from: "emitter.writeRoomBut(need ?? { slots: 0, frames: 0 });",
    to: "emitter.writeRoomBut({ slots: 0, frames: 0 });",
    generator: "light",
  },
  {
    name: "an entry of light code may pass its limits behind the last check",
    file: "lightRuns.ts",
    from: "if (used.steps > most.steps || used.fuel > most.fuel) throw",
    to: "if (used.steps < 0) throw",
    generator: "light",
  },
  {
    name: "an entry of light code may pass its fuel by what chunks have cost",
    file: "emittedEntry.ts",
    from: "{ steps, fuel: fuel + budget.charged }, most",
    to: "{ steps, fuel }, most",
    generator: "light",
    missed:
      "a chunk is charged with a stretch of fuel to spare, which only frames that return over each other use up",
  },
  {
    name: "light code is given more fuel than there is",
    file: "runtimeBudget.ts",
    from: "      most.fuel - this.charged - used.fuel,\n",
    to: "",
    generator: "light",
    equivalent: "the entry is held against its limits when it has come to its end",
  },
  {
    name: "what light code has used begins anew with each refill",
    file: "runtimeBudget.ts",
    from: "    this.given = next;\n",
    to: "",
    generator: "light",
  },
  {
    name: "a loop that moves pays again for what is pending at its header",
    file: "hostInstance.ts",
    from: "steps: steps - pending.steps,\n",
    to: "steps,\n",
    generator: "light",
  },
  {
    name: "what is pending before a call of light code stays pending",
    file: "emitCalls.ts",
    from: "emitter.pending = noCost;\n  for (const result",
    to: "for (const result",
    generator: "light",
  },
  {
    name: "a loop that moves has the room of its caller's callees",
    file: "lightChecks.ts",
    from: 'out.at("local.get", emitter.room).i32(scope.plans.count);',
    to: "out.i64(2n ** 50n).i32(scope.plans.count);",
    generator: "light",
    missed: "a loop that has moved and then calls too deep; light.test.ts has one",
  },
  {
    name: "an entry of light code that is lost is not taken back",
    file: "fastExecutor.ts",
    from: "const { usedSteps, mostUsedSteps } = this.runtime.budget;\n    this.rollBack();",
    to: "const { usedSteps, mostUsedSteps } = this.runtime.budget;\n    if (!this.isLight) this.rollBack();",
    generator: "light",
  },
];
