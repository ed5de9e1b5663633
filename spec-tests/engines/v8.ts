/**
 * The host's own WebAssembly as a script engine: the oracle that validates this harness.
 * JavaScript numbers lose NaN payloads, so calls whose types contain floats go through a small adapter
 * module that reinterprets them as integers on both sides.
 *
 * V8 knows the newest WebAssembly only: it contradicts assertions of older levels that call invalid what later
 * became valid (spec-tests/exclusions.ts lists them).
 */
import type { FeatureLevel } from "../../src/interpreter/isa/features.ts";
import { assemble, op } from "../corpus/assembler.ts";
import type {
  ActionResult,
  CompiledModule,
  EngineKind,
  Instance,
  Refusal,
  ScriptEngine,
  Trap,
} from "../engine.ts";
import type { Value, ValueKind } from "../script/value.ts";
import { provideSpectest, spectestBinary } from "../spectest.ts";

/** What the suite calls V8's traps; V8 draws fewer lines than the suite, so one message may stand for two. */
const messages: readonly (readonly [RegExp, string])[] = [
  [/^(divide|remainder) by zero/, "integer divide by zero"],
  [/^divide result unrepresentable/, "integer overflow"],
  [/^float unrepresentable in integer range/, "integer overflow or invalid conversion to integer"],
  [/unaligned accesses/, "unaligned atomic"],
  // What V8 says where the memory is not shared.
  [/^Atomics\.wait cannot be called/, "expected shared memory"],
  [/^memory access out of bounds|data segment .*out of bounds/, "out of bounds memory access"],
  [
    /^null function or function signature|function signature mismatch/,
    "indirect call type mismatch or uninitialized element",
  ],
  [
    /table index is out of bounds|table (or array )?element|element segment|table access|table initializ/,
    "undefined element or out of bounds table access",
  ],
];

function trapMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && text.startsWith("Maximum call stack"))
    return "call stack exhausted";
  const found = messages.find(([pattern]) => pattern.test(text));
  return found ? `${found[1]} (${text})` : text;
}

const letters: Readonly<Record<ValueKind, string>> = {
  i32: "i",
  i64: "I",
  f32: "f",
  f64: "F",
  v128: "v",
  funcref: "r",
  externref: "x",
};
/** A vector crosses as its two halves. */
const carriers: Readonly<Record<string, string>> = { f: "i", F: "I", v: "II" };
const adapters = new Map<string, WebAssembly.Module>();

/** `run` of the adapter has integers where the adapted function has floats or vectors. */
function adapterFor(params: string, results: string): WebAssembly.Module {
  const key = `${params}:${results}`;
  let module = adapters.get(key);
  if (module === undefined) {
    const carried = (types: string) =>
      [...types].map((letter) => carriers[letter] ?? letter).join("");
    let given = 0;
    const local = () => op("local.get", given++);
    const body = [
      ...[...params].flatMap((letter) => {
        if (letter === "f") return [local(), op("f32.reinterpret_i32")];
        if (letter === "F") return [local(), op("f64.reinterpret_i64")];
        if (letter !== "v") return [local()];
        return [local(), op("i64x2.splat"), local(), op("i64x2.replace_lane", 1)];
      }),
      op("call", 0),
      ...[...results].map((_, index) => op("local.set", given + index)).reverse(),
      ...[...results].flatMap((letter, index) => {
        const result = op("local.get", given + index);
        if (letter === "f") return [result, op("i32.reinterpret_f32")];
        if (letter === "F") return [result, op("i64.reinterpret_f64")];
        if (letter !== "v") return [result];
        return [result, op("i64x2.extract_lane", 0), result, op("i64x2.extract_lane", 1)];
      }),
    ];
    const signature = `${carried(params)}:${carried(results)}`;
    const bytes = assemble({
      imports: [{ module: "m", name: "f", func: key }],
      functions: [{ signature, locals: results, body, export: "run" }],
    });
    module = new WebAssembly.Module(bytes as BufferSource);
    adapters.set(key, module);
  }
  return module;
}

/** External references of the scripts, by number: identity is all that matters. */
const externals = new Map<bigint, object>();
function external(bits: bigint): object | null {
  if (bits === 0n) return null;
  let object = externals.get(bits);
  if (object === undefined) {
    object = { external: bits };
    externals.set(bits, object);
  }
  return object;
}

function toHost({ type, bits }: Value): unknown {
  switch (type) {
    case "i32":
    case "f32":
      return Number(BigInt.asIntN(32, bits));
    case "i64":
    case "f64":
      return BigInt.asIntN(64, bits);
    case "externref":
      return external(bits);
    case "funcref":
      return null;
    case "v128":
      throw new RangeError("expected a vector to cross as its halves");
  }
}

const view = new DataView(new ArrayBuffer(8));

/** Bits of a host value; `carried`: floats come as integers. */
function fromHost(value: unknown, type: ValueKind, carried: boolean): Value {
  switch (type) {
    case "i32":
      return { type, bits: BigInt.asUintN(32, BigInt(value as number)) };
    case "i64":
      return { type, bits: BigInt.asUintN(64, value as bigint) };
    case "f32":
      if (carried) return { type, bits: BigInt.asUintN(32, BigInt(value as number)) };
      view.setFloat32(0, value as number);
      return { type, bits: BigInt(view.getUint32(0)) };
    case "f64":
      if (carried) return { type, bits: BigInt.asUintN(64, value as bigint) };
      view.setFloat64(0, value as number);
      return { type, bits: view.getBigUint64(0) };
    case "externref":
      return {
        type,
        bits: value === null ? 0n : ((value as { external?: bigint }).external ?? 1n),
      };
    case "funcref":
      return { type, bits: value === null ? 0n : 1n };
    case "v128":
      throw new RangeError("expected a vector to cross as its halves");
  }
}

