/**
 * Runs a program's functions under random limits, in random pieces and, now and then, stopped at every step of the first
 * thousand, on three executors, and compares the states whole at every stop.
 *
 * Invariant: everything is a function of the modules and the seed.
 */

import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { valueTypes } from "../../../src/interpreter/binary/module.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import type { FastOptions } from "../../../src/interpreter/compile/fastOptions.ts";
import { InvalidError, LinkError, MalformedError } from "../../../src/interpreter/errors.ts";
import { defaultFuelSchedule } from "../../../src/interpreter/program/fuelSchedule.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { Random } from "../../differential/random.ts";
import { randomBits } from "../../differential/values.ts";
import { RandomLight } from "./randomLight.ts";
import { randomOptions } from "./randomOptions.ts";
import type { Begin, Tally } from "./stops.ts";
import { rewoundStops, Trio } from "./stops.ts";

export interface Subject {
  readonly label: string;
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Whether it has light code (randomLight.ts). */
  readonly isLight?: boolean;
}

const functionsRun = 6;
const everything = 1_000_000;

/**
 * In half of the programs with light code pieces are whole calls with fuel to come to their ends, which it is made for, unless they
 * go too deep.
 */
const runsWhole = ({ isLight }: Subject, seed: number): boolean =>
  isLight === true && seed % 2 === 0;
const moreFuel = 20;

const lightOf = ({ isLight }: Subject, seed: number): Pick<FastOptions, "light"> =>
  isLight === true ? { light: new RandomLight(seed) } : {};

function randomProgram(subject: Subject, random: Random, seed: number): Program {
  const limits = {
    stackSlots: 60 + random.below(random.oneIn(3) ? 300 : 6000),
    frames: 3 + random.below(60),
    callFuel: 200 + random.below(random.oneIn(3) ? 4000 : 40_000),
    memoryPages: 8,
    tableEntries: 4096,
  };
  // Where a step costs much, time passes within few of them.
  const dear = random.oneIn(4) ? 1 + random.below(10_000) : 1;
  // At full prices a call's fuel is spent by one write of a table, and little of its code is reached.
  const most = random.pick([2, 20, 0xffff]);
  const schedule = Object.fromEntries(
    Object.entries(defaultFuelSchedule).map(([name, cost]) => [
      name,
      Math.min(Math.min(cost, most) * dear, 0xffff),
    ]),
  ) as typeof defaultFuelSchedule;
  const modules = subject.modules.map(({ name, bytes }) => ({ name, module: decodeModule(bytes) }));
  return link(modules, {
    limits: {
      ...limits,
      ...(runsWhole(subject, seed) ? { frames: 3 + (limits.frames % 8) } : {}),
      callFuel: limits.callFuel * dear * (runsWhole(subject, seed) ? moreFuel : 1),
    },
    schedule,
    // Dear as well, so that the time tells of it.
    chunkFuel: (random.oneIn(2) ? random.below(2000) : 100) * dear,
    growth: random.oneIn(3) ? "fixed" : "declared",
    unknownImports: "trap",
  });
}

interface Call {
  readonly name: string;
  readonly begin: Begin;
}

/** Calls of some of the last module's exported functions, with arguments of every kind of bits. */
function callsOf(program: Program, random: Random): Call[] {
  const { module, functions } = program.modules[program.modules.length - 1];
  const exported = module.exports.filter(({ kind }) => kind === "function");
  const chosen = [...exported].sort(() => random.below(3) - 1).slice(0, functionsRun);
  return chosen.flatMap(({ name, index }) => {
    const { frame, typeId } = program.functions[functions[index]];
    const linked = program.modules.find(({ types }) => types.includes(typeId));
    const type = linked?.module.types[linked.types.indexOf(typeId)];
    if (type === undefined) throw new RangeError(`expected a type of ${name}`);
    if (frame > program.config.limits.stackSlots) return [];
    return [0, 1].map(() => {
      const args = type.params.map((param) => randomArgument(random, param));
      return { name, begin: (state) => beginInvocation(state, functions[index], args) };
    });
  });
}

const letters: ReadonlyMap<number, string> = new Map<number, string>([
  [valueTypes.i32, "i"],
  [valueTypes.i64, "I"],
  [valueTypes.f32, "f"],
  [valueTypes.f64, "F"],
  [valueTypes.v128, "v"],
]);

function randomArgument(random: Random, type: number): bigint {
  const letter = letters.get(type);
  if (letter === undefined) return 0n;
  return letter === "i" && random.oneIn(2) ? BigInt(random.below(8)) : randomBits(random, letter);
}

/** Compares a program; a module that does not link or decode is counted as refused. */
export function compareAtRandom(subject: Subject, seed: number, tally: Tally): void {
  const random = new Random(seed);
  let program: Program;
  try {
    program = randomProgram(subject, random, seed);
  } catch (error) {
    const isAnswer =
      error instanceof LinkError ||
      error instanceof MalformedError ||
      error instanceof InvalidError;
    if (!isAnswer) throw error;
    tally.refusals.set(error.code, (tally.refusals.get(error.code) ?? 0) + 1);
    return;
  }
  tally.programs++;
  const found = comparePieces(program, subject, random, seed, tally);
  const calls = callsOf(program, random);
  if (found.length === 0 && calls.length > 0) {
    const { name, begin } = random.pick(calls);
    const light = lightOf(subject, seed);
    found.push(
      ...everyStop(program, begin, random, light, tally).map((part) => `${name}: ${part}`),
    );
  }
  if (found.length > 0) tally.found.push(`${subject.label}: ${found.slice(0, 3).join("; ")}`);
}

/** All calls one after the other on one state, in random pieces. */
function comparePieces(
  program: Program,
  subject: Subject,
  random: Random,
  seed: number,
  tally: Tally,
): string[] {
  const trio = new Trio(
    program,
    { ...randomOptions(program, random, 4), ...lightOf(subject, seed) },
    tally,
  );
  const pieces = () => {
    const most = random.pick([40, 400, 4000]);
    while (trio.isRunning) {
      // Now and then a few steps, to stop in the middle of a long instruction.
      const some = 1 + random.below(random.oneIn(3) ? 4 : most);
      const found = trio.run(random.oneIn(5) || runsWhole(subject, seed) ? everything : some);
      if (found.length > 0) return found;
    }
    tally.traps.add(trio.reference.trap);
    return [];
  };
  const atStart = pieces();
  if (atStart.length > 0) return atStart;
  for (const { name, begin } of callsOf(program, random)) {
    trio.begin(begin);
    const found = pieces();
    if (found.length > 0) return found.map((part) => `${name}: ${part}`);
  }
  return [];
}

/** Stops at every step of the first thousand, or of some of them, and at random ones after. */
function everyStop(
  program: Program,
  begin: Begin,
  random: Random,
  light: Pick<FastOptions, "light">,
  tally: Tally,
): string[] {
  // Emitted code is entered only where more than its longest stretch without a check is left.
  const from = random.pick([0, 100, 300, 600, 1000]);
  const stops = random.oneIn(8)
    ? Array.from({ length: 1000 }, (_, at) => at + 1)
    : Array.from({ length: 120 }, (_, at) => from + at + 1);
  for (let at = 1200; at < 20_000; at += 1 + random.below(4000)) stops.push(at);
  const first: Begin = (state) => {
    runExactly(state, everything);
    begin(state);
  };
  return rewoundStops(
    program,
    first,
    stops,
    { loopPatience: 0, worthwhileSteps: 1, ...light },
    tally,
  );
}
