/**
 * Runs a machine through the block loop as far as whole blocks go, and through the reference where the loop
 * cannot: near a limit, in the middle of a block, at instructions that are long or rare.
 *
 * Invariant: the state afterwards is the state that as many single steps leave, to the bit.
 */

import type { Program } from "../program/program.ts";
import { haltedPc } from "../program/program.ts";
import { step } from "../reference/step.ts";
import type { MachineState } from "../state/machineState.ts";
import { statusCodes } from "../state/machineState.ts";
import { enterTrap } from "../state/trapRecord.ts";
import { BlockCode } from "./blockCode.ts";
import { addressCeiling, BlockContext, budgetCeiling, exits } from "./blockContext.ts";
import { runBlocks } from "./generated/blockLoop.ts";
import { translateFunction } from "./translateFunction.ts";

const codeOfProgram = new WeakMap<Program, BlockCode>();
const contextOfState = new WeakMap<MachineState, BlockContext>();

function contextOf(state: MachineState): BlockContext {
  const known = contextOfState.get(state);
  if (known !== undefined) return known;
  const context = new BlockContext(state, blocksOf(state.program));
  contextOfState.set(state, context);
  return context;
}

/** Whether the block loop can run this state at all. */
export function canRunBlocks(state: MachineState): boolean {
  const memory = state.memories[0];
  return (
    (memory === undefined || memory.bytes.length <= addressCeiling) &&
    state.stack.byteOffset % 8 === 0
  );
}

/**
 * Runs at most `steps` steps, until the machine halts, or until a call or return takes control to a gate.
 *
 * @param gates one byte a pc, not 0 for a gate
 */
export function runToGate(state: MachineState, steps: number, gates: Uint8Array): void {
  const context = contextOf(state);
  const end = state.stepCounter + steps;
  context.gates = gates;
  try {
    while (
      state.status === statusCodes.running &&
      state.stepCounter < end &&
      gates[state.pc] === 0
    ) {
      if (canRunBlocks(state) && runWholeBlocks(context, end - state.stepCounter)) continue;
      if (state.stepCounter < end) stepOver(state, end);
    }
  } finally {
    context.gates = context.blocks.noGates;
  }
}

/** Runs the block at the state's pc if it takes at most so many steps, else one instruction. */
export function runOneBlock(state: MachineState, steps: number): void {
  const context = contextOf(state);
  const before = state.stepCounter;
  const { code } = context.blocks;
  const position = canRunBlocks(state) ? positionAt(context.blocks, state.pc) : 0;
  if (position !== 0 && code[position] <= steps) runWholeBlocks(context, code[position]);
  if (state.stepCounter === before) step(state);
}

/** The translated code that runs of the program share, for what it counts. */
export function blocksOf(program: Program): BlockCode {
  let blocks = codeOfProgram.get(program);
  if (blocks === undefined) {
    blocks = new BlockCode(program);
    codeOfProgram.set(program, blocks);
  }
  return blocks;
}

/** Runs at most `steps` steps, or until the machine halts. */
export function runBlockwise(state: MachineState, steps: number): void {
  const end = state.stepCounter + steps;
  const context = contextOf(state);
  while (state.status === statusCodes.running && state.stepCounter < end) {
    if (canRunBlocks(state) && runWholeBlocks(context, end - state.stepCounter)) continue;
    // Blocks may have taken the run to its very end before they met an instruction of the reference's.
    if (state.stepCounter < end) stepOver(state, end);
  }
}

/** One instruction by the reference, all its pieces if it is long. */
function stepOver(state: MachineState, end: number): void {
  const { pc } = state;
  do step(state);
  while (state.pc === pc && state.stepCounter < end && state.status === statusCodes.running);
}

/** Position of the block at the state's pc, 0 if no block begins there. */
function positionAt(blocks: BlockCode, pc: number): number {
  const position = blocks.entries[pc];
  if (position !== 0) return position;
  translateFunction(blocks, pc);
  return blocks.entries[pc];
}

/** Runs blocks from the state's pc on; false if the next instruction has to be stepped exactly. */
export function runWholeBlocks(context: BlockContext, stepsLeft: number): boolean {
  const { state } = context;
  const before = state.stepCounter;
  const exit = runBlocksFrom(context, stepsLeft);
  if (exit === exits.trapped) {
    enterTrap(state, context.trap);
    return true;
  }
  if (exit === exits.returned) {
    state.status = statusCodes.returned;
    state.pc = haltedPc;
    state.fp = 0;
    state.sp = context.results;
    state.depth = 0;
    return true;
  }
  if (exit === exits.budget) return state.stepCounter !== before;
  return exit === exits.untranslated;
}

/**
 * Runs blocks from the state's pc on and says why they ended. Of a trap the state has the place and the counters, not yet
 * the trap; the outermost function's return is left to the caller.
 */
export function runBlocksFrom(context: BlockContext, stepsLeft: number): number {
  const { state, blocks } = context;
  const position = positionAt(blocks, state.pc);
  if (position === 0) return exits.exact;
  const steps = Math.min(stepsLeft, budgetCeiling);
  const fuel = Math.min(state.fuelLimit - state.fuelCounter, budgetCeiling);
  context.enter(position, steps, fuel);
  const exit = runBlocks(context);
  context.fuel = (context.fuel + context.borrowed) | 0;
  context.borrowed = 0;
  if (exit === exits.trapped) {
    const rest = blocks.restOfBlock(blocks.pcs[context.position]);
    context.steps += rest.steps;
    context.fuel += rest.fuel;
  }
  state.stepCounter += steps - context.steps;
  state.fuelCounter += fuel - context.fuel;
  if (exit === exits.returned) return exit;
  state.depth = context.depth;
  state.pc = exit === exits.untranslated ? context.pc : blocks.pcs[context.position];
  if (exit === exits.trapped) return exit;
  // Before it is lowered a function has no heights, and the run may end here.
  if (exit === exits.untranslated) blocks.program.lowerAt(state.pc);
  state.fp = context.base / 2;
  state.sp = state.fp + blocks.program.heights[state.pc];
  return exit;
}
