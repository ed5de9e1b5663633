/**
 * What the emitter reads of a function's module: its locals, which of them may hold uncanonical NaNs, and the types of
 * the functions that it calls.
 *
 * Invariant: a function of the module alone. Types of locals are laid out while a function is emitted and not kept; of
 * many declared locals only those that the body names (keptLocals.ts).
 */
import type { FunctionBody, FunctionType, Module } from "../binary/module.ts";
import { slotsOf } from "../binary/valueType.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf } from "../isa/table.ts";
import type { FloatType, HostType } from "./hostTypes.ts";
import { f32, f64, isFloat, v128 } from "./hostTypes.ts";
import { type KeptLocals, keepLocals, placeOf } from "./keptLocals.ts";
import { nanFloatsOf } from "./nanFloats.ts";
import type { LazyLocal } from "./safepoints.ts";

/** Where a function is defined. */
export interface FunctionDefinition {
  readonly moduleIndex: number;
  readonly module: Module;
  readonly body: FunctionBody;
  readonly type: FunctionType;
}

/** A definition with what its emission needs. */
export interface FunctionSource extends FunctionDefinition, KeptLocals {
  /**
   * By place: locals that only ever hold zeros, constants and results of arithmetic on floats of one type, which is given for each:
   * their NaNs count as canonical.
   */
  readonly lazyLocals: readonly (FloatType | undefined)[];
  /** Those of them that are set at all. */
  readonly lazySet: readonly LazyLocal[];
}

const typesOfModules = new WeakMap<Module, readonly FunctionType[]>();

/** Types of a module's functions by index, imported ones first. */
export function functionTypes(module: Module): readonly FunctionType[] {
  let types = typesOfModules.get(module);
  if (types === undefined) {
    const indices: number[] = [];
    for (const item of module.imports) if (item.kind === "function") indices.push(item.typeIndex);
    types = [...indices, ...module.functions].map((index) => module.types[index]);
    typesOfModules.set(module, types);
  }
  return types;
}

/** The definition of the function with that index in the module, an imported one excepted. */
export function definitionOf(
  moduleIndex: number,
  module: Module,
  index: number,
): FunctionDefinition {
  const types = functionTypes(module);
  const body = module.bodies[index - (types.length - module.functions.length)];
  return { moduleIndex, module, body, type: types[index] };
}

export function readSource(definition: FunctionDefinition): FunctionSource {
  const kept = keepLocals(definition);
  return { ...definition, ...kept, ...findLazyLocals(definition, kept) };
}

const LOCAL_GET = codeOf("local.get");
const LOCAL_SET = codeOf("local.set");
const LOCAL_TEE = codeOf("local.tee");
const F32_CONST = codeOf("f32.const");
const F64_CONST = codeOf("f64.const");
const V128_CONST = codeOf("v128.const");

/**
 * Where the value that a `local.set` stores comes from, which the instruction right before it says: arithmetic on floats of a
 * type, a constant that is no NaN, another local, by its place, or anything else.
 */
type Origin = { readonly floats: FloatType } | "constant" | "exact" | number;

const arithmetic = { [f32]: { floats: f32 }, [f64]: { floats: f64 } } as const;

function originOf(cursor: InstructionCursor, kept: KeptLocals): Origin {
  const { code, low, high } = cursor;
  if (code === LOCAL_GET || code === LOCAL_TEE) return placeOf(kept, cursor.index);
  if (code === F32_CONST) return isNan32(low) ? "exact" : "constant";
  if (code === F64_CONST) return isNan64(low, high) ? "exact" : "constant";
  if (code === V128_CONST) return hasNanLane(cursor.vector) ? "exact" : "constant";
  const floats = nanFloatsOf(code);
  return floats === undefined ? "exact" : arithmetic[floats];
}

function isNan32(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}

function isNan64(low: number, high: number): boolean {
  const exponent = high & 0x7fffffff;
  return exponent > 0x7ff00000 || (exponent === 0x7ff00000 && low !== 0);
}

