/**
 * The shapes of numeric operations: one or two operands that are one number (i32, f32, f64) or two words (i64), the last
 * one perhaps an immediate in the code. Parameters after `l` are filled in by the generator for each instruction.
 *
 * Invariant: the check comes before the kernel and the kernel before the result is written; the check
 * falls away where an instruction cannot trap.
 */
import { type Loop, leave, type Next, operation } from "./loopVariables.ts";
import type { Read, Write } from "./slotValues.ts";

type Numbers = (...operands: number[]) => number;
type Pairs = (out: Int32Array, at: number, ...operands: number[]) => void;

// Operands of one number

export function unary(
  l: Loop,
  read: Read,
  check: Numbers | undefined,
  kernel: Numbers,
  write: Write,
): Next {
  const a = read(l, l.base + l.code[l.p + 2]);
  if (check !== undefined) {
    l.trap = check(a);
    if (l.trap !== 0) return leave;
  }
  write(l, l.base + l.code[l.p + 1], kernel(a));
  l.p += 3;
  return operation;
}

export function binary(
  l: Loop,
  read: Read,
  check: Numbers | undefined,
  kernel: Numbers,
  write: Write,
): Next {
  const a = read(l, l.base + l.code[l.p + 2]);
  const b = read(l, l.base + l.code[l.p + 3]);
  if (check !== undefined) {
    l.trap = check(a, b);
    if (l.trap !== 0) return leave;
  }
  write(l, l.base + l.code[l.p + 1], kernel(a, b));
  l.p += 4;
  return operation;
}

export function binaryImmediate(
  l: Loop,
  read: Read,
  check: Numbers | undefined,
  kernel: Numbers,
  write: Write,
): Next {
  const a = read(l, l.base + l.code[l.p + 2]);
  const b = l.code[l.p + 3];
  if (check !== undefined) {
    l.trap = check(a, b);
    if (l.trap !== 0) return leave;
  }
  write(l, l.base + l.code[l.p + 1], kernel(a, b));
  l.p += 4;
  return operation;
}

export function unaryToPair(l: Loop, read: Read, check: Numbers | undefined, pair: Pairs): Next {
  const a = read(l, l.base + l.code[l.p + 2]);
  if (check !== undefined) {
    l.trap = check(a);
    if (l.trap !== 0) return leave;
  }
  const at = l.base + l.code[l.p + 1];
  pair(l.stack, at, a);
  l.p += 3;
  return operation;
}

// Operands of two words

export function unaryPair(l: Loop, kernel: Numbers, write: Write): Next {
  const aLow = l.stack[l.base + l.code[l.p + 2]];
  const aHigh = l.stack[l.base + l.code[l.p + 2] + 1];
  write(l, l.base + l.code[l.p + 1], kernel(aLow, aHigh));
  l.p += 3;
  return operation;
}

export function unaryPairToPair(l: Loop, pair: Pairs): Next {
  const aLow = l.stack[l.base + l.code[l.p + 2]];
  const aHigh = l.stack[l.base + l.code[l.p + 2] + 1];
  const at = l.base + l.code[l.p + 1];
  pair(l.stack, at, aLow, aHigh);
  l.p += 3;
  return operation;
}

export function binaryPair(l: Loop, kernel: Numbers, write: Write): Next {
  const aLow = l.stack[l.base + l.code[l.p + 2]];
  const aHigh = l.stack[l.base + l.code[l.p + 2] + 1];
  const bLow = l.stack[l.base + l.code[l.p + 3]];
  const bHigh = l.stack[l.base + l.code[l.p + 3] + 1];
  write(l, l.base + l.code[l.p + 1], kernel(aLow, aHigh, bLow, bHigh));
  l.p += 4;
  return operation;
}

export function binaryPairImmediate(l: Loop, kernel: Numbers, write: Write): Next {
  const aLow = l.stack[l.base + l.code[l.p + 2]];
  const aHigh = l.stack[l.base + l.code[l.p + 2] + 1];
  const bLow = l.code[l.p + 3];
  const bHigh = l.code[l.p + 4];
  write(l, l.base + l.code[l.p + 1], kernel(aLow, aHigh, bLow, bHigh));
  l.p += 5;
  return operation;
}

export function binaryPairToPair(l: Loop, check: Numbers | undefined, pair: Pairs): Next {
  const aLow = l.stack[l.base + l.code[l.p + 2]];
  const aHigh = l.stack[l.base + l.code[l.p + 2] + 1];
  const bLow = l.stack[l.base + l.code[l.p + 3]];
  const bHigh = l.stack[l.base + l.code[l.p + 3] + 1];
  if (check !== undefined) {
    l.trap = check(aLow, aHigh, bLow, bHigh);
    if (l.trap !== 0) return leave;
  }
  const at = l.base + l.code[l.p + 1];
  pair(l.stack, at, aLow, aHigh, bLow, bHigh);
  l.p += 4;
  return operation;
}

export function binaryPairImmediateToPair(l: Loop, check: Numbers | undefined, pair: Pairs): Next {
  const aLow = l.stack[l.base + l.code[l.p + 2]];
  const aHigh = l.stack[l.base + l.code[l.p + 2] + 1];
  const bLow = l.code[l.p + 3];
  const bHigh = l.code[l.p + 4];
  if (check !== undefined) {
    l.trap = check(aLow, aHigh, bLow, bHigh);
    if (l.trap !== 0) return leave;
  }
  const at = l.base + l.code[l.p + 1];
  pair(l.stack, at, aLow, aHigh, bLow, bHigh);
  l.p += 5;
  return operation;
}
