/**
 * Operations that are not numeric: moves of slots, globals, branches, calls, returns, and accesses to other memories.
 *
 * Invariant: what happens, and in which order an instruction traps, is what the reference's handlers say
 * (reference/instructions), on words that the translator has resolved.
 */
import { trapCodes } from "../../isa/trapCodes.ts";
import type { Callee } from "../../reference/instructions/controlInstructions.ts";
import { touchGlobal } from "../../state/globals.ts";
import { fewWords } from "../blockCode.ts";
import { exits } from "../blockContext.ts";
import type { StructuralOperation } from "../operations.ts";
import { block, type Loop, leave, type Next, type Operation, operation } from "./loopVariables.ts";

// Slots

export function exact(l: Loop): Next {
  l.exit = exits.exact;
  return leave;
}

export function next(l: Loop): Next {
  l.p++;
  return block;
}

export function copy(l: Loop): Next {
  const at = l.base + l.code[l.p + 1];
  const from = l.base + l.code[l.p + 2];
  l.stack[at] = l.stack[from];
  l.stack[at + 1] = l.stack[from + 1];
  l.p += 3;
  return operation;
}

export function constant(l: Loop): Next {
  const at = l.base + l.code[l.p + 1];
  l.stack[at] = l.code[l.p + 2];
  l.stack[at + 1] = 0;
  l.p += 3;
  return operation;
}

export function constant64(l: Loop): Next {
  const at = l.base + l.code[l.p + 1];
  l.stack[at] = l.code[l.p + 2];
  l.stack[at + 1] = l.code[l.p + 3];
  l.p += 4;
  return operation;
}

export function select(l: Loop): Next {
  const chosen = l.stack[l.base + l.code[l.p + 4]] !== 0 ? l.code[l.p + 2] : l.code[l.p + 3];
  const from = l.base + chosen;
  const low = l.stack[from];
  const high = l.stack[from + 1];
  const at = l.base + l.code[l.p + 1];
  l.stack[at] = low;
  l.stack[at + 1] = high;
  l.p += 5;
  return operation;
}

export function globalGet(l: Loop): Next {
  const at = l.base + l.code[l.p + 1];
  const from = l.code[l.p + 2];
  l.stack[at] = l.globals[from];
  l.stack[at + 1] = l.globals[from + 1];
  l.p += 3;
  return operation;
}

export function globalSet(l: Loop): Next {
  const at = l.code[l.p + 1];
  const from = l.base + l.code[l.p + 2];
  touchGlobal(l.globalChanges, at >> 1);
  l.globals[at] = l.stack[from];
  l.globals[at + 1] = l.stack[from + 1];
  l.p += 3;
  return operation;
}

// Branches

export function br(l: Loop): Next {
  l.p = l.code[l.p + 1];
  return block;
}

export function brIf(l: Loop): Next {
  l.p = l.stack[l.base + l.code[l.p + 1]] !== 0 ? l.code[l.p + 2] : l.p + 3;
  return block;
}

export function brUnless(l: Loop): Next {
  l.p = l.stack[l.base + l.code[l.p + 1]] === 0 ? l.code[l.p + 2] : l.p + 3;
  return block;
}

export function brTable(l: Loop): Next {
  const index = l.stack[l.base + l.code[l.p + 1]] >>> 0;
  const labels = l.code[l.p + 2];
  l.p = l.code[l.p + 3 + (index < labels ? index : labels)];
  return block;
}

// Calls

export function call(l: Loop): Next {
  const callee = l.base + l.code[l.p + 1];
  if (l.depth === l.frameLimit || callee + l.code[l.p + 5] > l.stackLimit) {
    l.trap = trapCodes.callStackExhausted;
    return leave;
  }
  const back = l.code[l.p + 6];
  return enter(l, callee, back, l.code[l.p + 2], l.code[l.p + 3], l.code[l.p + 4]);
}

export function callIndirect(l: Loop): Next {
  const index = l.stack[l.base + l.code[l.p + 2]] >>> 0;
  l.trap = l.context.resolve(l.code[l.p + 3], l.code[l.p + 4], index);
  if (l.trap !== 0) return leave;
  const found: Callee = l.context.callee;
  const callee = l.base + l.code[l.p + 1];
  if (l.depth === l.frameLimit || callee + found.frame * 2 > l.stackLimit) {
    l.trap = trapCodes.callStackExhausted;
    return leave;
  }
  const back = l.code[l.p + 5];
  return enter(l, callee, back, found.entry, found.params * 2, found.locals * 2);
}

