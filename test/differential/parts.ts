/** The modules of a generated program in the order of instantiation. */
import type { GeneratedModule } from "./generator.ts";
import { baseName } from "./generator.ts";

export function parts(
  module: GeneratedModule,
): readonly (readonly [name: string, GeneratedModule])[] {
  const { base } = module;
  return [...(base === undefined ? [] : [[baseName, base] as const]), ["generated", module]];
}
