/**
 * Deliberate faults of what is compiled on demand: calls out of a module, stubs, batches, what is compiled anew.
 *
 * Invariant: that of list.ts, which takes them in.
 */
import type { Mutant } from "./list.ts";

/** Calls out of a module: stubs, the table of all functions, what is compiled beside and anew. */
export const batches: readonly Mutant[] = [
  {
    name: "a call out of the module does not say whom it calls",
    file: "emitCalls.ts",
    from: 'out.i32(0).i64Halves(index, 0).store("i64.store", scope.machineMemory, machineLayout.callee);',
    to: "",
    generator: "nested",
  },
  {
    name: "a call through a table does not say which entry it calls",
    file: "emitCalls.ts",
    from: "    writeEntry(emitter, table, entry);\n",
    to: "",
    generator: "nested",
  },
  {
    name: "a call through a table names the first table",
    file: "emitCalls.ts",
    from: "BigInt(table + 1) << 32n",
    to: "1n << 32n",
    generator: "nested",
  },
  {
    name: "a table's entry counts from one",
    file: "calledFunction.ts",
    from: "tables[table - 1].entries[number >>> 0] - 1",
    to: "tables[table - 1].entries[number >>> 0]",
    generator: "nested",
  },
  {
    name: "a tail call out of the module is a call",
    file: "emitCalls.ts",
    from: 'const mnemonic = isTail ? "return_call_indirect" : "call_indirect";',
    to: 'const mnemonic = "call_indirect";',
  },
  {
    name: "a stub loses what its caller says",
    file: "glueFunctions.ts",
    from: '.at("local.set", callee);',
    to: '.op("drop");',
    generator: "nested",
  },
  {
    name: "functions of a batch are not put into the table of all functions",
    file: "moduleBuilder.ts",
    from: "      sections.addFunctionElements(functionTable, functions[start], first + start, end - start);\n",
    to: "",
    generator: "nested",
  },
  {
    name: "functions of a batch lie one place off in the table of all functions",
    file: "moduleBuilder.ts",
    from: "(functionTable, functions[start], first + start, end - start)",
    to: "(functionTable, functions[start], first, end - start)",
    generator: "nested",
  },
  {
    name: "program tables keep the stubs of functions that are compiled",
    file: "hostInstance.ts",
    from: "      this.tables.renew(new Set(functions));\n",
    to: "",
    equivalent: "a stub stops where the function would begin: only the time tells",
  },
  {
    name: "a stretch of a batch does not count",
    file: "compiledProgram.ts",
    from: "    this.addStretches(log.stretches);\n    this.mainBytes",
    to: "    if (this.batches.length === 0) this.addStretches(log.stretches);\n    this.mainBytes",
    generator: "nested",
  },
  {
    name: "a function of another module is called without a check",
    file: "emitCalls.ts",
    from: "if (scope.isHere(index) && scope.log.isSafepointFree(index)) {",
    to: "if (scope.log.isSafepointFree(index) || !scope.isHere(index)) {",
    generator: "nested",
  },
  {
    name: "what is compiled anew keeps the places of before",
    file: "executorInstances.ts",
    from: "    if (!isKnown) this.places.clear();\n",
    to: "",
    generator: "nested",
  },
  {
    name: "what is compiled anew runs on the globals of before",
    file: "executorInstances.ts",
    from: "isKnown ? known : this.newInstance(compiled);",
    to: "known ?? this.newInstance(compiled);",
    generator: "nested",
  },
  {
    name: "what is called and not compiled has no stub",
    file: "emitCalls.ts",
    from: "  scope.log.noteOutside(index);\n",
    to: "",
    equivalent:
      "the host traps at the empty entry, the entry is taken back, and the reference makes the call: only the time tells",
  },
  {
    name: "traced code lacks the functions that have come since",
    file: "executorInstances.ts",
    from: "if (known?.functions.size === compiled.functions.size) return known;",
    to: "if (known !== undefined) return known;",
    generator: "nested",
  },
  {
    name: "a growth is not taken back",
    file: "undoLog.ts",
    from: "shrinkMemory(this.state, this.state.memories[memory], pages);",
    to: "",
    generator: "recovery",
  },
  {
    name: "the first step of a runtime call costs nothing",
    file: "runtimeAccess.ts",
    from: 'if (!this.pay(1)) return "left";',
    to: "",
  },
  {
    name: "further pieces of a runtime call cost nothing",
    file: "runtimeAccess.ts",
    from: "if (more > 0 && !this.pay(more)) throw new LeftToReference();",
    to: "",
  },
  {
    name: "a runtime call gives another result",
    file: "runtimeAccess.ts",
    from: "budget.instance.setResult(this.low(0));",
    to: "budget.instance.setResult(this.low(0) + 1);",
  },
  {
    name: "a runtime call's write to a table does not reach the host",
    file: "runtimeAccess.ts",
    from: "if (this.written !== nothing) this.mirror(this.written);",
    to: "",
    generator: "recovery",
  },
];
