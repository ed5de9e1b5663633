/**
 * This machine as a script engine: our decoder with the level's feature switches, the incremental linker, and an
 * executor, the block executor unless another is given.
 *
 * Invariant: nothing here interprets anything. A trap's text is that of src/interpreter/isa/trapCodes.ts, an error's class is
 * the stage at which a module was refused.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { type FunctionType, type Module, valueTypes } from "../../src/interpreter/binary/module.ts";
import { InvalidError, LinkError, MalformedError } from "../../src/interpreter/errors.ts";
import { type FeatureLevel, featureLevels } from "../../src/interpreter/isa/features.ts";
import { trapCodes, trapMessages, trapName } from "../../src/interpreter/isa/trapCodes.ts";
import { Store, type StoreInstance, type StoreOptions } from "../../src/interpreter/store.ts";
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

const kinds = new Map<number, ValueKind>(
  (["i32", "i64", "f32", "f64", "v128", "funcref", "externref"] as const).map((kind) => [
    valueTypes[kind],
    kind,
  ]),
);

function kindOf(type: number): ValueKind {
  const kind = kinds.get(type);
  if (kind === undefined)
    throw new RangeError(`expected a value type of this machine, got ${type}`);
  return kind;
}

/** Type of an exported function, from the module's own sections. */
function functionTypeOf(module: Module, name: string): FunctionType {
  const item = module.exports.find((entry) => entry.kind === "function" && entry.name === name);
  if (item === undefined) throw new RangeError(`expected an exported function named "${name}"`);
  const imported = module.imports.filter((entry) => entry.kind === "function");
  const typeIndex =
    item.index < imported.length
      ? imported[item.index].typeIndex
      : module.functions[item.index - imported.length];
  return module.types[typeIndex];
}

function globalTypeOf(module: Module, name: string): number {
  const item = module.exports.find((entry) => entry.kind === "global" && entry.name === name);
  if (item === undefined) throw new RangeError(`expected an exported global named "${name}"`);
  const imported = module.imports.filter((entry) => entry.kind === "global");
  return item.index < imported.length
    ? imported[item.index].type.type
    : module.globals[item.index - imported.length].type.type;
}

const moduleOf = (compiled: CompiledModule) => compiled.compiled as Module;
const instanceOf = (instance: Instance) => instance.instance as StoreInstance;

class StoreEngine implements ScriptEngine {
  readonly #level: FeatureLevel;
  readonly #store: Store;

  constructor(level: FeatureLevel, options: StoreOptions) {
    this.#level = level;
    // The scripts grow memories and tables to what their modules declare, or to what the specification allows.
    this.#store = new Store({
      growth: "declared",
      ...options,
      limits: { memoryPages: 65_536, ...options.limits },
    });
  }

  compile(bytes: Uint8Array): CompiledModule | Refusal {
    try {
      return { compiled: decodeModule(bytes, featureLevels[this.#level]) };
    } catch (error) {
      if (error instanceof MalformedError) return { refused: "malformed", message: error.message };
      if (error instanceof InvalidError) return { refused: "invalid", message: error.message };
      throw error;
    }
  }

  instantiate(module: CompiledModule): Instance | Refusal | Trap {
    try {
      const { instance, trap } = this.#store.instantiate(moduleOf(module));
      if (trap !== trapCodes.none) return { trap: trapMessages[trapName(trap)] };
      return { instance };
    } catch (error) {
      if (error instanceof LinkError) return { refused: "unlinkable", message: error.message };
      throw error;
    }
  }

  register(name: string, instance: Instance): void {
    this.#store.register(name, instanceOf(instance));
  }

  invoke(instance: Instance, name: string, args: readonly Value[]): ActionResult {
    const handle = instanceOf(instance);
    const type = functionTypeOf(this.#store.linked(handle).module, name);
    const kindsMatch =
      type.params.length === args.length &&
      type.params.every((param, index) => kindOf(param) === args[index].type);
    if (!kindsMatch) throw new RangeError(`expected arguments of the types of "${name}"`);
    const slots = args.map(({ bits }) => bits);
    const { trap, results } = this.#store.invoke(handle, name, slots);
    if (trap !== trapCodes.none) return { trap: trapMessages[trapName(trap)] };
    if (results.length !== type.results.length) {
      throw new RangeError(`expected ${type.results.length} results, got ${results.length}`);
    }
    return {
      values: type.results.map((result, index) => ({ type: kindOf(result), bits: results[index] })),
    };
  }

  get(instance: Instance, name: string): ActionResult {
    const handle = instanceOf(instance);
    const type = kindOf(globalTypeOf(this.#store.linked(handle).module, name));
    return { values: [{ type, bits: this.#store.get(handle, name) }] };
  }
}

/** An engine kind whose calls are run by `options.execute`. */
export function storeEngine(name: string, options: StoreOptions = {}): EngineKind {
  return {
    name,
    strict: true,
    async create(level): Promise<ScriptEngine> {
      const engine = new StoreEngine(level, options);
      provideSpectest(engine, await spectestBinary(level === "3.0"));
      return engine;
    },
  };
}

export const step = storeEngine("step");
