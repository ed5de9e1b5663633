/** Builds the host modules of a real module's program: the main one, and resuming ones for some of its loops. */
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { buildMainModule, buildResumeModule } from "../../../src/interpreter/compile/hostModule.ts";
import { planProgram } from "../../../src/interpreter/compile/programPlan.ts";
import { plainEmission } from "../../../src/interpreter/compile/safepoints.ts";
import { LinkError } from "../../../src/interpreter/errors.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";

/** Undefined for a module that needs another's memory or table. */
function linked(bytes: Uint8Array): Program | undefined {
  try {
    const module = decodeModule(bytes);
    return link([{ name: "module", module }], { unknownImports: "trap" });
  } catch (error) {
    if (error instanceof LinkError) return undefined;
    throw error;
  }
}

/** Host modules built, and those that the host finds invalid; nothing for a module that does not link. */
export function builtModules(bytes: Uint8Array, loops: number): { built: number; invalid: number } {
  const program = linked(bytes);
  if (program === undefined) return { built: 0, invalid: 0 };
  const plan = planProgram(program);
  const main = buildMainModule(plan, plainEmission);
  const every = Math.max(1, Math.ceil(main.log.loops.length / loops));
  const chosen = main.log.loops.filter((_, index) => index % every === 0);
  const modules = [
    main.bytes,
    ...chosen.map((loop) => buildResumeModule(plan, plainEmission, main.log, [loop]).bytes),
  ];
  const invalid = modules.filter((module) => !WebAssembly.validate(module)).length;
  return { built: modules.length, invalid };
}
