/**
 * What lowering makes of the bodies of a program, apart from what linking makes of everything else: the part that takes
 * long to derive, to be kept and given to `link` again (src/programCache.ts).
 *
 * Invariant: `link` of the same modules with the same options gives the same program with it as without it.
 */
import { factsOf } from "../binary/bodyFacts.ts";
import type { Program } from "./program.ts";

/** What lowering makes of all bodies of a program; whoever keeps it need not lower them again. */
export interface LoweredCode {
  /** As in `Program`. */
  readonly code: Uint8Array;
  readonly branches: Uint8Array;
  readonly functionEntries: Uint8Array;
  readonly constants: Uint8Array;
  readonly heights: Uint16Array;
  /** Facts of the bodies of each module, in link order: with them decoding need not walk bodies again. */
  readonly bodies: readonly Uint32Array[];
}

/** The lowered code of a program, not a copy. */
export function loweredCode(program: Program): LoweredCode {
  const { code, branches, functionEntries, constants, heights, modules } = program;
  const bodies = modules.map(({ module }) => factsOf(module.bodies));
  return { code, branches, functionEntries, constants, heights, bodies };
}
