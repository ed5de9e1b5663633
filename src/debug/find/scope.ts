/**
 * What predicates and questions may name in a program: its functions by name or number, its globals and locals with their types.
 *
 * Invariant: a name that more than one function has names none of them.
 */

import { valueTypes } from "../../interpreter/binary/module.ts";
import { valueTypeName } from "../../interpreter/binary/valueType.ts";
import type { Program } from "../../interpreter/index.ts";
import { globalType, localTypes } from "../../interpreter/inspect/slotTypes.ts";
import type { PredicateScope } from "./tokens.ts";

/**
 * The scope of a program.
 *
 * @param nameOf another name under which a function is known, such as its demangled one.
 */
export function programScope(
  program: Program,
  nameOf: (name: string) => string = (name) => name,
): PredicateScope {
  const { functions, memories } = program;
  const typeName = (type: Parameters<typeof valueTypeName>[0] | undefined) =>
    type === undefined ? undefined : valueTypeName(type);
  return {
    memories: memories.length,
    globalType: (index) => typeName(globalType(program, index)),
    functionIndex: (name) => functionNamed(program, name, nameOf),
    localType: (index, local) => {
      const entry = functions[index];
      const types = localTypes(program, entry).flatMap((type) =>
        type === valueTypes.v128 ? [type, type] : [type],
      );
      // Of a synthesized function only the number of locals is known.
      return local < (entry?.locals ?? 0) ? (typeName(types[local]) ?? "i64") : undefined;
    },
  };
}

/** Program-wide index of a function by its name, its other name, or its number; undefined if there is none, or more than one. */
export function functionNamed(
  program: Program,
  name: string,
  nameOf: (name: string) => string = (own) => own,
): number | undefined {
  if (/^\d+$/.test(name)) return Number(name) < program.functions.length ? Number(name) : undefined;
  const found = program.functions.flatMap(({ entryPc }, index) => {
    const { functionName } = program.locate(entryPc);
    return functionName === name || nameOf(functionName) === name ? [index] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
