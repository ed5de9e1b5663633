/**
 * Functions that do nothing, for the sake of the host's inliner. V8 takes a module with few small functions for one whose
 * compiler has inlined what is worth it, and inlines less in it: up to three times a caller's bytes instead of five.
 * Emitted functions have more bytes than the program's, and helpers stand beside them; so a program with many small functions
 * would be inlined as one with few.
 *
 * Invariant: a module has at least the program's share of small functions, as far as the host looks at it.
 */
import type { Program } from "../program/program.ts";
import { Frame } from "./hostFrame.ts";
import type { ModuleSections } from "./hostSections.ts";

/** Bytes of the largest body that V8 counts as small. */
const smallBytes = 50;

/** From this share on, V8 inlines as much as it ever does. */
const mostShare = 0.5;

/** Most functions that are added: the host keeps something for each, and takes a million in a module. */
const mostAdded = 10_000;

const shares = new WeakMap<Program, number>();

function isSmall(bytes: number): boolean {
  return bytes <= smallBytes;
}

/** Share of small functions in a program, at most what the host looks at. */
function shareOf(program: Program): number {
  let share = shares.get(program);
  if (share === undefined) {
    const sizes = program.modules.flatMap(({ module }) => {
      return module.bodies.map(({ start, end }) => end - start);
    });
    share = Math.min(mostShare, sizes.filter(isSmall).length / Math.max(1, sizes.length));
    shares.set(program, share);
  }
  return share;
}

/** Adds the small functions that a module is short of, behind all others. */
export function addSmallFunctions(sections: ModuleSections, program: Program): void {
  const { bodySizes } = sections;
  const share = shareOf(program);
  const short = share * bodySizes.length - bodySizes.filter(isSmall).length;
  const missing = Math.min(mostAdded, Math.ceil(short / (1 - share)));
  const nothing = new Frame(0);
  nothing.out.op("end");
  const code = nothing.body();
  for (let added = 0; added < missing; added++) {
    sections.addFunction({ params: [], results: [] }, code);
  }
}
