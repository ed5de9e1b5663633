/**
 * Host stubs (docs/machine.md §3) as the emitter reads functions: a module of one function that gives its parameters to an
 * imported one. They are compiled like all others, so emitted code does not stop where a table leads to the host.
 *
 * Invariant: its bytes are, one by one, the instructions that linking has made for a stub (program/stub.ts).
 */
import { decodeModule } from "../binary/decode.ts";
import type { FunctionType } from "../binary/module.ts";
import { synthesized } from "../program/stub.ts";
import { Writer } from "./binaryWriter.ts";
import { definitionOf, type FunctionDefinition } from "./functionSource.ts";
import { ModuleSections } from "./hostSections.ts";
import { hostType } from "./hostTypes.ts";

const definitions = new WeakMap<FunctionType, FunctionDefinition>();

/** The definition of a stub of that type. */
export function hostStubDefinition(type: FunctionType): FunctionDefinition {
  let definition = definitions.get(type);
  if (definition === undefined) {
    const module = decodeModule(stubModule(type));
    definition = definitionOf(synthesized, module, 1);
    definitions.set(type, definition);
  }
  return definition;
}

function stubModule({ params, results }: FunctionType): Uint8Array {
  const signature = { params: params.map(hostType), results: results.map(hostType) };
  const sections = new ModuleSections();
  const host = sections.importFunction("host", signature);
  const out = new Writer(64).unsigned(0);
  params.forEach((_, local) => void out.at("local.get", local));
  out.at("call", host).op("end");
  sections.addFunction(signature, { body: out, unlikely: [] });
  return sections.finish();
}
