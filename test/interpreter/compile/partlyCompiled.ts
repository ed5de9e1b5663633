/**
 * A policy of tiering that compiles a random part of the functions, callers first, at its first look, and seldom looks again: so
 * that emitted code calls what is not compiled all the time, and nothing but the call itself makes it stop.
 *
 * Invariant: a function of the random numbers that it is given.
 */
import { hasLightCode } from "../../../src/interpreter/compile/lightPrograms.ts";
import type {
  TieringPolicy,
  TieringStep,
  Tiers,
} from "../../../src/interpreter/compile/tiering.ts";
import type { Random } from "../../differential/random.ts";

export class PartlyCompiled implements TieringPolicy {
  private readonly random: Random;
  /** Steps between two looks once something is compiled. */
  private readonly patience: number;
  private isCompiled = false;

  constructor(random: Random) {
    this.random = random;
    this.patience = random.pick([100, 3000, 1_000_000]);
  }

  sliceSteps(): number {
    return this.isCompiled ? this.patience : 1;
  }

  turnsBeforeResuming(): number {
    return 0;
  }

  next(tiers: Tiers, wantsLight: boolean): TieringStep | undefined {
    const { random } = this;
    if (wantsLight && !hasLightCode(tiers.program)) {
      return { kind: "light", functions: tiers.all };
    }
    const open = [...tiers.program.functions.keys()].filter((index) => tiers.isOpen(index));
    const chosen = open.filter((index) => random.oneIn(tiers.calleesOf(index).size > 0 ? 2 : 6));
    if (chosen.length === 0) return undefined;
    this.isCompiled = true;
    const { compiled } = tiers;
    if (compiled !== undefined && random.oneIn(2)) {
      const kept = [...compiled.functions].filter(() => !random.oneIn(3));
      return { kind: "anew", functions: [...kept, ...chosen] };
    }
    return { kind: "batch", functions: chosen };
  }
}
