/**
 * Forged states: consistent hashes of states that no machine reaches, of programs that no linker makes. Replay answers
 * with a hash or a WitnessError, and soon; it neither breaks nor hangs.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fullStep } from "../../../bench/fullTrees.ts";
import { instructions, opOf } from "../../../src/interpreter/isa/table.ts";
import {
  controlWord,
  countersWord,
  type Registers,
} from "../../../src/merkle/commitment/registers.ts";
import { replayStep, WitnessError } from "../../../src/merkle/index.ts";
import { arrayDepths } from "../../../src/merkle/tree/arrays.ts";
import { concatenate } from "../../../src/merkle/tree/byteReader.ts";
import { arrayOfBytes } from "../../../src/merkle/tree/merkleArray.ts";
import { readStep } from "../../../src/merkle/witness/replayStep.ts";

const codes = instructions.flatMap((row) => (row.family === "structure" ? [] : [row.op]));
const word = fc.oneof(
  fc.nat(70),
  fc.constantFrom(0xffffffff, 0x80000000, 2 ** 20, 65535),
  fc.nat(),
);
const wide = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

const forged = fc.record({
  op: fc.constantFrom(...codes),
  cost: fc.constantFrom(0, 1, 65535),
  fields: fc.tuple(word, word, word),
  place: fc.nat(7),
  registers: fc.record({
    status: fc.constant(0),
    trap: fc.nat(255),
    sp: word,
    fp: word,
    depth: word,
    stackLimit: word,
    frameLimit: word,
    era: fc.constantFrom(0, 1, 65535),
    stepCounter: wide,
    fuelCounter: wide,
    fuelLimit: wide,
    inputLength: word,
    outputLength: word,
    chunkFuel: word,
  }),
  cuts: fc.boolean(),
  tail: fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.nat(2000).map((length) => new Uint8Array(length)),
    fc.tuple(fc.integer({ min: 1, max: 900 }), fc.nat()).map(([length, at]) => {
      const bytes = new Uint8Array(length);
      bytes[at % length] = 1;
      return bytes;
    }),
  ),
});

/** A witness that is right as far as the multiproofs of the step. */
function forge({ op, cost, fields, place, registers, tail }: ReturnType<typeof sample>) {
  const code = new Uint8Array(128);
  const view = new DataView(code.buffer);
  view.setUint16(place * 16, op);
  view.setUint16(place * 16 + 2, cost);
  fields.forEach((field, i) => {
    view.setUint32(place * 16 + 4 + 4 * i, field);
  });
  const array = arrayOfBytes(arrayDepths.code, code);
  const all: Registers = { ...registers, pc: place };
  const head = [controlWord(all), countersWord(all), array.open([0]).encode()];
  return concatenate([...head, tail]);
}

/** The state that a witness belongs to; zeros for one that belongs to none. */
function stateOf(witness: Uint8Array): Uint8Array {
  try {
    return readStep(witness).preState;
  } catch (error) {
    if (!(error instanceof WitnessError)) throw error;
    return new Uint8Array(32);
  }
}

/** A witness without the bytes that its step leaves over. */
function withoutRest(witness: Uint8Array): Uint8Array {
  try {
    readStep(witness);
  } catch (error) {
    if (!(error instanceof WitnessError)) throw error;
    const rest =
      error.code === "witness-trailing" ? Number(/(\d+) bytes/.exec(error.message)?.[1]) : 0;
    return witness.subarray(0, witness.length - rest);
  }
  return witness;
}

const sample = () => fc.sample(forged, 1)[0];

test("replay of a forged state gives a hash or a WitnessError", () => {
  const seen = new Map<string, number>();
  const answers = fc.property(forged, (seed) => {
    const whole = forge(seed);
    const witness = seed.cuts ? withoutRest(whole) : whole;
    const preState = stateOf(witness);
    let answer = "accepted";
    try {
      expect(replayStep(preState, witness)).toHaveLength(32);
    } catch (error) {
      if (!(error instanceof WitnessError)) throw error;
      answer = error.code;
    }
    seen.set(answer, (seen.get(answer) ?? 0) + 1);
  });
  fc.assert(answers, { seed: 61, numRuns: 6000 });
  for (const code of ["witness-truncated", "witness-trailing", "accepted"]) {
    expect(seen.get(code) ?? 0, code).toBeGreaterThan(0);
  }
  expect(seen.get("leaf-out-of-range") ?? 0).toBeGreaterThan(0);
});

test("a call whose instruction and callee disagree about parameters is refused", () => {
  const table = { sizes: { 1024: 2 ** 24 }, tables: { 40: 1 } };
  const slots = { stack: { [(2 ** 19 + 1) * 8]: 5, [(2 ** 19 + 1) * 8 + 4]: 0 } };
  // 200 parameters in the function's entry, 2 in the call's.
  const functions = { 0: 0, 4: 0, 8: 0xc800_c800, 12: 0x0000_0100 };
  const call = () =>
    fullStep(
      "return_call_indirect",
      opOf("return_call_indirect"),
      { a: 0, b: 0, c: 2 },
      { ...slots, ...table, functions },
      2 ** 19 + 2,
    );
  expect(call).toThrow(WitnessError);
  expect(call).toThrow("the instruction holds a value that no program has");
});