/** Pushes a frame and zeroes the declared locals; `p` goes to the callee or the loop is left. */
function enter(
  l: Loop,
  callee: number,
  back: number,
  entry: number,
  params: number,
  locals: number,
): Next {
  l.frames[l.depth * 2] = back;
  l.frames[l.depth * 2 + 1] = l.base >> 1;
  l.depth++;
  l.base = callee;
  if (locals - params > fewWords) l.stack.fill(0, callee + params, callee + locals);
  else for (let slot = callee + params; slot < callee + locals; slot++) l.stack[slot] = 0;
  l.p = l.entries[entry];
  if (l.p === 0 || l.gates[entry] !== 0) {
    l.pc = entry;
    l.exit = exits.untranslated;
    return leave;
  }
  // The word before a function's first block counts its calls.
  l.code[l.p - 1]++;
  return block;
}

// Returns

export function returnNothing(l: Loop): Next {
  return popFrame(l, 0);
}

export function returnOne(l: Loop): Next {
  const from = l.base + l.code[l.p + 1];
  l.stack[l.base] = l.stack[from];
  l.stack[l.base + 1] = l.stack[from + 1];
  return popFrame(l, 1);
}

export function returnMany(l: Loop): Next {
  const count = l.code[l.p + 2];
  const from = l.base + l.code[l.p + 1];
  l.stack.copyWithin(l.base, from, from + count * 2);
  return popFrame(l, count);
}

function popFrame(l: Loop, results: number): Next {
  if (l.depth === 0) {
    l.context.results = results;
    l.exit = exits.returned;
    return leave;
  }
  l.depth--;
  const back = l.frames[l.depth * 2];
  l.base = l.frames[l.depth * 2 + 1] * 2;
  l.p = l.entries[back];
  if (l.p === 0 || l.gates[back] !== 0) {
    l.pc = back;
    l.exit = exits.untranslated;
    return leave;
  }
  return block;
}

// Other memories than number 0

export function loadOther(l: Loop): Next {
  const address = (l.stack[l.base + l.code[l.p + 2]] >>> 0) + l.code[l.p + 3];
  const at = l.base + l.code[l.p + 1];
  l.trap = l.context.loadOther(l.code[l.p + 5], l.code[l.p + 4], address, at);
  if (l.trap !== 0) return leave;
  l.p += 6;
  return operation;
}

export function storeOther(l: Loop): Next {
  const address = (l.stack[l.base + l.code[l.p + 1]] >>> 0) + l.code[l.p + 3];
  const from = l.base + l.code[l.p + 2];
  l.trap = l.context.storeOther(l.code[l.p + 5], l.code[l.p + 4], address, from);
  if (l.trap !== 0) return leave;
  l.fuel = (l.fuel - l.context.chargeOfChunks()) | 0;
  l.p += 6;
  return operation;
}

// Addresses

/** A 64-bit address or index must have no upper half; the last word is the trap where it has one. */
export function narrow(l: Loop): Next {
  if (l.stack[l.base + l.code[l.p + 1] + 1] !== 0) {
    l.trap = l.code[l.p + 2];
    return leave;
  }
  l.p += 3;
  return operation;
}

/** What an atomic access of memory 0 checks before it is a plain one: bounds, then alignment. */
export function aligned(l: Loop): Next {
  const address = l.stack[l.base + l.code[l.p + 1]];
  const at = (address + l.code[l.p + 2]) | 0;
  const last = l.code[l.p + 3];
  if (address < 0 || (at + last) >>> 0 >= l.bytes) {
    l.trap = trapCodes.outOfBoundsMemory;
    return leave;
  }
  if ((at & last) !== 0) {
    l.trap = trapCodes.unaligned;
    return leave;
  }
  l.p += 4;
  return operation;
}

// Vectors

/** By the number of the instruction, the word of its first operand, and its fields. */
export function vector(l: Loop): Next {
  const at = l.base + l.code[l.p + 2];
  l.context.vector(l.code[l.p + 1], at, l.code[l.p + 3], l.code[l.p + 4], l.code[l.p + 5]);
  l.p += 6;
  return operation;
}

/** The function of each operation: a missing one does not compile. */
export const structural: Readonly<Record<StructuralOperation, Operation>> = {
  exact,
  next,
  copy,
  const: constant,
  const64: constant64,
  select,
  "global.get": globalGet,
  "global.set": globalSet,
  br,
  br_if: brIf,
  br_unless: brUnless,
  br_table: brTable,
  call,
  call_indirect: callIndirect,
  return: returnNothing,
  return1: returnOne,
  returnN: returnMany,
  "load other": loadOther,
  "store other": storeOther,
  narrow,
  aligned,
  vector,
};
