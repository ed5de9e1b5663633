/**
 * Records what a WebAssembly module's host does while a package's own JavaScript runs it: calls of exports, results of
 * imports, bytes that the host writes into the memory, growth. The tape stands for the host afterwards, so that every
 * engine runs the same instructions (tapeModules.ts).
 *
 * Invariant: the module must be deterministic and change its tables and globals by itself alone.
 */

/** Operations of a tape; a call of an export plays what its imports did before it goes on. */
export type TapeOperation =
  | { readonly kind: "return"; readonly value: bigint }
  | { readonly kind: "write"; readonly address: number; readonly bytes: Uint8Array }
  | { readonly kind: "grow"; readonly pages: number }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly bigint[] };

export interface Recording {
  readonly bytes: Uint8Array;
  readonly tape: readonly TapeOperation[];
  /** Memory when the run had ended. */
  readonly memory: Uint8Array;
  readonly importCalls: number;
}

type Values = readonly unknown[];

const pageBytes = 65536;
const chunkBytes = 4096;
const scratch = new DataView(new ArrayBuffer(8));

/** Bits of a value that crosses the host's border. Numbers of unknown type are i32 where they can be. */
function bitsOf(value: unknown, type: string): bigint {
  if (value === undefined || value === null) return 0n;
  if (type === "i64") return BigInt.asUintN(64, BigInt(value as bigint));
  if (type === "f64") {
    scratch.setFloat64(0, Number(value));
    return scratch.getBigUint64(0);
  }
  if (type === "f32") {
    scratch.setFloat32(0, Number(value));
    return BigInt(scratch.getUint32(0));
  }
  return BigInt(Number(value) >>> 0);
}

export interface Signature {
  readonly params: readonly string[];
  readonly results: readonly string[];
}

/** Types of a module's imported and exported functions, by "module.name" and by export name. */
export interface Types {
  readonly imports: ReadonlyMap<string, Signature>;
  /** Of each imported function, in order. */
  readonly importList: readonly Signature[];
  readonly exports: ReadonlyMap<string, Signature>;
}

class Recorder {
  readonly tape: TapeOperation[] = [];
  importCalls = 0;
  private memory: WebAssembly.Memory | undefined;
  private before = Buffer.alloc(0);

  attach(memory: WebAssembly.Memory): void {
    this.memory = memory;
    this.take();
  }

  /** Remembers the memory: what is written from here on is the host's. */
  take(): void {
    const { buffer } = this.memory as WebAssembly.Memory;
    const now = Buffer.from(buffer);
    if (this.before.length === now.length) now.copy(this.before);
    else this.before = Buffer.from(now);
  }

  /** Puts on tape what the host has changed since `take`. */
  private put(): void {
    const now = Buffer.from((this.memory as WebAssembly.Memory).buffer);
    const { before } = this;
    if (now.length > before.length) {
      this.tape.push({ kind: "grow", pages: (now.length - before.length) / pageBytes });
    }
    for (let at = 0; at < now.length; at += chunkBytes) {
      const end = at + chunkBytes;
      const old = at < before.length ? before.subarray(at, end) : zeros;
      if (old.compare(now, at, end) !== 0) this.putChunk(old, now, at);
    }
  }

  private putChunk(old: Buffer, now: Buffer, at: number): void {
    let first = 0;
    while (old[first] === now[at + first]) first++;
    let last = chunkBytes - 1;
    while (old[last] === now[at + last]) last--;
    const bytes = Uint8Array.from(now.subarray(at + first, at + last + 1));
    this.tape.push({ kind: "write", address: at + first, bytes });
  }

  imported(original: (...args: Values) => unknown, { results }: Signature) {
    return (...args: Values): unknown => {
      this.importCalls++;
      this.take();
      const value = original(...args);
      this.put();
      this.tape.push({ kind: "return", value: bitsOf(value, results[0] ?? "i32") });
      return value;
    };
  }

  exported(name: string, original: (...args: Values) => unknown, { params }: Signature) {
    return (...args: Values): unknown => {
      this.put();
      const bits = params.map((type, index) => bitsOf(args[index], type));
      this.tape.push({ kind: "call", name, args: bits });
      try {
        return original(...args);
      } finally {
        this.take();
      }
    };
  }
}

const zeros = Buffer.alloc(chunkBytes);

/** Runs `use` with an engine whose first instance of a module is recorded. */
export async function recordRun(
  typesOf: (bytes: Uint8Array) => Types,
  use: () => Promise<void>,
): Promise<Recording> {
  const real = { instantiate: WebAssembly.instantiate, Module: WebAssembly.Module };
  const recorder = new Recorder();
  const bytesOfModule = new WeakMap<WebAssembly.Module, Uint8Array>();
  let recorded: { bytes: Uint8Array; memory: WebAssembly.Memory } | undefined;
  const build = (source: BufferSource | WebAssembly.Module, imports: WebAssembly.Imports) => {
    const isModule = source instanceof real.Module;
    const bytes = isModule ? (bytesOfModule.get(source) as Uint8Array) : bytesOf(source);
    const module = isModule ? source : new real.Module(bytes as BufferSource);
    const types = typesOf(bytes);
    const given: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    let memory: WebAssembly.Memory | undefined;
    for (const { module: from, name, kind } of real.Module.imports(module)) {
      const value = imports[from][name];
      given[from] ??= {};
      const type = types.imports.get(`${from}.${name}`);
      const isFunction = kind === "function" && type !== undefined;
      given[from][name] = isFunction ? recorder.imported(value as () => unknown, type) : value;
      if (kind === "memory") memory = value as WebAssembly.Memory;
    }
    const instance = new WebAssembly.Instance(module, given);
    const exports: Record<string, WebAssembly.ExportValue> = {};
    for (const [name, value] of Object.entries(instance.exports)) {
      const type = types.exports.get(name);
      exports[name] =
        type === undefined
          ? value
          : (recorder.exported(name, value as () => unknown, type) as never);
      if (value instanceof WebAssembly.Memory) memory = value;
    }
    recorder.attach(memory as WebAssembly.Memory);
    recorded = { bytes, memory: memory as WebAssembly.Memory };
    const fake = Object.create(WebAssembly.Instance.prototype, { exports: { value: exports } });
    return Object.assign(fake, { instance: fake, module });
  };
  const compile = async (source: BufferSource) => {
    const module = new real.Module(source);
    bytesOfModule.set(module, bytesOf(source));
    return module;
  };
  Object.assign(WebAssembly, {
    instantiate: async (source: BufferSource, imports = {}) => build(source, imports),
    compile,
    instantiateStreaming: undefined,
    compileStreaming: undefined,
  });
  try {
    await use();
  } finally {
    Object.assign(WebAssembly, real);
  }
  if (recorded === undefined) throw new Error("expected a module to be instantiated");
  const { tape, importCalls } = recorder;
  tape.push({ kind: "return", value: 0n });
  return {
    bytes: recorded.bytes,
    tape,
    importCalls,
    memory: new Uint8Array(recorded.memory.buffer.slice(0)),
  };
}

function bytesOf(source: BufferSource): Uint8Array {
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
}
