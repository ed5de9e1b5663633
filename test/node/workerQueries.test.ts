/** What a worker answers: about committed states, within a call, as JSON. */
import { describe, expect, test } from "vitest";
import { WorkerQueries } from "../../src/node/worker/queries.ts";
import { answerText, queryText, readAnswer, readQuery } from "../../src/node/worker/queryText.ts";
import { counterTransaction, layout } from "./counters.ts";
import { add, begun, decide, room } from "./oneWorker.ts";
import { counterOf } from "./workerRuns.ts";

describe("questions", () => {
  test("are about committed states, whatever is tried meanwhile", async () => {
    const worker = begun();
    decide(worker, [add(1)]);
    worker.propose(2n, [add(1, 100n)], room);
    expect(worker.machine.isTrying).toBe(true);
    expect(await counterOf(worker, 1)).toBe(1n);
    const block = worker.propose(2n, [add(1, 100n)], room);
    worker.finalize(2n, block);
    const waiting = counterOf(worker, 1);
    worker.commit();
    expect(await waiting).toBe(101n);
  });

  test("a probe › the hash of a range within a call; results › what it returned", async () => {
    const worker = begun();
    decide(worker, [add(1), add(2), counterTransaction("spin", 9, 100n, 1)]);
    const queries = new WorkerQueries(worker);
    const range = { memory: 0, address: layout.counters + 72, length: 8 };
    const hashes = new Set<string | undefined>();
    for (const step of [0, 1200, 1300]) {
      hashes.add((await queries.answer({ kind: "probe", height: 1n, step, range })).hash);
    }
    expect(hashes.size).toBeGreaterThan(1);
    const { results } = await queries.answer({ kind: "results", height: 1n });
    expect(results).toEqual([3n]);
    await expect(queries.answer({ kind: "results", height: 2n })).rejects.toThrow("not been");
  });

  test("as JSON they survive, and other JSON is refused", async () => {
    const range = { memory: 0, address: 8, length: 4 };
    const questions = [
      { kind: "application", height: 3n },
      { kind: "memory", height: 0n, range },
      { kind: "probe", height: 9n, range, step: 7 },
      { kind: "results", height: 2n ** 60n },
    ] as const;
    for (const question of questions) expect(readQuery(queryText(question))).toEqual(question);
    for (const text of [
      "",
      "{}",
      '{"kind":"memory","height":"1"}',
      '{"kind":"probe","height":1}',
    ]) {
      expect(() => readQuery(text)).toThrow(RangeError);
    }
    const worker = begun();
    decide(worker, [add(1)]);
    const answer = await new WorkerQueries(worker).answer({ kind: "results", height: 1n });
    expect(readAnswer(answerText(answer))).toEqual({
      ...answer,
      output: new Uint8Array(answer.output ?? []),
    });
  });
});
