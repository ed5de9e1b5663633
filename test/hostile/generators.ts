/**
 * The worst-case corpus: one generator for each kind of thing that a module can hold many of. Each takes a number that
 * its size is in proportion to, and gives a valid module with a gateway that returns.
 *
 * Invariant: pure functions of the number; doubling it doubles the binary, to a few bytes.
 */
import type { Bytes, Parts } from "./encoding.ts";
import {
  at,
  body,
  constant,
  empty,
  joined,
  moduleOf,
  name,
  ops,
  repeated,
  type,
  types,
  unsigned,
  vector,
} from "./encoding.ts";

export type Generator = (count: number, turns?: number) => Uint8Array;

const { i32, f64 } = types;
const nothing = { type: 0, body: body([]) };
const plain = (text: Bytes) => ({ type: 0, body: body([], text) });
/** Calls the function after the two: its callers may be stopped behind it. */
const stoppable = plain(at(ops.call, 3));

/** A generator of modules whose first function after the gateway is called by it. */
function called(parts: (count: number) => Parts): Generator {
  return (count, turns = 0) => {
    const made = parts(count);
    const first = (made.importedFunctions ?? 0) + 1;
    return moduleOf({ gateway: at(ops.call, first), ...made, turns });
  };
}

/** The same for one function, given as locals and code. */
function one(
  text: (count: number) => Bytes,
  runs: (count: number) => [number, number][] = () => [],
) {
  return called((count) => ({
    memories: [1, 0, 1],
    functions: [{ type: 0, body: body(runs(count), text(count)) }, stoppable, nothing],
  }));
}

/** Types that differ: the index in base 4, as parameters. */
function numberedType(index: number): Bytes {
  const letters = [types.i32, types.i64, types.f32, types.f64];
  const params = Array.from({ length: 9 }, (_, digit) => letters[(index >> (2 * digit)) & 3]);
  return type(params, []);
}

const imports = (count: number): Bytes =>
  vector(count, (index) => [...name("m"), ...name(`f${index}`), 0, 0]);

const nested = (count: number, opener: Bytes): Bytes =>
  joined([repeated(count, () => opener), repeated(count, () => [ops.end])]);

const wide = 1000;
const wideType = type(new Array(wide).fill(i32), []);

