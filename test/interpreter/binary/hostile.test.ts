/**
 * Modules made to cost the decoder more than their size: four times the module takes at most 5.3 times as long, and
 * what is refused for a number in it takes no longer for a larger one.
 */
import { describe, expect, it } from "vitest";
import { unsigned } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";

const factor = 4;
/** 2.3 for a doubling. */
const bound = 2.3 ** Math.log2(factor);
/** Below this a clock and a collector say little. */
const noiseMilliseconds = 40;
/** Times that a measurement above the bound is made again. */
const attempts = 6;

const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body];
const emptyType = section(1, [1, 0x60, 0, 0]);

function moduleOf(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([header, ...parts].flat());
}

function body(code: readonly number[], locals: readonly number[] = [0]): number[] {
  return [...unsigned(locals.length + code.length), ...locals, ...code];
}

function withBodies(type: readonly number[], bodies: readonly (readonly number[])[]): Uint8Array {
  const count = unsigned(bodies.length);
  const functions = [...count, ...bodies.map(() => 0)];
  return moduleOf(type, section(3, functions), section(10, [...count, ...bodies.flat()]));
}

/** Of this thread's processor, so that a loaded machine does not count. */
function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Code of what the decoder refuses a module with; undefined if it is a module. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    decodeModule(bytes);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function timed(bytes: Uint8Array, times: number): number {
  const start = cpuMilliseconds();
  for (let left = times; left > 0; left--) refusal(bytes);
  return cpuMilliseconds() - start;
}

/** Milliseconds of two modules, of which the second took too much longer in every attempt; undefined if in one it did not. */
function excess(one: () => number, other: () => number, most: number): string | undefined {
  one();
  let found = "";
  for (let left = attempts; left >= 0; left--) {
    const [before, after] = [one(), other()];
    if (after < noiseMilliseconds || after <= most * before) return undefined;
    found = `${before} ms to ${after} ms`;
  }
  return found;
}

/** The same of a module and one with four times as much in it; as many runs of the small one make up the work. */
function growth(build: (count: number) => Uint8Array, large: number): string | undefined {
  const [few, many] = [build(large / factor), build(large)];
  return excess(
    () => timed(few, factor) / factor,
    () => timed(many, 1),
    bound,
  );
}

function repeat(count: number, ...bytes: readonly number[]): number[] {
  return new Array<readonly number[]>(count).fill(bytes).flat();
}

describe("decodeModule › modules made to cost more than their size", () => {
  it("4 billion locals in 32 bytes are refused as soon as 66,000", () => {
    const runs = 2000;
    const withLocals = (...count: number[]) =>
      withBodies(emptyType, [body([0x0b], [1, ...count, 0x7f])]);
    const [few, many] = [withLocals(...unsigned(66_000)), withLocals(...unsigned(2 ** 32 - 1))];
    expect(many.length).toBeLessThanOrEqual(32);
    for (const bytes of [few, many]) expect(refusal(bytes)).toBe("limit-frame-slots");
    const found = excess(
      () => timed(few, runs),
      () => timed(many, runs),
      bound,
    );
    expect(found).toBeUndefined();
  });

  it("a count of 4 billion elements in each section is an unexpected end", () => {
    const many = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 11]) {
      expect(refusal(moduleOf(section(id, many)))).toBe("unexpected-end");
    }
    const targets = withBodies(emptyType, [body([0x41, 0, 0x0e, ...many])]);
    expect(refusal(targets)).toBe("unexpected-end");
  });

  const kinds: readonly [
    name: string,
    large: number,
    code: string | undefined,
    build: (count: number) => Uint8Array,
  ][] = [
    [
      "50,000 functions with 65,000 locals each",
      50_000,
      undefined,
      (count) => {
        const bodies = repeat(count, ...body([0x20, 0, 0x1a, 0x0b], [1, 0xe8, 0xfb, 0x03, 0x7f]));
        return moduleOf(
          emptyType,
          section(3, [...unsigned(count), ...repeat(count, 0)]),
          section(10, [...unsigned(count), ...bodies]),
        );
      },
    ],
    [
      "200,000 nested blocks",
      200_000,
      undefined,
      (count) => {
        const code = [...repeat(count, 0x02, 0x40), ...repeat(count + 1, 0x0b)];
        return withBodies(emptyType, [body(code)]);
      },
    ],
    [
      "a br_table with 300,000 labels",
      300_000,
      undefined,
      (count) => {
        const code = [0x41, 0, 0x0e, ...unsigned(count), ...repeat(count + 1, 0), 0x0b];
        return withBodies(emptyType, [body(code)]);
      },
    ],
    [
      "100,000 calls that pile up 1,000 results each stop at the limit of a frame",
      100_000,
      "limit-frame-slots",
      (count) => {
        const type = section(1, [1, 0x60, 0, ...unsigned(1_000), ...repeat(1_000, 0x7f)]);
        return withBodies(type, [body([...repeat(count, 0x10, 0), 0x0b])]);
      },
    ],
    [
      "unreachable code of 100,000 instructions with 1,000 operands each",
      100_000,
      undefined,
      (count) => {
        const type = section(1, [1, 0x60, ...unsigned(1_000), ...repeat(1_000, 0x7f), 0]);
        return withBodies(type, [body([0x00, ...repeat(count, 0x10, 0), 0x0b])]);
      },
    ],
  ];

  it.each(kinds)("%s", (_, large, code, build) => {
    expect(refusal(build(large))).toBe(code);
    expect(growth(build, large)).toBeUndefined();
  });

  it("what is quadratic would be found", () => {
    const quadratic = (count: number) => () => (count / 1000) ** 2;
    expect(excess(quadratic(10_000), quadratic(40_000), bound)).toBe("100 ms to 1600 ms");
    expect(excess(quadratic(10_000), () => 400, bound)).toBeUndefined();
  });

  it("a body is refused where its locals and operands pass 65,535 slots, not before", () => {
    const pushes = (count: number) => [...repeat(count, 0x41, 0), ...repeat(count, 0x1a), 0x0b];
    const locals = [1, ...unsigned(65_000), 0x7f];
    expect(refusal(withBodies(emptyType, [body(pushes(535), locals)]))).toBeUndefined();
    expect(refusal(withBodies(emptyType, [body(pushes(536), locals)]))).toBe("limit-frame-slots");
  });
});
