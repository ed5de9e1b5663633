/**
 * Tests together with the conditional branch that alone sees their result. Parameters after `l` are filled in by the
 * generator for each test.
 *
 * Invariant: a branch that is taken goes to the position in the operation's last word.
 */
import { block, type Loop, type Next } from "./loopVariables.ts";
import type { Read } from "./slotValues.ts";

type Test = (...operands: number[]) => boolean;

export function branch(l: Loop, read: Read, test: Test): Next {
  const a = read(l, l.base + l.code[l.p + 1]);
  if (test(a)) l.p = l.code[l.p + 2];
  else l.p += 3;
  return block;
}

export function branchBinary(l: Loop, read: Read, test: Test): Next {
  const a = read(l, l.base + l.code[l.p + 1]);
  const b = read(l, l.base + l.code[l.p + 2]);
  if (test(a, b)) l.p = l.code[l.p + 3];
  else l.p += 4;
  return block;
}

export function branchImmediate(l: Loop, read: Read, test: Test): Next {
  const a = read(l, l.base + l.code[l.p + 1]);
  const b = l.code[l.p + 2];
  if (test(a, b)) l.p = l.code[l.p + 3];
  else l.p += 4;
  return block;
}

export function branchPair(l: Loop, test: Test): Next {
  const aLow = l.stack[l.base + l.code[l.p + 1]];
  const aHigh = l.stack[l.base + l.code[l.p + 1] + 1];
  if (test(aLow, aHigh)) l.p = l.code[l.p + 2];
  else l.p += 3;
  return block;
}

export function branchBinaryPair(l: Loop, test: Test): Next {
  const aLow = l.stack[l.base + l.code[l.p + 1]];
  const aHigh = l.stack[l.base + l.code[l.p + 1] + 1];
  const bLow = l.stack[l.base + l.code[l.p + 2]];
  const bHigh = l.stack[l.base + l.code[l.p + 2] + 1];
  if (test(aLow, aHigh, bLow, bHigh)) l.p = l.code[l.p + 3];
  else l.p += 4;
  return block;
}

export function branchPairImmediate(l: Loop, test: Test): Next {
  const aLow = l.stack[l.base + l.code[l.p + 1]];
  const aHigh = l.stack[l.base + l.code[l.p + 1] + 1];
  const bLow = l.code[l.p + 2];
  const bHigh = l.code[l.p + 3];
  if (test(aLow, aHigh, bLow, bHigh)) l.p = l.code[l.p + 4];
  else l.p += 5;
  return block;
}
