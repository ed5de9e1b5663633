/**
 * A thousand random schedules of validators, honest and lazy, over a fragment whose states differ at every step: whoever
 * has not executed loses to the next one who checks. And a replay that is interrupted anywhere comes out the same.
 */
import { id } from "ethers";
import { describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  type ApplicationState,
  applicationStateAfter,
  type DeclaredBlock,
  FragmentReplay,
  FragmentRun,
  initialApplicationState,
  periodFor,
  proofFlaw,
  type SampleTerms,
  SampleWalk,
  sampleHashes,
  samplesFrom,
} from "../../src/history/index.ts";
import { load } from "../../src/index.ts";
import { Machine } from "../../src/interpreter/index.ts";
import { inventedList } from "../../src/node/validation/laziness.ts";
import { ReplayStore } from "../../src/node/validation/replayStore.ts";
import { binaryOf } from "../merkle/program.ts";

/** Counts in memory for as many rounds as its input has bytes. */
const program = load(
  binaryOf(`(module
    (import "arbiter" "input_size" (func $size (result i32)))
    (memory 1)
    (func (export "gateway") (result i32)
      (local $i i32)
      (loop $next
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 3)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (call $size))))
      (i32.load (i32.const 8))))`),
);
const inputs = [40, 3, 25, 60].map((length) => new Uint8Array(length));

/** The fragment as true workers declare it. */
function declared(): { readonly blocks: readonly DeclaredBlock[]; readonly steps: bigint } {
  const run = new FragmentRun(new Machine(program));
  let before: ApplicationState = initialApplicationState(run.base());
  const blocks = inputs.map((input, index) => {
    const outcome = run.run(input);
    if ("overFuel" in outcome) throw new Error("expected a call without a bound to end");
    const { receiptsHash } = before;
    const after = applicationStateAfter(before, outcome, receiptsHash);
    const block = { height: BigInt(index + 1), input, before, after, receiptsHash };
    before = after;
    return block;
  });
  return { blocks, steps: run.steps };
}

const { blocks, steps } = declared();
const period = periodFor(steps, 16);

function replayed(terms: readonly SampleTerms[]): FragmentReplay {
  const replay = new FragmentReplay(new Machine(program), 1n, terms);
  for (const block of blocks) expect(replay.block(block)).toBeUndefined();
  return replay;
}

/** Hashes of all states: what a replay under any seed takes its samples from. */
const states = replayed([{ seed: id("all") as Hash, period: 1n }]).samples(0);

/** The samples of a replay under a seed, as `replayed` would take them. */
function truthOf(terms: SampleTerms) {
  const walk = new SampleWalk(terms);
  while (walk.next <= steps) walk.take(states[Number(walk.next)].hash);
  return walk.samples;
}

/** What validators do: execute and check, publish hashes of nothing, or those of the one before. */
const kinds = ["honest", "copies", "reuses", "silent"] as const;
type Kind = (typeof kinds)[number];

interface Published {
  readonly kind: Kind;
  readonly seed: Hash;
  readonly samples: readonly Hash[];
}

