/** The engines by the name that the command line knows. */
import type { EngineKind } from "../engine.ts";

const loaders: Readonly<Record<string, () => Promise<EngineKind>>> = {
  fast: async () => (await import("./fast.ts")).fast,
  step: async () => (await import("./step.ts")).step,
  v8: async () => (await import("./v8.ts")).v8,
};

export async function engineNamed(name: string): Promise<EngineKind> {
  const load = loaders[name];
  if (load === undefined) {
    throw new RangeError(`expected an executor of ${Object.keys(loaders).join(", ")}, got ${name}`);
  }
  return load();
}
