/**
 * The wrapper module (paper App. B, sdk/wrapper) and the program that it makes of an application: the application first,
 * so that the wrapper can call it, the wrapper last, since the last module has the gateway.
 *
 * Invariant: the binary is committed and the same for every application; where its state lies is fixed by its exports.
 */
import {
  decodeModule,
  type FunctionType,
  type Module,
  type Program,
  valueTypes,
} from "../interpreter/index.ts";
import { wrapperAddresses, wrapperBase64 } from "./generated/wrapper.ts";
import { SdkError } from "./sdkError.ts";

/** Names under which an application and its wrapper are linked. */
export const applicationModules = { application: "application", wrapper: "wrapper" } as const;

/** Addresses in the wrapper's memory, and what lies there (docs/sdk.md §5). */
export const wrapperLayout = {
  /** Transactions of all blocks, u64. */
  counters: wrapperAddresses.counters,
  /** Entries of 128 bytes. */
  results: wrapperAddresses.results,
  resultEntries: 8192,
  resultEntryBytes: 128,
  /** Bytes of results. */
  resultBytes: wrapperAddresses.resultBytes,
  /** Buckets of 16 entries of 64 bytes. */
  sessions: wrapperAddresses.sessions,
  sessionBuckets: 4096,
  sessionsABucket: 16,
  sessionBytes: 64,
} as const;

/** The wrapper's binary (sdk/wrapper.wasm). */
export function wrapperBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(wrapperBase64), (letter) => letter.charCodeAt(0));
}

/** A module of a wrapped application, as `load` takes it. */
export interface WrappedModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The list of modules that runs an application, for `load`.
 *
 * @throws SdkError for a module that lacks what an application exports; what `decodeModule` throws for no module.
 */
export function wrapApplication(application: Uint8Array): WrappedModule[] {
  const module = decodeModule(application);
  const isMemory = module.exports.some(({ kind, name }) => kind === "memory" && name === "memory");
  if (!isMemory) throw new SdkError("application-memory");
  const { i32, i64 } = valueTypes;
  if (!isOfType(typeOf(module, "handle"), [i32, i32], i64)) {
    throw new SdkError("application-handle");
  }
  if (!isOfType(typeOf(module, "request_buffer"), [], i32)) {
    throw new SdkError("application-buffer");
  }
  return [
    { name: applicationModules.application, bytes: application },
    { name: applicationModules.wrapper, bytes: wrapperBytes() },
  ];
}

/** Type of an exported function; `undefined` if there is none. */
function typeOf(module: Module, name: string): FunctionType | undefined {
  const found = module.exports.find((item) => item.kind === "function" && item.name === name);
  if (found === undefined) return undefined;
  const imported = module.imports.flatMap((item) =>
    item.kind === "function" ? [item.typeIndex] : [],
  );
  return module.types[[...imported, ...module.functions][found.index]];
}

function isOfType(
  type: FunctionType | undefined,
  params: readonly number[],
  result: number,
): boolean {
  return type !== undefined && String([type.params, type.results]) === String([params, [result]]);
}

/** Whether a program is an application with this wrapper: by its name and what it exports. */
export function hasWrapper(program: Program): boolean {
  const last = program.modules.at(-1);
  if (last?.name !== applicationModules.wrapper) return false;
  const exported = new Set(last.module.exports.map(({ name }) => name));
  return ["gateway", "COUNTERS", "RESULTS", "RESULT_BYTES", "SESSIONS"].every((name) =>
    exported.has(name),
  );
}

/** Program-wide number of the wrapper's memory. Throws SdkError for a program without wrapper. */
export function wrapperMemory(program: Program): number {
  if (!hasWrapper(program)) throw new SdkError("no-wrapper");
  // The application's memory is imported, so it is the first.
  return program.modules[program.modules.length - 1].memories[1];
}
