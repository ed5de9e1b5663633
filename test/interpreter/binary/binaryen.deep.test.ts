import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { InstructionCursor } from "../../../src/interpreter/isa/instructionCursor.ts";
import { Random } from "../../differential/random.ts";

const modules = 60;
/** Each module takes one start of wasm-opt. */
const timeoutMilliseconds = 600_000;
const seedBytes = 4_000;
const features = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "reference-types",
  "multivalue",
  "tail-call",
  "extended-const",
  "multimemory",
];

const binaryen = dirname(createRequire(import.meta.url).resolve("binaryen/package.json"));
const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A module that binaryen's fuzzer makes of random bytes. */
function fuzzModule(seed: number): Uint8Array {
  const random = new Random(seed);
  const input = join(folder, "seed");
  const output = join(folder, "module.wasm");
  writeFileSync(
    input,
    Uint8Array.from({ length: seedBytes }, () => random.below(256)),
  );
  const switches = features.map((feature) => `--enable-${feature}`);
  const command = [join(binaryen, "bin/wasm-opt"), "-ttf", ...switches, input, "-o", output];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`wasm-opt: ${stderr}`);
  return new Uint8Array(readFileSync(output));
}

describe("decodeModule › modules of binaryen's fuzzer", () => {
  it(
    `decodes ${modules} of them, each body to its end, as V8 does`,
    () => {
      let instructions = 0;
      for (let seed = 1; seed <= modules; seed++) {
        const bytes = fuzzModule(seed);
        expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
        const module = decodeModule(bytes);
        const cursor = new InstructionCursor(bytes, module.features);
        for (const { start, end } of module.bodies) {
          cursor.open(start, end);
          while (cursor.next()) instructions++;
        }
      }
      expect(instructions).toBeGreaterThan(modules * 100);
    },
    timeoutMilliseconds,
  );
});
