import { describe, expect, it } from "vitest";
import { unsigned } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";

/** Far above what a linear decoder needs for a few hundred kilobytes, far below what a quadratic one takes. */
const mostMilliseconds = 10_000;

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

function timed(bytes: Uint8Array): { code: string | undefined; milliseconds: number } {
  const start = cpuMilliseconds();
  let code: string | undefined;
  try {
    decodeModule(bytes);
  } catch (error) {
    code = (error as { code: string }).code;
  }
  return { code, milliseconds: cpuMilliseconds() - start };
}

function repeat(count: number, ...bytes: readonly number[]): number[] {
  return new Array<readonly number[]>(count).fill(bytes).flat();
}

describe("decodeModule › modules made to cost more than their size", () => {
  it("4 billion locals in 32 bytes are refused at once", () => {
    const bytes = withBodies(emptyType, [body([0x0b], [1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f])]);
    expect(bytes.length).toBeLessThanOrEqual(32);
    const { code, milliseconds } = timed(bytes);
    expect(code).toBe("limit-frame-slots");
    expect(milliseconds).toBeLessThan(1_000);
  });

  it("a count of 4 billion elements in each section is an unexpected end", () => {
    const many = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 11]) {
      expect(timed(moduleOf(section(id, many)))).toMatchObject({ code: "unexpected-end" });
    }
    const targets = withBodies(emptyType, [body([0x41, 0, 0x0e, ...many])]);
    expect(timed(targets)).toMatchObject({ code: "unexpected-end" });
  });

  it("50,000 functions with 65,000 locals each", () => {
    const bodies = repeat(50_000, ...body([0x20, 0, 0x1a, 0x0b], [1, 0xe8, 0xfb, 0x03, 0x7f]));
    const count = unsigned(50_000);
    const bytes = moduleOf(
      emptyType,
      section(3, [...count, ...repeat(50_000, 0)]),
      section(10, [...count, ...bodies]),
    );
    const { code, milliseconds } = timed(bytes);
    expect(code).toBeUndefined();
    expect(milliseconds).toBeLessThan(mostMilliseconds);
  });

  it("200,000 nested blocks", () => {
    const code = [...repeat(200_000, 0x02, 0x40), ...repeat(200_001, 0x0b)];
    const { code: error, milliseconds } = timed(withBodies(emptyType, [body(code)]));
    expect(error).toBeUndefined();
    expect(milliseconds).toBeLessThan(mostMilliseconds);
  });

  it("a br_table with 300,000 labels", () => {
    const code = [0x41, 0, 0x0e, ...unsigned(300_000), ...repeat(300_001, 0), 0x0b];
    const { code: error, milliseconds } = timed(withBodies(emptyType, [body(code)]));
    expect(error).toBeUndefined();
    expect(milliseconds).toBeLessThan(mostMilliseconds);
  });

  it("calls that pile up 1,000 results each stop at the limit of a frame", () => {
    const type = section(1, [1, 0x60, 0, ...unsigned(1_000), ...repeat(1_000, 0x7f)]);
    const code = [...repeat(100_000, 0x10, 0), 0x0b];
    const { code: error, milliseconds } = timed(withBodies(type, [body(code)]));
    expect(error).toBe("limit-frame-slots");
    expect(milliseconds).toBeLessThan(mostMilliseconds);
  });

  it("unreachable code of 1,000 operands an instruction", () => {
    const type = section(1, [1, 0x60, ...unsigned(1_000), ...repeat(1_000, 0x7f), 0]);
    const code = [0x00, ...repeat(100_000, 0x10, 0), 0x0b];
    const { code: error, milliseconds } = timed(withBodies(type, [body(code)]));
    expect(error).toBeUndefined();
    expect(milliseconds).toBeLessThan(mostMilliseconds);
  });

  it("a body is refused where its locals and operands pass 65,535 slots, not before", () => {
    const pushes = (count: number) => [...repeat(count, 0x41, 0), ...repeat(count, 0x1a), 0x0b];
    const locals = [1, ...unsigned(65_000), 0x7f];
    expect(timed(withBodies(emptyType, [body(pushes(535), locals)])).code).toBeUndefined();
    expect(timed(withBodies(emptyType, [body(pushes(536), locals)])).code).toBe(
      "limit-frame-slots",
    );
  });
});
