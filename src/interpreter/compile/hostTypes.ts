/**
 * Types of the host module that stands for the program: references are integers, and every function takes and gives
 * a *budget* and takes a *room* beside its own values.
 *
 * Invariant: program types with one host signature have different variants, which are different types to the host; so
 * its check of an indirect call is the program's.
 */
import type { FunctionType, ValueType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { slotsOf } from "../binary/valueType.ts";
import type { Program } from "../program/program.ts";

/** i32, i64, f32, f64 or v128, by binary code. */
export type HostType = Exclude<ValueType, 0x70 | 0x6f>;

export const { i32, i64, f32, f64, v128 } = valueTypes;

export function hostType(type: ValueType): HostType {
  return type === valueTypes.funcref || type === valueTypes.externref ? i32 : type;
}

/** Slots that values of the types take together. */
export function slotsOfAll(types: readonly HostType[]): number {
  let slots = 0;
  for (const type of types) slots += slotsOf(type);
  return slots;
}

/** Type of floats, alone or as lanes of a vector. */
export type FloatType = typeof f32 | typeof f64;

export function isFloat(type: HostType): type is FloatType {
  return type === f32 || type === f64;
}

/** Parameters and results of a host function at most, each (WebAssembly JavaScript Interface, implementation-defined limits). */
const hostArity = 1000;

/** `(params, budget, room) → (results, budget)`. */
export interface HostSignature {
  readonly params: readonly HostType[];
  readonly results: readonly HostType[];
  /** Tells program types apart whose values are the same to the host; 0, or absent, for the first of them. */
  readonly variant?: number;
}

const signatures = new WeakMap<FunctionType, HostSignature>();
const keys = new WeakMap<HostSignature, string>();

/** One object for one type: any number of functions may share a type of a thousand parameters. */
export function hostSignature(type: FunctionType): HostSignature {
  let signature = signatures.get(type);
  if (signature === undefined) {
    signature = {
      params: [...type.params.map(hostType), i64, i64],
      results: [...type.results.map(hostType), i64],
    };
    signatures.set(type, signature);
  }
  return signature;
}

/** Whether the host has functions of that signature: budget and room may be one value too many. */
export function isHostSignature({ params, results }: HostSignature): boolean {
  return params.length <= hostArity && results.length <= hostArity;
}

export function signatureKey(signature: HostSignature): string {
  let key = keys.get(signature);
  if (key === undefined) {
    key = `${signature.params.join()}:${signature.results.join()}:${signature.variant ?? 0}`;
    keys.set(signature, key);
  }
  return key;
}

/** Host signatures by program-wide type id: no two types have the same. */
export function signaturesOfTypes(program: Program): ReadonlyMap<number, HostSignature> {
  const variants = new Map<string, number>();
  const byId = new Map<number, HostSignature>();
  for (const { module, types } of program.modules) {
    module.types.forEach((type, index) => {
      if (byId.has(types[index])) return;
      const signature = hostSignature(type);
      const key = signatureKey(signature);
      const variant = variants.get(key) ?? 0;
      variants.set(key, variant + 1);
      byId.set(types[index], variant === 0 ? signature : { ...signature, variant });
    });
  }
  return byId;
}
