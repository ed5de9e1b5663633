/**
 * Where a question's probes stand, and what they ask (probedProgram.ts): entries of a function are counted; a predicate on
 * globals alone, or on one function's locals alone, is asked where one of them is set.
 *
 * Invariant: the question can have its answer only in a state at a site, before its instruction, or at the beginning of a call; what
 * cannot be asked so has no plan.
 */

import { Reader } from "../../interpreter/binary/binaryReader.ts";
import {
  type GlobalType,
  importedFunctions,
  type Module,
  type ValueType,
} from "../../interpreter/binary/module.ts";
import { slotsOf } from "../../interpreter/binary/valueType.ts";
import { Writer } from "../../interpreter/compile/binaryWriter.ts";
import type { Program } from "../../interpreter/index.ts";
import { localTypes } from "../../interpreter/inspect/slotTypes.ts";
import type { LinkedModule } from "../../interpreter/program/program.ts";
import { type ConditionCode, conditionCode, type Variable } from "./conditionCode.ts";
import type { FindQuery } from "./findStep.ts";
import type { Predicate } from "./predicate.ts";
import { globalSets, localSetsIn } from "./stops.ts";
import type { GlobalTerm, LocalTerm } from "./terms.ts";

/** The places of probes, and what they ask. */
export interface ProbePlan {
  /** Pcs of the instructions before which they stand, ascending. */
  readonly sites: readonly number[];
  /**
   * What a probe asks in a module that has sites; of each module it is as many instructions. Undefined if the module cannot ask it.
   *
   * @param counter the global that says how many probes were passed, this one included.
   */
  condition(linked: LinkedModule, counter: number): ConditionCode | undefined;
}

/** The plan of a question; undefined if it has none. */
export function probePlan(program: Program, query: FindQuery): ProbePlan | undefined {
  const plan =
    query.kind === "entry"
      ? entryPlan(program, query.function, query.nth)
      : query.kind === "predicate"
        ? (globalPlan(program, query.predicate) ?? localPlan(program, query.predicate))
        : undefined;
  return plan === undefined || plan.sites.length === 0 ? undefined : plan;
}

function entryPlan({ functions }: Program, index: number, nth: number): ProbePlan | undefined {
  const { entryPc, module } = functions[index];
  if (module < 0) return undefined;
  const condition = (_: LinkedModule, counter: number) => {
    const { bytes } = new Writer().at("global.get", counter).i64(BigInt(nth)).op("i64.eq");
    return { bytes, instructions: 3 };
  };
  return { sites: [entryPc], condition };
}

function globalPlan(program: Program, predicate: Predicate): ProbePlan | undefined {
  if (!predicate.terms.every((term) => term.kind === "global")) return undefined;
  const terms = predicate.terms as readonly GlobalTerm[];
  const slots = new Set(terms.map(({ index }) => index));
  return {
    sites: globalSets(program, slots).map((pc) => pc + 1),
    condition: ({ module, globals }) =>
      conditionCode(predicate, (term) => {
        const index = globals.indexOf((term as GlobalTerm).index);
        return index < 0
          ? undefined
          : { kind: "global", index, type: globalTypes(module)[index].type };
      }),
  };
}

function globalTypes({ imports, globals }: Module): readonly GlobalType[] {
  const imported = imports.flatMap((item) => (item.kind === "global" ? item.type : []));
  return [...imported, ...globals.map(({ type }) => type)];
}

function localPlan(program: Program, predicate: Predicate): ProbePlan | undefined {
  const [owner] = predicate.terms.map((term) => (term.kind === "local" ? term.function : -1));
  const isOwn = (term: Predicate["terms"][number]) =>
    term.kind === "local" && term.function === owner;
  // A predicate that denies a local may begin to hold anywhere outside its function.
  if (!predicate.terms.every(isOwn) || predicate.deniesLocals) return undefined;
  const entry = program.functions[owner];
  if (entry.module < 0) return undefined;
  const slots = new Set((predicate.terms as readonly LocalTerm[]).map(({ index }) => index));
  const variables = variablesBySlot(localTypes(program, entry) as readonly ValueType[]);
  return {
    sites: [entry.entryPc, ...localSetsIn(program, owner, slots).map((pc) => pc + 1)],
    condition: () => conditionCode(predicate, (term) => variables.get((term as LocalTerm).index)),
  };
}

function variablesBySlot(types: readonly ValueType[]): ReadonlyMap<number, Variable> {
  const variables = new Map<number, Variable>();
  let slot = 0;
  for (const [index, type] of types.entries()) {
    variables.set(slot, { kind: "local", index, type });
    slot += slotsOf(type);
  }
  return variables;
}

/** Byte offsets in a module before which its probes are inserted, ascending. */
export function offsetsIn(program: Program, module: number, sites: readonly number[]): number[] {
  const { functions, modules } = program;
  const offsets: number[] = [];
  for (const site of sites) {
    const at = program.locate(site);
    if (at.module !== module) continue;
    const { entryPc, index } = functions[at.function];
    const binary = modules[module].module;
    if (site === entryPc) {
      offsets.push(binary.bodies[index - importedFunctions(binary)].start);
      continue;
    }
    // Behind the set: its code is one byte, and its variable's index follows.
    const reader = new Reader(binary.bytes, program.locate(site - 1).offset + 1);
    reader.u32();
    offsets.push(reader.position);
  }
  return offsets;
}
