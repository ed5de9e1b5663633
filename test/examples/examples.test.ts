/**
 * The committed examples give their known answers on the host's engine, without any compiler: they are the
 * inputs of every benchmark and dispute, so a silent change of one must show here.
 *
 * Oracles: @noble/hashes, plain TypeScript for the rest.
 */
import { readdirSync, readFileSync } from "node:fs";
import { blake3 } from "@noble/hashes/blake3.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { describe, expect, test } from "vitest";
import {
  exampleNamed,
  inputOf,
  loadExamples,
  type RunSize,
  wasmOf,
} from "../../examples/manifest.ts";
import { nativeExample } from "../../examples/native.ts";

/** Long runs, a second of the host's each, are for benchmarks alone. */
const sizes: readonly RunSize[] = [
  ...(["small", "medium", "large"] as const),
  ...(process.env.DEEP === "true" ? (["long"] as const) : []),
];
const folder = new URL("../../examples/", import.meta.url);

describe("examples", () => {
  const examples = loadExamples();

  test("manifest › lists every committed binary, and its source", () => {
    const binaries = readdirSync(new URL("wasm/", folder)).map((file) => `wasm/${file}`);
    expect(examples.map((example) => example.wasm).sort()).toEqual(binaries.sort());
    for (const example of examples) {
      expect(readFileSync(new URL(example.source, folder), "utf8").length).toBeGreaterThan(0);
    }
  });

  for (const example of examples) {
    test(`${example.name} › needs at most 16 MiB, and only host functions of the closed list`, () => {
      const module = new WebAssembly.Module(wasmOf(example));
      const allowed = ["input_size", "input_read", "time_ms"];
      for (const { module: from, name } of WebAssembly.Module.imports(module)) {
        expect(from).toBe("arbiter");
        expect(allowed).toContain(name);
      }
      const names = WebAssembly.Module.exports(module).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["memory", "output", example.gateway]));
    });

    test(`${example.name} › gives its known answers`, async () => {
      for (const size of sizes) {
        const run = example.runs[size];
        const { result, memory, output } = (await nativeExample(example)).call(inputOf(run));
        expect(memory.length).toBeLessThanOrEqual(16 << 20);
        expect(result, size).toBe(run.result);
        const length = run.output.length / 2;
        expect(Buffer.from(memory.subarray(output, output + length)).toString("hex")).toBe(
          run.output,
        );
      }
    });
  }
});

async function outputOf(name: string, input: Uint8Array, length: number): Promise<Uint8Array> {
  const { memory, output } = (await nativeExample(exampleNamed(name))).call(input);
  return memory.slice(output, output + length);
}

const withRounds = (rounds: number, message: Uint8Array) =>
  Buffer.concat([new Uint8Array(Uint32Array.of(rounds).buffer), message]);

const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

/** Structural characters with opening quotes, strings, depth, sum of integers: a character at a time. */
function scanned(text: string): number[] {
  const withoutStrings = text.replace(/"(?:\\.|[^"\\])*"/g, '"');
  let [depth, deepest] = [0, 0];
  for (const character of withoutStrings) {
    if ("[{".includes(character)) depth++;
    if ("]}".includes(character)) depth--;
    deepest = Math.max(deepest, depth);
  }
  const integers = (withoutStrings.match(/\d+/g) ?? []).map(Number);
  return [
    (withoutStrings.match(/[[\]{}:,"]/g) ?? []).length,
    (withoutStrings.match(/"/g) ?? []).length,
    deepest,
    integers.reduce((sum, value) => sum + value, 0),
  ];
}

/** Sum of the pixels that the filter of examples/c/edges.c leaves. */
function filtered(width: number, height: number, rounds: number): number {
  let random = 5;
  let picture = Array.from({ length: width * height }, (_, at) => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    const square = (((at % width) ^ Math.floor(at / width)) & 32) * 5;
    return (square + (random & 31)) & 0xff;
  });
  const inside = (value: number, most: number) => Math.min(Math.max(value, 0), most - 1);
  const at = (of: number[], x: number, y: number) =>
    of[inside(y, height) * width + inside(x, width)];
  const each = (pixel: (x: number, y: number) => number) =>
    Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width)));
  const weights = [1, 4, 6, 4, 1];
  for (let round = 0; round < rounds; round++) {
    const from = picture;
    const blurred = each((x, y) => {
      let sum = 0;
      weights.forEach((wy, dy) => {
        weights.forEach((wx, dx) => {
          sum += wx * wy * at(from, x + dx - 2, y + dy - 2);
        });
      });
      return sum >> 8;
    });
    const b = (x: number, y: number) => at(blurred, x, y);
    picture = each((x, y) => {
      const side = (dx: number) => b(x + dx, y - 1) + 2 * b(x + dx, y) + b(x + dx, y + 1);
      const row = (dy: number) => b(x - 1, y + dy) + 2 * b(x, y + dy) + b(x + 1, y + dy);
      const magnitude = Math.abs(side(1) - side(-1)) + Math.abs(row(1) - row(-1));
      return (Math.min(magnitude, 255) + b(x, y) + 1) >> 1;
    });
  }
  return picture.reduce((sum, pixel) => sum + pixel, 0);
}

