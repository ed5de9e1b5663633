/**
 * `pack`: from a WASI program to the modules that are linked with it (docs/wasi.md): the program, the image of arguments,
 * environment and files, the adapter for WASI preview 1, and a gateway.
 *
 * Invariant: the list is a function of its arguments; nothing of WASI is known to any executor or to the judge.
 */
import { decodeModule } from "../binary/decode.ts";
import type { Export, FunctionType, Module } from "../binary/module.ts";
import { importedFunctions } from "../binary/module.ts";
import { checkBytes, checkOptionNames, kindOf, optionNames } from "../optionNames.ts";
import { checkChoice } from "../program/linkOptions.ts";
import type { Program } from "../program/program.ts";
import { adapterBase64 } from "./generated/adapter.ts";
import { type ImageContents, imageBytes } from "./image.ts";
import { exportingStart, gatewayModule, imageModule } from "./packedModules.ts";

/** Name under which WASI preview 1 is imported. */
export const wasiModule = "wasi_snapshot_preview1";

/** What a program is packed with; all of it is part of the program, hence of its root. */
export interface PackOptions extends Partial<ImageContents> {
  /**
   * Of a reactor: the exported function without parameters that every call enters; `gateway` unless given. A command,
   * which exports `_start`, has none.
   */
  readonly gateway?: string;
}

/** A module of a packed program, as `load` takes it. */
export interface PackedModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly adapter?: boolean;
}

const packOptionNames = optionNames<Required<PackOptions>>({
  args: true,
  environment: true,
  files: true,
  preopens: true,
  stdin: true,
  stderr: true,
  seed: true,
  epochNs: true,
  gateway: true,
});

const programName = "program";
const entries = { command: "_start", reactor: "_initialize" } as const;
const startName = "wasm-arbiter.start";
/** By this export the adapter learns that a call begins. */
const beginName = "begin_call";

/** A program cannot be packed; `code` is stable (docs/errors.md). */
export class PackError extends Error {
  readonly code: "no-entry" | "entry-type" | "no-memory" | "no-wasi";

  constructor(code: PackError["code"], message: string) {
    super(message);
    this.name = "PackError";
    this.code = code;
  }
}

/**
 * Makes the list of modules that runs a WASI program, for `load`. A command (it exports `_start`) is a pure function:
 * every call begins at genesis, and a second call on the state that one leaves traps. A reactor keeps its state; its
 * `_initialize` is the start function of the list.
 *
 * @param program binary of a module that imports WASI preview 1 and exports its memory as `memory`.
 * @returns program, image, adapter, gateway, in link order.
 * @throws PackError for a module that has no such entry or memory, RangeError for a path, argument or variable that
 *   cannot be one, TypeError for an option that does not exist or has a value of another type; what `decodeModule` throws for no module.
 */
export function pack(program: Uint8Array, options: PackOptions = {}): PackedModule[] {
  checkBytes("the program", program);
  checkOptionNames("pack", options, packOptionNames);
  const contents = { ...defaults, ...options };
  checkContents(contents);
  const module = decodeModule(program);
  if (!module.exports.some(({ kind, name }) => kind === "memory" && name === "memory")) {
    throw new PackError(
      "no-memory",
      'expected the program to export its memory as "memory", for the adapter to work on',
    );
  }
  const image = imageBytes(contents);
  const { bytes, gateway } = entered(program, module, options.gateway);
  if (!module.imports.some((item) => item.module === wasiModule)) {
    throw new PackError("no-wasi", `the program imports nothing of ${wasiModule}: run it as it is`);
  }
  return [
    { name: programName, bytes },
    { name: "image", bytes: imageModule(image) },
    { name: wasiModule, bytes: adapterBytes(), adapter: true },
    { name: "gateway", bytes: gateway },
  ];
}

/** What other types would be packed as is never what was meant: of a text no byte. */
function checkContents({ args, environment, files, stdin, stderr, seed, epochNs }: ImageContents) {
  for (const [name, list] of Object.entries({ args, environment, files })) {
    if (!Array.isArray(list))
      throw new TypeError(`expected ${name} to be a list, got ${kindOf(list)}`);
  }
  for (const { path, bytes } of files) checkBytes(`the bytes of ${path}`, bytes);
  checkChoice("stdin", stdin, ["input", "none"]);
  checkChoice("stderr", stderr, ["output", "none"]);
  for (const [name, number] of Object.entries({ seed, epochNs })) {
    if (typeof number !== "bigint") {
      throw new TypeError(`expected ${name} to be a bigint, got ${kindOf(number)}`);
    }
  }
}

/** Whether a program is what `pack` makes of a command: each of its calls has to begin at genesis. */
export function isPackedCommand({ modules }: Program): boolean {
  const imports = modules.at(-1)?.module.imports ?? [];
  return (
    modules.some(({ name, adapter }) => adapter && name === wasiModule) &&
    imports.some(({ module, name }) => module === programName && name === entries.command)
  );
}

const defaults: ImageContents = {
  args: ["program"],
  environment: [],
  files: [],
  preopens: [{ name: "/", path: "/" }],
  stdin: "input",
  stderr: "output",
  seed: 0n,
  // 2000-01-01: programs subtract from the time that they are told.
  epochNs: 946_684_800_000_000_000n,
};

/** The adapter's binary (adapters/wasi/wasi.wasm). */
export function adapterBytes(): Uint8Array {
  return Uint8Array.from(atob(adapterBase64), (letter) => letter.charCodeAt(0));
}

/** The program, and the gateway that enters it. */
function entered(program: Uint8Array, module: Module, gateway: string | undefined) {
  const isCommand = gateway === undefined && exported(module, entries.command) !== undefined;
  const entry = isCommand ? entries.command : (gateway ?? "gateway");
  const type = exported(module, entry);
  if (type === undefined) {
    throw new PackError(
      "no-entry",
      `expected the program to export ${isCommand || gateway !== undefined ? "" : `a function "${entries.command}" (a command), or `}a function "${entry}"`,
    );
  }
  if (type.params.length > 0 || (isCommand && type.results.length > 0)) {
    throw new PackError("entry-type", `expected "${entry}" to take no parameters`);
  }
  const of = (name: string) => ({ module: programName, name });
  if (!isCommand) {
    const starts = exported(module, entries.reactor) !== undefined;
    const each = [{ module: wasiModule, name: beginName }, of(entry)];
    const first = starts ? [of(entries.reactor)] : [];
    return { bytes: program, gateway: gatewayModule({ type, each, first, once: false }) };
  }
  const calls = { type, first: [], once: true };
  // A running genesis takes no input, so a command's start function is called by the gateway.
  if (module.start === undefined) {
    return { bytes: program, gateway: gatewayModule({ ...calls, each: [of(entry)] }) };
  }
  const bytes = exportingStart(program, module.start, startName);
  return { bytes, gateway: gatewayModule({ ...calls, each: [of(startName), of(entry)] }) };
}

function exported(module: Module, name: string): FunctionType | undefined {
  const found = module.exports.find((item) => item.kind === "function" && item.name === name);
  return found && typeOf(module, found);
}

function typeOf(module: Module, { index }: Export): FunctionType {
  const imports = module.imports.filter((item) => item.kind === "function");
  const imported = imports[index];
  if (imported?.kind === "function") return module.types[imported.typeIndex];
  return module.types[module.functions[index - importedFunctions(module)]];
}