const moduleOf = (module: CompiledModule) => module.compiled as WebAssembly.Module;
const exportsOf = (instance: Instance) => (instance.instance as WebAssembly.Instance).exports;

class V8Engine implements ScriptEngine {
  readonly #level: FeatureLevel;
  readonly #imports: Record<string, WebAssembly.ModuleImports> = {};

  constructor(level: FeatureLevel) {
    this.#level = level;
  }

  compile(bytes: Uint8Array): CompiledModule | Refusal {
    try {
      return { compiled: new WebAssembly.Module(bytes as BufferSource) };
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
      return { refused: "invalid", message: error.message };
    }
  }

  instantiate(module: CompiledModule): Instance | Refusal | Trap {
    try {
      return { instance: new WebAssembly.Instance(moduleOf(module), this.#imports) };
    } catch (error) {
      // A missing import module is a TypeError, which is the interface's way of saying that linking failed.
      if (error instanceof WebAssembly.LinkError || error instanceof TypeError) {
        return { refused: "unlinkable", message: error.message };
      }
      const trap = trapMessage(error);
      // In 1.0 a segment that does not fit was a matter of linking; V8 knows only the later rule.
      const segment =
        this.#level === "1.0" &&
        /^WebAssembly.Instance.*out of bounds/.test(String((error as Error).message));
      return segment ? { refused: "unlinkable", message: trap } : { trap };
    }
  }

  register(name: string, instance: Instance): void {
    this.#imports[name] = exportsOf(instance) as WebAssembly.ModuleImports;
  }

  invoke(
    instance: Instance,
    name: string,
    args: readonly Value[],
    resultTypes?: readonly ValueKind[],
  ): ActionResult {
    const target = exportsOf(instance)[name];
    if (typeof target !== "function") throw new Error(`expected an exported function ${name}`);
    const params = args.map(({ type }) => letters[type]).join("");
    const results = (resultTypes ?? []).map((type) => letters[type]).join("");
    const carried = resultTypes !== undefined && /[fFv]/.test(params + results);
    try {
      const callable = carried
        ? (new WebAssembly.Instance(adapterFor(params, results), { m: { f: target } }).exports
            .run as typeof target)
        : target;
      const hostArgs = args
        .flatMap(halves)
        .map((value) => (carried ? toHost(value) : plainArgument(value)));
      const returned: unknown = (callable as (...values: unknown[]) => unknown)(...hostArgs);
      const list = returned === undefined ? [] : Array.isArray(returned) ? returned : [returned];
      const types = resultTypes?.flatMap((type) => (type === "v128" ? vectorHalves : [type]));
      const values = list.map((value, index) => {
        const type = types?.[index] ?? (typeof value === "bigint" ? "i64" : "i32");
        return fromHost(
          typeof value === "object" && !type.endsWith("ref") ? 0 : value,
          type,
          carried,
        );
      });
      return { values: resultTypes === undefined ? values : joined(resultTypes, values) };
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
        return { trap: trapMessage(error) };
      }
      // Where a trap is expected nothing says what the function gives; a vector cannot cross as it is.
      const mayGiveVector = error instanceof TypeError && resultTypes === undefined;
      if (mayGiveVector) return this.invoke(instance, name, args, ["v128"]);
      return { exception: String(error) };
    }
  }

  get(instance: Instance, name: string, type: ValueKind = "i32"): ActionResult {
    const target = exportsOf(instance)[name];
    if (!(target instanceof WebAssembly.Global))
      throw new Error(`expected an exported global ${name}`);
    return { values: [fromHost(target.value, type, false)] };
  }
}

const vectorHalves: readonly ValueKind[] = ["i64", "i64"];

/** A vector as its halves, the low one first. */
function halves(value: Value): readonly Value[] {
  if (value.type !== "v128") return [value];
  return [0n, 64n].map((shift) => ({ type: "i64", bits: BigInt.asUintN(64, value.bits >> shift) }));
}

/** Values of the types, whose vectors come as halves. */
function joined(types: readonly ValueKind[], values: readonly Value[]): Value[] {
  let at = 0;
  return types.map((type) => {
    if (type !== "v128") return values[at++];
    const [low, high] = [values[at++], values[at++]];
    return { type, bits: low.bits | (high.bits << 64n) };
  });
}

/** Without an adapter floats are numbers: good enough where no result is looked at. */
function plainArgument(value: Value): unknown {
  if (value.type === "f32") {
    view.setUint32(0, Number(value.bits));
    return view.getFloat32(0);
  }
  if (value.type === "f64") {
    view.setBigUint64(0, value.bits);
    return view.getFloat64(0);
  }
  return toHost(value);
}

export const v8: EngineKind = {
  name: "v8",
  strict: false,
  async create(level): Promise<ScriptEngine> {
    const engine = new V8Engine(level);
    provideSpectest(engine, await spectestBinary(true));
    return engine;
  },
};
