/**
 * Runs modules of adversary/nested.ts partly compiled, so that emitted code calls what is not, in long and in random pieces,
 * under random limits, and compares the states whole after every piece.
 *
 * Invariant: everything is a function of the seed.
 */
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { nestedSteps } from "../../../src/interpreter/compile/nestedCalls.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { Random } from "../../differential/random.ts";
import { nestedModules } from "./adversary/nested.ts";
import { PartlyCompiled } from "./partlyCompiled.ts";
import { RandomLight } from "./randomLight.ts";
import { type Tally, Trio } from "./stops.ts";

const rounds = 3;
const calls = 8;
const longPiece = 2 ** 20;
/** Steps behind which a round is left: with much fuel a call may never end. */
const mostSteps = 2 ** 21;

function program(seed: number, random: Random): Program {
  const limits = {
    stackSlots: random.pick([100, 400, 4000]),
    frames: random.pick([6, 30, 400]),
    callFuel: random.pick([3000, 60_000, 10_000_000]),
  };
  const modules = nestedModules(seed).map(({ name, bytes }) => ({
    name,
    module: decodeModule(bytes),
  }));
  return link(modules, { limits, chunkFuel: random.pick([0, 700]), growth: "declared" });
}

/** Compares a program; returns how many calls were run beside emitted frames. */
export function compareNested(seed: number, tally: Tally, isLight = false): number {
  const random = new Random(seed);
  const linked = program(seed, random);
  tally.programs++;
  let nested = 0;
  for (let round = 0; round < rounds; round++) {
    const trio = new Trio(
      linked,
      {
        loopPatience: random.below(3),
        worthwhileSteps: 1,
        givenSteps: 2 ** 40,
        nestedSteps: random.pick([1 + random.below(30), 1 + random.below(300), nestedSteps]),
        quantum: random.oneIn(3) ? 50 + random.below(3000) : 2 ** 30,
        firstSteps: random.oneIn(2) ? 2 ** 30 : 0,
        tiering: new PartlyCompiled(new Random(random.below(2 ** 31))),
        ...(isLight ? { light: new RandomLight(seed) } : {}),
      },
      tally,
    );
    const found = callAll(trio, linked, random);
    nested += trio.fast.nestedCalls;
    tally.traps.add(trio.reference.trap);
    if (found === undefined) continue;
    tally.found.push(`nested ${seed}: ${found}`);
    break;
  }
  return nested;
}

/** Calls functions one after the other on one state; where it parts first. */
function callAll(trio: Trio, { functions }: Program, random: Random): string | undefined {
  for (let call = 0; call < calls; call++) {
    const index = random.below(functions.length);
    const args = [random.below(50), random.below(9), random.below(4), random.below(40)].map(BigInt);
    trio.begin((state) => beginInvocation(state, index, args));
    while (trio.isRunning) {
      const [part] = trio.run(random.oneIn(2) ? longPiece : 1 + random.below(3000));
      if (part !== undefined) return part;
      if (trio.reference.stepCounter > mostSteps) return undefined;
    }
  }
  return undefined;
}
