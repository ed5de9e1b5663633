/**
 * Text → binary for the modules of test scripts. `wasm-tools` (through jco) is asked first, wabt where it refuses.
 * Neither validates, so modules of `assert_invalid` go through as they are.
 * Converted modules are kept on disk in one file a script, named by the hash of the script: an accelerator only;
 * deleting `spec-tests/.cache` changes nothing but the time.
 *
 * Invariant: an engine never sees text, and what it sees depends on nothing but the script's bytes.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Command, isEngineAssertion, type ModuleSource } from "./commands.ts";

/** Part of each cache key: raised when a converter or a work-around changes. */
const converterVersion = "jco-transpile 0.15.0, wabt 1.0.39, rewrites 1";
const cacheFolder = new URL("../.cache/", import.meta.url);

export type Binary = { readonly bytes: Uint8Array } | { readonly refused: string };

type Converter = (text: string) => Promise<Uint8Array>;

const wasmTools: Converter = async (text) => {
  const { parse } = await import("@bytecodealliance/jco-transpile/wasm-tools");
  return parse(text);
};

const wabt: Converter = async (text) => {
  const { default: load } = await import("wabt");
  const features = { multi_memory: true, tail_call: true, extended_const: true };
  const module = (await load()).parseWat("module.wat", text, features);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
};

/** wasm-tools refuses strings that a reader might take for other strings; escapes leave no doubt. */
function escapeNonAscii(text: string): string {
  return text.replace(
    /[^\p{ASCII}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** In the text format of 1.0 the identifier of a segment is that of its only possible memory or table. */
function dropSegmentIdentifiers(text: string): string {
  return text.replace(/\((data|elem)\s+\$[^\s()]+/g, "($1");
}

const attempts: readonly (readonly [Converter, (text: string) => string])[] = [
  [wasmTools, (text) => text],
  [wasmTools, escapeNonAscii],
  [wasmTools, dropSegmentIdentifiers],
  [wabt, (text) => text],
];

/** The binary of a module in text form, or why the converters refuse it. */
export async function convertText(text: string): Promise<Binary> {
  let refused = "";
  for (const [converter, rewrite] of attempts) {
    try {
      return { bytes: await converter(rewrite(text)) };
    } catch (error) {
      refused ||= error instanceof Error ? error.message : String(error);
    }
  }
  return { refused };
}

/** The module of a command that an engine has to see, if there is one. */
export function sourceOf(command: Command): ModuleSource | undefined {
  const seen =
    command.kind === "module" || command.kind === "definition" || isEngineAssertion(command);
  return seen && "source" in command ? command.source : undefined;
}

type CacheEntry = { readonly base64: string } | { readonly refused: string };

function readCache(file: URL): readonly CacheEntry[] | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function writeCache(file: URL, entries: readonly CacheEntry[]): void {
  mkdirSync(new URL(".", file), { recursive: true });
  // Written aside and renamed: test workers that convert the same script at once must not read half a file.
  const draft = new URL(`${file.href}.${process.pid}`);
  writeFileSync(draft, JSON.stringify(entries));
  renameSync(draft, file);
}

/** Binaries of all of a script's modules, in the order of their commands. */
export async function convertScript(
  script: string,
  commands: readonly Command[],
  cache: URL = cacheFolder,
): Promise<ReadonlyMap<Command, Binary>> {
  const key = createHash("sha256")
    .update(converterVersion)
    .update("\0")
    .update(script)
    .digest("hex");
  const file = new URL(`${key}.json`, cache);
  const texts: [Command, string][] = [];
  const binaries = new Map<Command, Binary>();
  for (const command of commands) {
    const source = sourceOf(command);
    if (source?.form === "binary") binaries.set(command, { bytes: source.bytes });
    else if (source?.form === "text") texts.push([command, source.text]);
    else if (source?.form === "quote")
      texts.push([command, new TextDecoder().decode(source.bytes)]);
  }
  let entries = readCache(file);
  if (entries?.length !== texts.length) {
    const fresh: CacheEntry[] = [];
    for (const [, text] of texts) {
      const binary = await convertText(text);
      const bytes = "bytes" in binary ? binary.bytes : undefined;
      fresh.push(
        bytes ? { base64: Buffer.from(bytes).toString("base64") } : (binary as CacheEntry),
      );
    }
    if (texts.length > 0) writeCache(file, fresh);
    entries = fresh;
  }
  entries.forEach((entry, index) => {
    const binary =
      "base64" in entry ? { bytes: Uint8Array.from(Buffer.from(entry.base64, "base64")) } : entry;
    binaries.set(texts[index][0], binary);
  });
  return binaries;
}
