/**
 * Types of the host module that stands for the program: references are integers, and every function takes and gives
 * a *budget* and takes a *room* beside its own values.
 *
 * Invariant: two program types with one host signature are told apart by `isAmbiguous`; an indirect call of such a
 * type is left to the reference.
 */
import type { FunctionType, ValueType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import type { Program } from "../program.ts";

/** i32, i64, f32 or f64, by binary code. */
export type HostType = number;

export const { i32, i64, f32, f64 } = valueTypes;

export function hostType(type: ValueType): HostType {
  return type === valueTypes.funcref || type === valueTypes.externref ? i32 : type;
}

export function isFloat(type: HostType): boolean {
  return type === f32 || type === f64;
}

/** `(params, budget, room) → (results, budget)`. */
export interface HostSignature {
  readonly params: readonly HostType[];
  readonly results: readonly HostType[];
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

export function signatureKey(signature: HostSignature): string {
  let key = keys.get(signature);
  if (key === undefined) {
    key = `${signature.params.join()}:${signature.results.join()}`;
    keys.set(signature, key);
  }
  return key;
}

/** Program-wide type ids whose host signature another type shares. */
export function ambiguousTypes(program: Program): ReadonlySet<number> {
  const byKey = new Map<string, Set<number>>();
  for (const { module, types } of program.modules) {
    module.types.forEach((type, index) => {
      const key = signatureKey(hostSignature(type));
      const ids = byKey.get(key) ?? new Set<number>();
      byKey.set(key, ids.add(types[index]));
    });
  }
  const ambiguous = new Set<number>();
  for (const ids of byKey.values()) if (ids.size > 1) for (const id of ids) ambiguous.add(id);
  return ambiguous;
}