/** Whether a lane is a NaN, as floats of either width. */
function hasNanLane(bytes: Uint8Array): boolean {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number) => words.getInt32(index * 4, true);
  if ([0, 1, 2, 3].some((index) => isNan32(word(index)))) return true;
  return isNan64(word(0), word(1)) || isNan64(word(2), word(3));
}

/** What is known so far of the locals of a function. */
class LocalOrigins {
  /** Floats that a local is given by arithmetic, or as a copy; undefined while it is only known to hold constants. */
  readonly floats: (FloatType | undefined)[];
  readonly set = new Set<number>();
  /** Local → locals that it is copied to. */
  readonly copies = new Map<number, number[]>();
  /** Locals that may hold bits of their own, whose copies are still to be looked at. */
  readonly exact: number[] = [];

  constructor(locals: readonly HostType[]) {
    this.floats = locals.map((type) => (isFloat(type) ? type : undefined));
  }

  note(local: number, origin: Origin): void {
    this.set.add(local);
    if (origin === "constant") return;
    if (typeof origin === "number") {
      const known = this.copies.get(origin);
      if (known === undefined) this.copies.set(origin, [local]);
      else known.push(local);
    } else if (origin === "exact") {
      this.exact.push(local);
    } else {
      this.floats[local] ??= origin.floats;
      if (this.floats[local] !== origin.floats) this.exact.push(local);
    }
  }

  /** Copies hold floats of the type of what they are copies of. */
  private spreadFloats(): void {
    const { floats, copies, exact } = this;
    const known = [...copies.keys()].filter((local) => floats[local] !== undefined);
    for (let from = known.pop(); from !== undefined; from = known.pop()) {
      for (const to of copies.get(from) ?? []) {
        if (floats[to] === undefined) known.push(to);
        floats[to] ??= floats[from];
        if (floats[to] !== floats[from]) exact.push(to);
      }
    }
  }

  /** The locals among `candidates` that never hold bits of their own, by type of floats. */
  lazy(candidates: readonly boolean[]): (FloatType | undefined)[] {
    this.spreadFloats();
    const { copies, exact } = this;
    const isExact = candidates.map((isCandidate) => !isCandidate);
    for (const from of copies.keys()) if (isExact[from]) exact.push(from);
    while (exact.length > 0) {
      const local = exact.pop() as number;
      isExact[local] = true;
      for (const to of copies.get(local) ?? []) if (!isExact[to]) exact.push(to);
      copies.delete(local);
    }
    return this.floats.map((floats, local) => (isExact[local] ? undefined : floats));
  }
}

/** Greatest set of declared locals with floats that are never given a value with bits of its own. */
function findLazyLocals(
  { module, body, type }: FunctionDefinition,
  kept: KeptLocals,
): Pick<FunctionSource, "lazyLocals" | "lazySet"> {
  const { locals } = kept;
  const given = type.params.length;
  const canBeLazy = locals.map((local, index) => {
    return index >= given && (isFloat(local) || local === v128);
  });
  if (!canBeLazy.includes(true)) return { lazyLocals: locals.map(() => undefined), lazySet: [] };
  const origins = new LocalOrigins(locals);
  const cursor = new InstructionCursor(module.bytes, module.features);
  cursor.open(body.start, body.end);
  let origin: Origin = "exact";
  while (cursor.next()) {
    const { code, index } = cursor;
    if (code === LOCAL_SET || code === LOCAL_TEE) {
      const place = placeOf(kept, index);
      if (canBeLazy[place]) origins.note(place, origin);
    }
    origin = originOf(cursor, kept);
  }
  const lazy = origins.lazy(canBeLazy);
  return { lazyLocals: lazy, lazySet: lazySetOf(locals, lazy, origins.set) };
}

function lazySetOf(
  locals: readonly HostType[],
  lazy: readonly (FloatType | undefined)[],
  set: ReadonlySet<number>,
): LazyLocal[] {
  const found: LazyLocal[] = [];
  let slot = 0;
  locals.forEach((type, index) => {
    const floats = lazy[index];
    if (floats !== undefined && set.has(index)) found.push({ slot, type, floats });
    slot += slotsOf(type);
  });
  return found;
}
