/** Random options of the fast path: when it enters, how far it goes, what it compiles and when. */
import type { FastOptions } from "../../../src/interpreter/compile/fastExecutor.ts";
import { nestedSteps } from "../../../src/interpreter/compile/nestedCalls.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { Random } from "../../differential/random.ts";
import { RandomTiering } from "./randomTiering.ts";

/** One time in `rarity` some functions are left to the reference, as those that pass a bound of the host's are. */
export function randomOptions(program: Program, random: Random, rarity: number): FastOptions {
  const keeps = random.oneIn(rarity);
  return {
    kept: new Set([...program.functions.keys()].filter(() => keeps && random.oneIn(3))),
    loopPatience: random.below(3),
    nestedSteps: random.pick([0, 1 + random.below(60), nestedSteps]),
    quantum: random.oneIn(2) ? 2 ** 30 : 50 + random.below(5000),
    firstSteps: random.oneIn(2) ? 2 ** 30 : 0,
    worthwhileSteps: 1 + random.below(20),
    ...(random.oneIn(2) ? { tiering: new RandomTiering(new Random(random.below(2 ** 31))) } : {}),
  };
}
