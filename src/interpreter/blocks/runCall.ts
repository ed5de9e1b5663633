/**
 * Runs one call by itself in the block loop: the frames of its callers are not in the state, and it must not go on in them.
 *
 * Invariant: the state's registers are those of the call throughout; frames below it are neither read nor written, but for
 * the return pc of the first one, which is a gate. Of what is not in blocks it executes what writes to memory alone.
 */
import { opOf } from "../isa/table.ts";
import { trapCodes } from "../isa/trapCodes.ts";
import { readU16 } from "../program/bigEndian.ts";
import { instructionBytes } from "../program/program.ts";
import { FlatAccess } from "../reference/flatAccess.ts";
import { execute } from "../reference/step.ts";
import type { MachineState } from "../state/machineState.ts";
import { BlockContext, exits, type StoreLog } from "./blockContext.ts";
import { blocksOf, canRunBlocks, runBlocksFrom } from "./runBlockwise.ts";

/** How it ended: returned; stopped in the middle, where others can go on; at a trap, which the state has not entered. */
export type CallEnd = "returned" | "stopped" | "trapped";

/** Long instructions that write to memory and nothing else. */
const longStores: ReadonlySet<number> = new Set([
  ...[opOf("memory.init"), opOf("memory.copy"), opOf("memory.fill")],
]);

/** The reference's access, which tells a log of chunks before they are written. */
class LoggedAccess extends FlatAccess {
  private readonly log: StoreLog;

  constructor(log: StoreLog) {
    super();
    this.log = log;
  }

  override setDirty(memory: number, chunk: number): void {
    this.log.save(memory, chunk);
    super.setDirty(memory, chunk);
  }
}

export class CallRunner {
  readonly context: BlockContext;
  private readonly state: MachineState;
  private readonly access: LoggedAccess;

  constructor(state: MachineState, log: StoreLog) {
    this.state = state;
    this.context = new BlockContext(state, blocksOf(state.program), log);
    this.context.gates = this.context.blocks.gatesOfCall;
    this.access = new LoggedAccess(log);
  }

  /** Makes the call whose frame the state's registers say return to the gate. */
  returnToGate(): void {
    const { state, context } = this;
    const caller = (state.depth - 1) * 2;
    state.frames[caller] = context.blocks.returnGate;
    state.frames[caller + 1] = 0;
  }

  /** Runs the innermost call until it returns, or up to step counter `end`, or as far as it can. */
  run(end: number): CallEnd {
    const { state, context } = this;
    const { depth } = state;
    while (state.stepCounter < end && canRunBlocks(state)) {
      const exit = runBlocksFrom(context, end - state.stepCounter);
      if (exit === exits.trapped) return "trapped";
      if (state.depth < depth) return "returned";
      if (exit === exits.exact ? !this.stepLong(end) : exit !== exits.untranslated) break;
    }
    return "stopped";
  }

  /** All pieces of a long store up to step counter `end`; whether it is done. */
  private stepLong(end: number): boolean {
    const { state, access, context } = this;
    const { pc } = state;
    const { code } = context.blocks.program;
    if (!longStores.has(readU16(code, pc * instructionBytes))) return false;
    while (state.pc === pc) {
      if (state.stepCounter >= end) return false;
      access.begin(state);
      // One that traps has changed nothing, and is left to the reference.
      if (execute(access) !== trapCodes.none) return false;
      access.end(trapCodes.none);
    }
    return true;
  }
}
