/** V8 inlines by the share of small functions in a module (smallFunctions.ts): emitted modules keep the program's. */
import { expect, it } from "vitest";
import { exampleNamed, wasmOf } from "../../../examples/manifest.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { buildMainModule } from "../../../src/interpreter/compile/hostModule.ts";
import { planProgram } from "../../../src/interpreter/compile/programPlan.ts";
import { plainEmission } from "../../../src/interpreter/compile/safepoints.ts";
import { link } from "../../../src/interpreter/program/link.ts";

const codeSection = 10;
const smallBytes = 50;
/** Body of a function that does nothing. */
const nothingBytes = 2;

/** Bytes of the functions' bodies in a binary. */
function bodySizes(bytes: Uint8Array): number[] {
  let at = 8;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const size = unsigned();
    if (id !== codeSection) {
      at += size;
      continue;
    }
    return Array.from({ length: unsigned() }, () => {
      const body = unsigned();
      at += body;
      return body;
    });
  }
  return [];
}

function smallShare(sizes: readonly number[]): number {
  return sizes.filter((size) => size <= smallBytes).length / sizes.length;
}

function sizesOf(bytes: Uint8Array): { own: number[]; emitted: number[] } {
  const program = link([{ name: "program", module: decodeModule(bytes) }], { gateway: "gateway" });
  const { bytes: built } = buildMainModule(planProgram(program), plainEmission);
  expect(WebAssembly.validate(built)).toBe(true);
  return { own: bodySizes(bytes), emitted: bodySizes(built) };
}

it("fast path › a module has the program's share of small functions, and no more are added for it than it takes", () => {
  let added = 0;
  for (const name of ["calls", "keccak", "forth", "matrix", "sort"]) {
    const { own, emitted } = sizesOf(wasmOf(exampleNamed(name)));
    const share = Math.min(0.5, smallShare(own));
    expect(smallShare(emitted), name).toBeGreaterThanOrEqual(share);
    const last = emitted[emitted.length - 1];
    if (last !== nothingBytes) continue;
    added++;
    expect(smallShare(emitted.slice(0, -1)), name).toBeLessThan(share);
  }
  expect(added).toBeGreaterThan(0);
});
