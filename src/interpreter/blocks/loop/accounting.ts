/**
 * The loop around the operations: the accounting of each block, and what is left in the context when it ends.
 *
 * Invariant: steps and fuel of a block are taken before it begins; a block that might not be paid for is not begun. The
 * generator puts the operations in place of `execute` and their variables before the loop.
 */
import type { BlockContext } from "../blockContext.ts";
import { exits } from "../blockContext.ts";
import { type block, type Loop, leave, operation } from "./loopVariables.ts";

/** Executes the operation at `p`; here only so that the loop can be read and typed. */
declare function execute(l: Loop): typeof operation | typeof block | typeof leave;

/** The loop's variables as they are when it begins. */
export function loopOf(context: BlockContext): Loop {
  return {
    context,
    code: context.code,
    entries: context.entries,
    gates: context.gates,
    stack: context.stack,
    floats: context.floats,
    singles: context.singles,
    frames: context.frames,
    globals: context.globals,
    globalChanges: context.globalChanges,
    memory: context.memory,
    flags: context.flags,
    stackLimit: context.stackLimit,
    frameLimit: context.frameLimit,
    bytes: context.memory.byteLength,
    p: context.position,
    base: context.base,
    depth: context.depth,
    fuel: context.fuel,
    trap: 0,
    pc: 0,
    exit: exits.trapped,
  };
}

/** Runs blocks while the budgets in `context` suffice; returns one of `exits`. */
export function runBlocks(context: BlockContext, l: Loop): number {
  let steps = context.steps;
  running: for (;;) {
    // The header of a block: steps and fuel of all of it, and the fuel that its stores may need on top.
    steps = (steps - l.code[l.p]) | 0;
    l.fuel = (l.fuel - l.code[l.p + 1]) | 0;
    if ((steps | (l.fuel - l.code[l.p + 2])) < 0) {
      steps = (steps + l.code[l.p]) | 0;
      l.fuel = (l.fuel + l.code[l.p + 1]) | 0;
      l.exit = exits.budget;
      break;
    }
    l.p += 3;
    for (;;) {
      const next = execute(l);
      if (next === operation) continue;
      if (next === leave) break running;
      break;
    }
  }
  context.position = l.p;
  context.pc = l.pc;
  context.base = l.base;
  context.depth = l.depth;
  context.steps = steps;
  context.fuel = l.fuel;
  context.trap = l.trap;
  return l.exit;
}