describe("examples › independent answers", () => {
  const messages = [0, 1, 3, 55, 56, 63, 64, 65, 135, 136, 137, 4096, 4097, 9000].map((length) =>
    Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff),
  );

  test("sha256 › equals @noble/hashes for lengths around every boundary", async () => {
    for (const message of messages) {
      expect(await outputOf("sha256", withRounds(0, message), 32)).toEqual(sha256(message));
      const chain = sha256(sha256(sha256(message)));
      expect(await outputOf("sha256", withRounds(2, message), 32)).toEqual(chain);
    }
  });

  test("keccak › equals @noble/hashes for lengths around every boundary", async () => {
    for (const message of messages) {
      expect(await outputOf("keccak", withRounds(0, message), 32)).toEqual(keccak_256(message));
      const chain = keccak_256(keccak_256(keccak_256(message)));
      expect(await outputOf("keccak", withRounds(2, message), 32)).toEqual(chain);
    }
  });

  test("blake3 › equals @noble/hashes for lengths around every boundary", async () => {
    const lengths = [1, 63, 64, 65, 1023, 1024, 1025, 2048, 4096, 4097, 5120, 8193, 16_384, 50_000];
    for (const length of lengths) {
      const message = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
      const input = (rounds: number) => Buffer.concat([words(0, rounds), message]);
      expect(await outputOf("blake3", input(0), 32)).toEqual(blake3(message));
      const again = Uint8Array.from(message);
      again.set(blake3(message).subarray(0, length));
      expect(await outputOf("blake3", input(1), 32)).toEqual(blake3(again));
    }
  });

  test("gemm › equals sums of rounded products in TypeScript", async () => {
    const n = 40;
    const rounded = (scale: number, bits: (i: number) => number) =>
      Float32Array.from({ length: n * n }, (_, i) => Math.fround(bits(i) | 0) / scale);
    const a = rounded(65536, (i) => Math.imul(i, 2654435761));
    const b = rounded(1048576, (i) => i * 40503 + 12345);
    let c = new Float32Array(n * n);
    const product = () =>
      Float32Array.from({ length: n * n }, (_, at) => {
        let sum = 0;
        for (let k = 0; k < n; k++) {
          const term = Math.fround(a[Math.floor(at / n) * n + k] * b[k * n + (at % n)]);
          sum = Math.fround(sum + term);
        }
        return sum;
      });
    for (let round = 0; round < 2; round++) {
      c = product();
      for (let i = 0; i < n; i++) a[i * n + i] = c[i * n + i] / Math.fround(1e9);
    }
    let trace = 0;
    for (let i = 0; i < n; i++) trace = Math.fround(trace + c[i * n + i]);
    const bytes = await outputOf("gemm", words(n, 2), 4);
    expect(new Float32Array(bytes.buffer)[0]).toBe(trace);
  });

  test("json › counts what a plain scan of the text counts", async () => {
    const value = [
      ...[{ a: 12, 'b\\"': ['[x"{,', "\\", 3, 4] }, 5, [[[]]], "", { "{": { ":": [70, 8] } }],
      ...Array.from({ length: 40 }, (_, i) => ({ [`k${"\\".repeat(i % 5)}"`]: [i, `"${i}`] })),
    ];
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 3)]) {
      const input = Buffer.concat([words(0, 0, 1), new TextEncoder().encode(text)]);
      const bytes = await outputOf("json", input, 16);
      expect([...new Uint32Array(bytes.buffer)]).toEqual(scanned(text));
    }
  });

  test("edges › equals the same filter pixel by pixel", async () => {
    const [width, height] = [48, 20];
    const bytes = await outputOf("edges", words(width, height, 2), 4);
    expect(new Uint32Array(bytes.buffer)[0]).toBe(filtered(width, height, 2));
  });

  test("nbody › has the published energies before and after 1,000 steps", async () => {
    const bytes = await outputOf("nbody", new Uint8Array(Uint32Array.of(1000).buffer), 16);
    const energies = new Float64Array(bytes.buffer);
    expect(energies[0].toFixed(9)).toBe("-0.169075164");
    expect(energies[1].toFixed(9)).toBe("-0.169087605");
  });

  test("mandelbrot › equals the same formula in TypeScript", async () => {
    const inside = (cx: number, cy: number) => {
      let [x, y] = [0, 0];
      for (let i = 0; i < 50; i++) {
        if (x * x + y * y > 4) return 0;
        [x, y] = [x * x - y * y + cx, 2 * x * y + cy];
      }
      return 1;
    };
    let count = 0;
    for (let i = 0; i < 64 * 64; i++) {
      count += inside((2 * (i % 64)) / 64 - 1.5, (2 * Math.floor(i / 64)) / 64 - 1);
    }
    expect(exampleNamed("mandelbrot").runs.medium.result).toBe(count);
  });

  test("sparse › equals a map of words by their 64-bit addresses", () => {
    const { input, result, output } = exampleNamed("sparse").runs.medium;
    const [accesses, first] = input.words ?? [];
    const words = new Map<bigint, bigint>();
    const pages = new Set<bigint>();
    let [seed, hash, distance, last] = [first, 2_166_136_261, 0n, 0n];
    for (let access = 0; access < accesses; access++) {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      const [region, page, word] = [(seed & 15) + 1, (seed >>> 4) & 31, (seed >>> 9) & 511];
      const address = (BigInt(region) << 44n) + BigInt(page * 4096 + word * 8);
      const before = words.get(address) ?? 0n;
      words.set(address, BigInt.asUintN(64, before * 6_364_136_223_846_793_005n + address));
      pages.add(address >> 12n);
      hash = Math.imul(hash ^ Number(BigInt.asIntN(32, before ^ (before >> 32n))), 16_777_619);
      distance += address > last ? address - last : last - address;
      last = address;
    }
    const told = new DataView(new ArrayBuffer(16));
    told.setUint32(0, pages.size, true);
    told.setInt32(4, hash, true);
    told.setBigUint64(8, BigInt.asUintN(64, distance), true);
    expect(result).toBe(hash >>> 0);
    expect(output).toBe(Buffer.from(told.buffer).toString("hex"));
  });

  test("calls › has the known values of its three functions", () => {
    const words = new Uint32Array(
      Uint8Array.from(Buffer.from(exampleNamed("calls").runs.medium.output, "hex")).buffer,
    );
    const takeuchi = (x: number, y: number, z: number): number =>
      y >= x ? z : takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
    expect([...words.subarray(0, 3)]).toEqual([987, 2 * 16 + 3, takeuchi(16, 8, 4)]);
  });

  test("forth › counts the primes below 4,095", async () => {
    const bytes = await outputOf("forth", inputOf(exampleNamed("forth").runs.medium), 8);
    expect(Buffer.from(bytes.subarray(4, 8)).toString()).toBe("564 ");
  });

  test("forth › wrong programs give 0, none traps", async () => {
    const forth = await nativeExample(exampleNamed("forth"));
    const wrong = ["+", "1 0 /", ": a", "nonsense", ": r r ; r", "1 if", "r>", "then", ": a : b ;"];
    for (const text of wrong) {
      expect(forth.call(new TextEncoder().encode(text)).result, text).toBe(0);
    }
  });
});
