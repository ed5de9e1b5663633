/**
 * What a function, and a program, may ask of the host's engine. A host that runs out of memory while it compiles ends
 * the process, and nothing can catch that; so what passes a bound is not given to it. A function that does stays on the
 * reference, the rest of its program on the fast path (docs/fast-path.md §8 has the measurements behind each number).
 *
 * Invariant: bounds are of what is emitted, so they hold whatever makes it large; together they keep what is emitted
 * for a program linear in its bytes.
 */

import type { FunctionDefinition } from "./functionSource.ts";
import type { Frame } from "./hostFrame.ts";
import { HostRefusal } from "./hostRefusal.ts";

export const functionBounds = {
  /** Host locals, parameters among them: the host's own limit. */
  locals: 50_000,
  /** Emitted bytes for each byte of the body, and beyond that. */
  expansion: 64,
  spareBytes: 4096,
  /** Emitted bytes: the host's own limit is 7,654,321, and traced code is up to a half longer. */
  bytes: 5_000_000,
  /** Host blocks around an instruction, and loops among them. */
  nestedBlocks: 32_768,
  nestedLoops: 1024,
  /** Host locals × branches and blocks: what the host's compiler merges. */
  merges: 2 ** 22,
} as const;

export const programBounds = {
  /** The same for all functions together. */
  merges: 2 ** 26,
  /** Emitted bytes for each byte of the modules, beyond that, and at most. */
  expansion: 64,
  spareBytes: 2 ** 22,
  bytes: 2 ** 29,
  /** Modules that resume a loop, and their bytes for each byte of the main module and beyond that. */
  resumed: 1024,
  resumedExpansion: 4,
  resumedSpareBytes: 2 ** 22,
  /** Pages of all memories together that are moved into host memories: 4 GiB. */
  pages: 65_536,
} as const;

/** Thrown where a function, or the resumption of a loop in it, passes a bound. */
export class FunctionRefusal extends HostRefusal {
  constructor(message: string) {
    super("functionBound", message);
  }
}

/** Emitted bytes between two looks at what a function has come to: nothing that is bounded grows without bytes. */
const bytesOfLook = 1024;

/** What the emission of a function has come to: looked at as it grows, and at the end. */
export class FunctionDemand {
  /** Blocks, and branches out of them. */
  controls = 0;
  /** Loops around the code at hand. */
  nestedLoops = 0;
  private deepestLoops = 0;
  private deepestBlocks = 0;
  private nextLook = 0;
  private readonly mostBytes: number;

  constructor({ body }: FunctionDefinition) {
    const scaled = functionBounds.spareBytes + functionBounds.expansion * (body.end - body.start);
    this.mostBytes = Math.min(functionBounds.bytes, scaled);
  }

  /** Host locals × controls. */
  merges(frame: Frame): number {
    return this.controls * frame.hostLocals;
  }

  /** A label lies within so many host blocks. */
  noteDepth(hostDepth: number): void {
    this.deepestBlocks = Math.max(this.deepestBlocks, hostDepth);
    this.deepestLoops = Math.max(this.deepestLoops, this.nestedLoops);
  }

  /** Before an instruction: as `refuse`, where the code has become long enough since the last look. */
  look(frame: Frame): void {
    const { length } = frame.out;
    if (length < this.nextLook) return;
    this.nextLook = length + bytesOfLook;
    this.refuse(frame);
  }

  /** Throws FunctionRefusal beyond a bound. */
  refuse(frame: Frame): void {
    if (frame.out.length > this.mostBytes) fail("bytes", this.mostBytes);
    if (frame.hostLocals > functionBounds.locals) fail("locals", functionBounds.locals);
    if (this.merges(frame) > functionBounds.merges) fail("merges", functionBounds.merges);
    const { nestedBlocks, nestedLoops } = functionBounds;
    if (this.deepestBlocks > nestedBlocks) fail("nested blocks", nestedBlocks);
    if (this.deepestLoops > nestedLoops) fail("nested loops", nestedLoops);
  }
}

function fail(what: string, bound: number): never {
  throw new FunctionRefusal(`more than ${bound} ${what}`);
}

/** What the functions of a module under construction ask for together. */
export class ProgramDemand {
  /** Whether a function did not fit any more that would have by itself. */
  isExhausted = false;
  private merges = 0;
  private bytes = 0;
  private readonly mostBytes: number;

  /** `moduleBytes`: bytes of all linked modules. */
  constructor(moduleBytes: number) {
    const scaled = programBounds.spareBytes + programBounds.expansion * moduleBytes;
    this.mostBytes = Math.min(programBounds.bytes, scaled);
  }

  /** Counts a function in; throws FunctionRefusal where it does not fit any more. */
  add(merges: number): void {
    if (this.merges + merges > programBounds.merges) {
      this.isExhausted = true;
      throw new FunctionRefusal(`more than ${programBounds.merges} merges in a program`);
    }
    this.merges += merges;
  }

  /** Throws HostRefusal for a module that has become too large: what its functions leave to the reference is code too. */
  addBytes(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.mostBytes)
      throw new HostRefusal("hostLimit", `more than ${this.mostBytes} bytes of code`);
  }
}