/** Numbers by a seed (xorshift). */
function numbersBy(seed: number) {
  let state = seed | 1;
  return (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One schedule to its end: who is convicted by whom. */
function play(number: number) {
  const random = numbersBy(number * 2_654_435_761);
  const length = 1 + random(4);
  const sequence = [...Array.from({ length }, () => kinds[random(kinds.length)]), "honest" as Kind];
  const standing: Published[] = [];
  const convicted: { readonly kind: Kind; readonly by: number; readonly at: number }[] = [];
  for (const [at, kind] of sequence.entries()) {
    const seed = id(`schedule ${number} turn ${at}`) as Hash;
    if (kind === "copies" || kind === "reuses") {
      const from = kind === "reuses" ? (standing.at(-1)?.samples ?? []) : [];
      standing.push({ kind, seed, samples: inventedList({ seed, period, steps }, from) });
      continue;
    }
    const checked = kind === "silent" ? [] : [...standing];
    for (const { seed: theirs, samples, kind: liar } of checked) {
      const of = { seed: theirs, period };
      const flaw = proofFlaw(samplesFrom(samples, of), truthOf(of), of, steps);
      if (flaw === undefined) continue;
      expect(flaw.kind).toBe("state");
      convicted.push({ kind: liar, by: at, at: sequence.length });
      standing.splice(
        standing.findIndex((each) => each.seed === theirs),
        1,
      );
    }
    standing.push({ kind, seed, samples: sampleHashes(truthOf({ seed, period })) });
  }
  return { sequence, standing, convicted };
}

describe("a thousand random schedules", () => {
  test("states under any seed are those of a replay under it", () => {
    for (const seed of [id("a"), id("b")] as Hash[]) {
      expect(replayed([{ seed, period }]).samples(0)).toEqual(truthOf({ seed, period }));
    }
  });

  test("whoever has not executed is convicted, nobody else is", () => {
    let lazy = 0;
    let passed = 0;
    for (let number = 1; number <= 1000; number++) {
      const { sequence, standing, convicted } = play(number);
      const expected = sequence.filter((kind) => kind === "copies" || kind === "reuses");
      lazy += expected.length;
      expect(convicted.map(({ kind }) => kind).sort(), `schedule ${number}`).toEqual(
        [...expected].sort(),
      );
      expect(standing.every(({ kind }) => kind === "honest" || kind === "silent")).toBe(true);
      // Who skips the check of those before leaves what they lose to the next one.
      for (const { by } of convicted) {
        expect(sequence[by]).toBe("honest");
        if (sequence.slice(0, by).includes("silent")) passed++;
      }
    }
    expect(lazy).toBeGreaterThan(500);
    expect(passed).toBeGreaterThan(50);
  });
});

describe("a replay that is interrupted", () => {
  test("behind any block goes on from the disk and has the same samples", () => {
    const terms = [1, 2].map((n) => ({ seed: id(`seed ${n}`) as Hash, period: 7n }));
    const whole = replayed(terms);
    const turn = { id: id("fragment") as Hash, seed: terms[0].seed };
    for (let until = 0; until <= blocks.length; until++) {
      const store = new ReplayStore(":memory:");
      const machine = new Machine(program);
      const first = new FragmentReplay(machine, 1n, terms);
      for (const block of blocks.slice(0, until)) first.block(block);
      store.keep(turn, machine, first.progress());
      const kept = store.read(program, turn);
      if (kept === undefined) throw new Error("expected what was kept");
      const second = new FragmentReplay(kept.machine, 1n, terms, kept.progress);
      for (const block of blocks.slice(until)) expect(second.block(block)).toBeUndefined();
      expect(second.samples(0)).toEqual(whole.samples(0));
      expect(second.samples(1)).toEqual(whole.samples(1));
      expect(second.progress()).toEqual(whole.progress());
      expect(second.base()).toBe(whole.base());
      store.close();
    }
  });
});

describe("a call that is declared too cheap", () => {
  test("is left at the first instruction beyond, having spent no more than was declared", () => {
    const [block] = blocks;
    const spent = block.after.fuel - block.before.fuel;
    for (const less of [1n, 2n, spent / 2n, spent - 1n]) {
      const after = { ...block.after, fuel: block.after.fuel - less };
      const replay = new FragmentReplay(new Machine(program), 1n, []);
      const wrong = replay.block({ ...block, after });
      if (wrong?.kind !== "fuel") throw new Error(`expected too little fuel, got ${wrong?.kind}`);
      expect(wrong.work).toBeLessThanOrEqual(spent - less);
      const machine = new Machine(program);
      machine.begin(block.input ?? new Uint8Array());
      const { fuelCounter } = machine.state;
      const before = Number(wrong.steps) - 1;
      for (let step = 0; step < before; step++) machine.step();
      expect(BigInt(machine.state.fuelCounter - fuelCounter)).toBe(wrong.work);
      machine.step();
      expect(BigInt(machine.state.fuelCounter - fuelCounter)).toBeGreaterThan(spent - less);
    }
  });
});
