/** What a worker answers: about committed states, within a call, as JSON. */
import { describe, expect, test, vi } from "vitest";
import { abciWorker } from "../../src/node/worker/abciWorker.ts";
import { WorkerQueries } from "../../src/node/worker/queries.ts";
import { answerText, queryText, readAnswer, readQuery } from "../../src/node/worker/queryText.ts";
import { stateAfter, stateAfterBeside } from "../../src/node/worker/recovery.ts";
import { StateSync } from "../../src/node/worker/stateSync.ts";
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

describe("questions for which blocks are executed again", () => {
  const blocks = 30;
  const worked = () => {
    const worker = begun();
    for (let tag = 1; tag <= blocks; tag++) decide(worker, [add(tag)]);
    return worker;
  };
  const range = { memory: 0, address: layout.counters, length: 8 };

  test("leave the process to others behind each block", async () => {
    const worker = worked();
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    await new WorkerQueries(worker).answer({ kind: "memory", height: BigInt(blocks - 1), range });
    clearInterval(others);
    expect(turns).toBeGreaterThanOrEqual(blocks / 2);
    const [now, beside] = [stateAfter(worker, 20n), await stateAfterBeside(worker, 20n)];
    expect(beside.application).toEqual(now.application);
    expect(beside.machine.base()).toBe(now.machine.base());
  });

  test("go on while blocks are committed", async () => {
    const worker = worked();
    const old = counterOf(worker, 1, BigInt(blocks - 1));
    const results = new WorkerQueries(worker).answer({ kind: "results", height: 7n });
    for (let tag = 31; tag <= 40; tag++) {
      decide(worker, [add(tag)]);
      await new Promise((done) => setTimeout(done, 1));
    }
    expect(await old).toBe(4n);
    expect((await results).results).toEqual([1n]);
    expect(worker.height).toBe(40n);
  });

  test("are answered in turn, a repeated one for nothing, and too many are refused", async () => {
    const worker = worked();
    const queries = new WorkerQueries(worker);
    const read = vi.spyOn(worker.journal, "blocks");
    const same = Array.from({ length: 16 }, () => queries.answer({ kind: "results", height: 9n }));
    const settled = await Promise.allSettled([
      ...same,
      queries.answer({ kind: "results", height: 8n }),
    ]);
    const refused = settled.filter(({ status }) => status === "rejected");
    expect(refused).toEqual([
      { status: "rejected", reason: expect.objectContaining({ code: "node-busy" }) },
    ]);
    expect(read).toHaveBeenCalledTimes(1);
    expect((await queries.answer({ kind: "results", height: 8n })).height).toBe(8n);
  });

  test("a failure is an answer, and not the end of the connection", async () => {
    const worker = worked();
    const stateSync = new StateSync(worker, undefined, "");
    const application = abciWorker(worker, { stateSync });
    vi.spyOn(worker.journal, "block").mockImplementation(() => {
      throw new Error("disk I/O error");
    });
    const data = new TextEncoder().encode(queryText({ kind: "results", height: 3n }));
    const query = { path: "/worker", data, height: 0n, prove: false };
    expect(await application.query?.(query)).toMatchObject({ code: 4, log: "disk I/O error" });
  });
});
