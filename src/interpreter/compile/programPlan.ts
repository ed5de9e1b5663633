/**
 * What is known of a whole program before any code is written for it.
 *
 * Invariant: a function of the program alone.
 */
import { type ValueType, valueTypes } from "../binary/module.ts";
import type { Program } from "../program/program.ts";
import { onDemand, type ProgramOnDemand } from "../program/programOnDemand.ts";
import { FunctionPlans, framesOfTypes } from "./functionPlan.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import { hostType, i32, i64, signatureKey, signaturesOfTypes } from "./hostTypes.ts";

/** What is known of a program before any code is written. */
export interface ProgramPlan {
  readonly program: ProgramOnDemand;
  readonly plans: FunctionPlans;
  readonly frames: ReadonlyMap<number, number>;
  /** By program-wide type id. */
  readonly signatures: ReadonlyMap<number, HostSignature>;
  /** Host types of globals. */
  readonly globalTypes: readonly HostType[];
}

export function planProgram(whole: Program): ProgramPlan {
  const program = onDemand(whole);
  const frames = framesOfTypes(program);
  const signatures = signaturesOfTypes(program);
  const globalTypes: HostType[] = new Array(program.globals).fill(i32);
  for (const { module, globals } of program.modules) {
    const types: ValueType[] = [];
    for (const item of module.imports) if (item.kind === "global") types.push(item.type.type);
    for (const { type } of module.globals) types.push(type.type);
    types.forEach((type, index) => {
      const isVector = type === valueTypes.v128;
      globalTypes[globals[index]] = isVector ? i64 : hostType(type);
      if (isVector) globalTypes[globals[index] + 1] = i64;
    });
  }
  return {
    program,
    plans: new FunctionPlans(program, frames, signatures),
    frames,
    signatures,
    globalTypes,
  };
}

/** Host signatures of the functions that the host can have, in order of first appearance: one entrance and one stub each. */
export function functionSignatures(plans: FunctionPlans): readonly HostSignature[] {
  // A key takes its arity to write, and any number of functions may share a type.
  const signatures = new Set<HostSignature>();
  for (const index of plans.ofHost) signatures.add(plans.signatureOf(index));
  const byKey = new Map([...signatures].map((signature) => [signatureKey(signature), signature]));
  return [...byKey.values()];
}
