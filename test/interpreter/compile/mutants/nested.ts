/**
 * Deliberate faults of calls that the block executor runs beside emitted frames (nestedCalls.ts).
 *
 * Invariant: that of list.ts, which takes them in.
 */
import type { Mutant } from "./list.ts";

export const nested: readonly Mutant[] = [
  {
    name: "a call beside emitted frames lies a frame too high",
    file: "nestedCalls.ts",
    from: "const depth = state.depth + this.room.frames - room.frames;",
    to: "const depth = state.depth + this.room.frames - room.frames + 1;",
    generator: "nested",
  },
  {
    name: "a call beside emitted frames lies a slot too high",
    file: "nestedCalls.ts",
    from: "const fp = state.fp + this.room.slots - room.slots;",
    to: "const fp = state.fp + this.room.slots - room.slots + 1;",
    generator: "nested",
  },
  {
    name: "declared locals of a call beside emitted frames are what lay there",
    file: "nestedCalls.ts",
    from: "    state.stack.fill(0, (fp + params) * 2, (fp + locals) * 2);\n",
    to: "",
    generator: "nested",
  },
  {
    name: "a call beside emitted frames sees globals of before the entry",
    file: "nestedCalls.ts",
    from: "    instance.globals.store();\n",
    to: "",
    generator: "nested",
  },
  {
    name: "emitted code sees globals of before a call beside it",
    file: "nestedCalls.ts",
    from: "    instance.globals.load();\n",
    to: "",
    generator: "nested",
  },
  {
    name: "results of a call beside emitted frames are lost",
    file: "nestedCalls.ts",
    from: "    instance.setSlots(state.stack, fp, state.program.functions[index].results);\n",
    to: "",
    generator: "nested",
  },
  {
    name: "a call beside emitted frames costs nothing",
    file: "nestedCalls.ts",
    from: "    instance.lowerAtHand(used.steps, used.fuel);\n",
    to: "",
    generator: "nested",
  },
  {
    name: "a trap beside emitted frames is not entered",
    file: "emittedEntry.ts",
    from: "    if (trap !== 0) enterTrap(state, trap);\n",
    to: "",
    generator: "nested",
  },
  {
    name: "globals that a call beside emitted frames has written are not taken back",
    file: "nestedCalls.ts",
    from: "    state.globals.set(this.globals);\n    this.stopped",
    to: "    this.stopped",
    generator: "nested",
  },
  {
    name: "what a call beside emitted frames has stored is not taken back",
    file: "undoLog.ts",
    from: "      if (memory === 0) this.ready[chunk] = 0;\n",
    to: "",
    generator: "nested",
  },
  {
    name: "the innermost frame below a stopped call is taken for the running one",
    file: "emittedEntry.ts",
    from: "restoreFrames(state, instance, records, true);",
    to: "restoreFrames(state, instance, records);",
    generator: "nested",
  },
];
