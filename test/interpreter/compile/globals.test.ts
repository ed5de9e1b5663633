/**
 * Globals by chunks: entries into emitted code, journals of calls and state hashes look only at chunks that were
 * written, and all executors and an own commitment agree on what they hold.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { run, runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { CallJournal } from "../../../src/interpreter/state/callJournal.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import {
  closeVersion,
  globalChunkSize,
  globalsChangedSince,
} from "../../../src/interpreter/state/globals.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { StateTree } from "../../../src/merkle/commitment/stateTree.ts";
import { Random } from "../../differential/random.ts";

const constant = (value: number) => op("i32.const", value);
const none = new Uint8Array(0);
const turns = 40;

/** Adds to some globals in each of its turns; traps in a call on one byte of input. */
function countingProgram(globals: number, written: readonly number[]): Program {
  const add = (index: number): Code[] => [
    ...[op("global.get", index), op("local.get", 0), op("i32.add"), op("global.set", index)],
  ];
  const body = [
    ...[constant(turns), op("local.set", 0), op("loop", ""), ...written.flatMap(add)],
    ...[op("local.get", 0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)],
    ...[op("end"), op("call", 0), op("if", ""), op("unreachable"), op("end")],
  ];
  const text = {
    imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
    globals: Array.from({ length: globals }, (_, index) => ({
      type: "i" as const,
      mutable: true,
      init: constant(index),
    })),
    functions: [{ signature: ":", locals: "i", export: "gateway", body }],
  };
  return link([{ name: "m", module: decodeModule(assemble(text)) }], { gateway: "gateway" });
}

describe("globals › chunks", () => {
  const random = new Random(11);
  const sizes = [1, 64, 65, 512, 513, 5000];

  it.each(sizes)("%i globals are the same on all executors, stopped anywhere", (size) => {
    const written = Array.from({ length: 4 }, () => random.below(size));
    const program = countingProgram(size, written);
    const states = [genesis(program), genesis(program), genesis(program)];
    const [exact, blocks, fast] = states;
    const executor = new FastExecutor(fast, { loopPatience: 0, worthwhileSteps: 1 });
    const tree = new StateTree(fast);
    for (let call = 0; call < 4; call++) {
      for (const state of states) begin(state, call === 2 ? Uint8Array.of(1) : none);
      while (exact.status === statusCodes.running) {
        const steps = 1 + random.below(300);
        runExactly(exact, steps);
        run(blocks, { steps });
        executor.run(steps);
        expect(differences(snapshot(fast), snapshot(exact))).toEqual([]);
        expect(differences(snapshot(blocks), snapshot(exact))).toEqual([]);
        expect(tree.stateHash()).toEqual(new StateTree(exact).stateHash());
      }
    }
    expect(executor.entries).toBeGreaterThan(3);
    expect(executor.refusal).toBeUndefined();
  });

  it("costs an entry the chunks that were written, however many globals there are", () => {
    const copied = [1000, 20_000].map((size) => {
      const state = genesis(countingProgram(size, [3]));
      const executor = new FastExecutor(state, { worthwhileSteps: 1 });
      const perCall = Array.from({ length: 3 }, () => {
        const before = executor.copiedGlobals;
        begin(state, none);
        executor.run();
        return executor.copiedGlobals - before;
      });
      return perCall.slice(1);
    });
    expect(copied[0]).toEqual(copied[1]);
    expect(copied[0][0]).toBeLessThanOrEqual(2 * globalChunkSize);
    expect(copied[0][0]).toBeGreaterThan(0);
  });

  it("go in again after an entry that was taken back", () => {
    const state = genesis(countingProgram(5000, [4000, 20]));
    const reference = genesis(state.program);
    const executor = new FastExecutor(state, { worthwhileSteps: 1 });
    for (const input of [none, Uint8Array.of(1), none]) {
      begin(state, input);
      executor.run();
      begin(reference, input);
      runExactly(reference, 10_000);
      expect(differences(snapshot(state), snapshot(reference))).toEqual([]);
    }
    expect(executor.entries).toBeGreaterThan(2);
  });

  it("are taken back by the journal that saves only what is written", () => {
    const state = genesis(countingProgram(5000, [4000, 20]));
    const tree = new StateTree(state);
    const before = { hash: tree.stateHash(), state: snapshot(state) };
    const since = closeVersion(state.globalChanges);
    const journal = new CallJournal(state);
    begin(state, none);
    run(state);
    expect(globalsChangedSince(state.globalChanges, since)).toEqual([0, 7]);
    expect(tree.stateHash()).not.toEqual(before.hash);
    journal.rollBack();
    expect(differences(snapshot(state), before.state)).toEqual([]);
    expect(tree.stateHash()).toEqual(before.hash);
  });
});
