/**
 * The examples as data: examples/manifest.json with the binaries and inputs it names, for tests and benchmarks.
 *
 * Invariant: `result` and `output` of a run are known answers, checked against the host's engine and, where one
 * exists, an independent implementation (test/examples/).
 */
import { readFileSync } from "node:fs";
import { randomCommands } from "./kvstore/commands.ts";
import { randomBlock } from "./ledger/block.ts";

/** How a run's input is written in the manifest: fields are concatenated in the order given here. */
export interface InputRecipe {
  /** Little-endian 32-bit words. */
  readonly words?: readonly number[];
  readonly hex?: string;
  /** A file beside the manifest. */
  readonly file?: string;
  readonly text?: string;
  /** `randomBlock(count, seed)` of the ledger. */
  readonly ledgerBlock?: { readonly count: number; readonly seed: number };
  /** `randomCommands(count, seed)` of the key-value store. */
  readonly storeCommands?: { readonly count: number; readonly seed: number };
}

/**
 * `small`: a few thousand steps, for witnesses and the judge. `medium`: 10^5 to 10^6. `large`: 10^8 to 10^9, for speed.
 * `long`: about a second on the host's engine, what a dispute is about; less for the ledger, whose input is so large.
 */
export type RunSize = "small" | "medium" | "large" | "long";

export interface ExampleRun {
  readonly input: InputRecipe;
  /** The gateway's i32 result, unsigned. */
  readonly result: number;
  /** First bytes at the exported address `output` after the call, hex. */
  readonly output: string;
}

export interface Example {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly wasm: string;
  readonly gateway: string;
  /** What most of its time goes into. */
  readonly kind: "integer" | "float" | "calls";
  readonly runs: Readonly<Record<RunSize, ExampleRun>>;
}

const folder = new URL(".", import.meta.url);

export function loadExamples(): readonly Example[] {
  const manifest = JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8")) as {
    readonly examples: readonly Example[];
  };
  if (manifest.examples.length === 0) throw new Error("examples/manifest.json lists no example");
  return manifest.examples;
}

/** The example of that name; throws RangeError for a name that the manifest does not list. */
export function exampleNamed(name: string): Example {
  const example = loadExamples().find((candidate) => candidate.name === name);
  if (example === undefined) throw new RangeError(`expected the name of an example, got ${name}`);
  return example;
}

export function wasmOf(example: Example): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(example.wasm, folder)));
}

export function inputOf(run: ExampleRun): Uint8Array<ArrayBuffer> {
  const { words, hex, file, text, ledgerBlock, storeCommands } = run.input;
  const parts: Uint8Array[] = [];
  if (words !== undefined) parts.push(new Uint8Array(Uint32Array.from(words).buffer));
  if (hex !== undefined) parts.push(Buffer.from(hex, "hex"));
  if (file !== undefined) parts.push(readFileSync(new URL(file, folder)));
  if (text !== undefined) parts.push(new TextEncoder().encode(text));
  if (ledgerBlock !== undefined) parts.push(randomBlock(ledgerBlock.count, ledgerBlock.seed));
  if (storeCommands !== undefined) {
    parts.push(randomCommands(storeCommands.count, storeCommands.seed));
  }
  return new Uint8Array(Buffer.concat(parts));
}