/** Sections and index spaces. */
export const declarations: Readonly<Record<string, Generator>> = {
  types: called((n) => ({
    types: Array.from({ length: n }, (_, i) => numberedType(i)),
    functions: [nothing],
  })),
  "types, a function of each": called((n) => ({
    types: Array.from({ length: n }, (_, i) => numberedType(i)),
    functions: [nothing, ...Array.from({ length: n }, (_, i) => ({ type: i + 1, body: body([]) }))],
  })),
  functions: called((n) => ({ functions: new Array(n + 1).fill(nothing) })),
  "functions of a thousand parameters": called((n) => ({
    types: [wideType],
    functions: [nothing, ...new Array(n).fill({ type: 1, body: body([]) })],
  })),
  imports: called((n) => ({ imports: imports(n), importedFunctions: n, functions: [nothing] })),
  "imports and functions": called((n) => ({
    imports: imports(n),
    importedFunctions: n,
    functions: new Array(n + 1).fill(nothing),
  })),
  "imports and calls": called((n) => ({
    imports: imports(n),
    importedFunctions: n,
    functions: [nothing, plain(repeated(5 * n, () => at(ops.call, n + 1)))],
  })),
  exports: called((n) => ({
    exports: Array.from({ length: n }, (_, i) => [...name(`e${i}`), 0, 0]),
    functions: [nothing],
  })),
  "globals, each read": called((n) => ({
    globals: vector(n, (i) => [i32, 1, ...constant(i), ops.end]),
    functions: [plain(repeated(n, (i) => [...at(ops.globalGet, i), ops.drop]))],
  })),
  "globals that read one another": called((n) => ({
    globals: vector(n, (i) => [
      i32,
      0,
      ...(i === 0 ? constant(1) : at(ops.globalGet, i - 1)),
      ops.end,
    ]),
    functions: [nothing],
  })),
  "active data segments": called((n) => ({
    memories: [1, 0, 1],
    functions: [nothing],
    data: vector(n, (i) => [0, ...constant(i & 0x7fff), ops.end, 1, 7]),
  })),
  "passive data segments, each used and dropped": called((n) => ({
    memories: [1, 0, 1],
    dataCount: n,
    functions: [
      plain(
        repeated(n, (i) => [
          ...[...constant(0), ...constant(0), ...constant(1), ops.extended, 8, ...unsigned(i), 0],
          ...[ops.extended, 9, ...unsigned(i)],
        ]),
      ),
    ],
    data: vector(n, () => [1, 1, 7]),
  })),
  "element segments": called((n) => ({
    tables: [1, types.funcref, 0, 16],
    functions: [nothing],
    elements: vector(n, () => [0, ...constant(3), ops.end, 1, 1]),
  })),
  "entries of one element segment": called((n) => ({
    tables: [1, types.funcref, 0, ...unsigned(n)],
    functions: [nothing],
    elements: joined([[1, 0], constant(0), [ops.end], vector(n, () => [1])]),
  })),
  "expressions of one element segment": called((n) => ({
    tables: [1, types.funcref, 0, ...unsigned(n)],
    functions: [nothing],
    elements: joined([[1, 4], constant(0), [ops.end], vector(n, () => [ops.refFunc, 1, ops.end])]),
  })),
  "custom sections": called((n) => ({
    functions: [nothing],
    custom: Array.from({ length: n }, (_, i) => name(`c${i}`)),
  })),
  "names of functions": called((n) => {
    const map = vector(n, (i) => [...unsigned(i), ...name(`a name of its own, number ${i}`)]);
    return {
      functions: new Array(n + 1).fill(nothing),
      custom: [joined([name("name"), [1], unsigned(map.length), map])],
    };
  }),
  "functions with forty thousand declared locals": called((n) => ({
    functions: [nothing, ...new Array(n).fill({ type: 0, body: body([[40_000, types.i64]]) })],
  })),
  "runs of no locals": one(
    () => [],
    (n) => new Array(n).fill([0, i32]),
  ),
};

/** Inside of one function. */
export const bodies: Readonly<Record<string, Generator>> = {
  "nested blocks": one((n) => nested(n, [ops.block, empty])),
  "nested loops": one((n) => nested(n, [ops.loop, empty])),
  "nested ifs": one((n) => nested(n, [...constant(1), ops.if, empty])),
  "loops one after another": one((n) => repeated(n, () => [ops.loop, empty, ops.end])),
  "calls under operands": one((n) =>
    joined([
      repeated(n, () => constant(0)),
      repeated(n, () => at(ops.call, 2)),
      new Array(n).fill(ops.drop),
    ]),
  ),
  "a tenth as many calls under operands": one((n) =>
    joined([
      repeated(n, () => constant(0)),
      repeated(n / 10, () => at(ops.call, 2)),
      new Array(n).fill(ops.drop),
    ]),
  ),
  "loops, ifs and branches under operands": one((n) =>
    joined([
      repeated(n, () => constant(0)),
      repeated(n, () => [
        ...[ops.loop, empty, ops.end, ...constant(1), ops.if, empty, ops.end],
        ...[ops.block, i32, ...constant(1), ...constant(0), ops.brIf, 0, ops.end, ops.drop],
        ...[ops.block, empty, ...constant(0), ops.brTable, 0, 0, ops.end],
      ]),
      new Array(n).fill(ops.drop),
    ]),
  ),
  "calls beside floats": one(
    (n) =>
      joined([
        repeated(n, (i) => [ops.f64Const, 0, 0, 0, 0, 0, 0, 0, 0, ...at(ops.localSet, i)]),
        repeated(n, () => at(ops.call, 2)),
      ]),
    (n) => [[n, f64]],
  ),
  "copies of floats, last first": one(
    (n) => repeated(n - 1, (i) => [...at(ops.localGet, n - 1 - i), ...at(ops.localSet, n - 2 - i)]),
    (n) => [[n, f64]],
  ),
  "labels of one br_table": one((n) =>
    joined([
      repeated(n, () => [ops.block, empty]),
      constant(0),
      [ops.brTable],
      vector(n - 1, (i) => unsigned(i)),
      unsigned(n - 1),
      new Array(n).fill(ops.end),
    ]),
  ),
  "br_tables of values": one((n) =>
    joined([
      repeated(n, () => [
        ...[ops.block, i32, ops.block, i32, ...constant(7), ...constant(0)],
        ...[ops.brTable, 3, 0, 1, 0, 1, ops.end, ops.end, ops.drop],
      ]),
    ]),
  ),
  "instructions in a row": one(
    (n) => repeated(n, () => [ops.localGet, 0, ...constant(3), ops.i32Add, ops.localSet, 0]),
    () => [[1, i32]],
  ),
  selects: one((n) =>
    joined([
      constant(1),
      repeated(n, () => [...constant(2), ...constant(1), ops.select]),
      [ops.drop],
    ]),
  ),
  "sets of locals over operands": one(
    (n) =>
      joined([
        repeated(n, () => [ops.localGet, 0]),
        repeated(n, (i) => [ops.localGet, 1, ops.localGet, 1, ops.localSet, 1 + (i & 1), ops.drop]),
        new Array(n).fill(ops.drop),
      ]),
    () => [[3, i32]],
  ),
  stores: one((n) =>
    repeated(n, (i) => [
      ...constant(0),
      ...constant(1),
      ops.i32Store,
      2,
      ...unsigned(4 * (i & 4095)),
    ]),
  ),
  "unreachable code": one((n) => joined([[ops.unreachable], nested(n, [ops.block, empty])])),
  "blocks of a thousand parameters": called((n) => ({
    types: [type(new Array(wide).fill(i32), new Array(wide).fill(i32))],
    functions: [
      plain(
        joined([
          repeated(wide, () => constant(0)),
          repeated(n, () => [ops.block, 1, ops.end]),
          new Array(wide).fill(ops.drop),
        ]),
      ),
    ],
  })),
  "functions of a few locals, each with a call": called((n) => ({
    functions: [
      nothing,
      ...Array.from({ length: n }, (_, i) => ({
        type: 0,
        body: body(
          Array.from({ length: 8 }, (_unused, digit) => [
            1 + ((i >> digit) & 1),
            f64 + (digit & 3),
          ]),
          at(ops.call, 1),
        ),
      })),
    ],
  })),
  "functions of two stores": called((n) => ({
    memories: [1, 0, 1],
    functions: [
      nothing,
      ...new Array(n).fill(
        plain(repeated(2, (i) => [...constant(8 * i), ...constant(1), ops.i32Store, 2, 0])),
      ),
    ],
  })),
  "terms of one constant expression": called((n) => ({
    globals: joined([
      [1, i32, 0],
      constant(1),
      repeated(n, () => [...constant(2), ops.i32Add]),
      [ops.end],
    ]),
    functions: [nothing],
  })),
};

/** Functions that ask the host for as much as one may, so many that some are refused; all are called. */
export const atTheBound: Generator = (count, turns = 0) => {
  const height = 2000;
  const tall = plain(
    joined([
      repeated(height, () => constant(0)),
      repeated(height, () => at(ops.call, 2)),
      new Array(height).fill(ops.drop),
    ]),
  );
  const functions = [nothing, stoppable, nothing, ...new Array(count).fill(tall)];
  return moduleOf({ functions, gateway: repeated(count, (i) => at(ops.call, i + 4)), turns });
};

export const corpus: Readonly<Record<string, Generator>> = { ...declarations, ...bodies };

/** A module whose imports are another's exports. */
export const importer: Generator = (count) =>
  moduleOf({
    imports: vector(count, (index) => [...name("library"), ...name(`e${index}`), 0, 0]),
    importedFunctions: count,
  });
