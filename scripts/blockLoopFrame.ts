/**
 * The hand-written part of the generated block loop: its frame, and the operations that are not numeric.
 *
 * Invariant: `continue` goes to the next operation of the block, `break` to the accounting of the next block, and
 * `break running` out of the loop; a case writes its result after it has read its operands.
 */
import type { StructuralOperation } from "../src/interpreter/machine/blocks/operations.ts";

/** Pushes a frame and zeroes the declared locals; `p` goes to the callee or the loop is left. */
function enterCallee(entryPc: string, params: string, locals: string): string[] {
  return [
    "frames[depth * 2 + 1] = base >> 1;",
    "depth++;",
    "base = callee;",
    `for (let slot = callee + ${params}; slot < callee + ${locals}; slot++) stack[slot] = 0;`,
    `const entry = ${entryPc};`,
    "p = entries[entry];",
    "if (p < 0) {",
    "  pc = entry;",
    "  exit = exits.untranslated;",
    "  break running;",
    "}",
    "break;",
  ];
}

const trapIf = (condition: string, name: string): string[] => [
  `if (${condition}) {`,
  `  trap = ${name};`,
  "  break running;",
  "}",
];

const popFrame = (results: string): string[] => [
  "if (depth === 0) {",
  `  context.results = ${results};`,
  "  exit = exits.returned;",
  "  break running;",
  "}",
  "depth--;",
  "const back = frames[depth * 2];",
  "base = frames[depth * 2 + 1] * 2;",
  "p = entries[back];",
  "if (p < 0) {",
  "  pc = back;",
  "  exit = exits.untranslated;",
  "  break running;",
  "}",
  "break;",
];

export const structuralCases: Readonly<Record<StructuralOperation, readonly string[]>> = {
  exact: ["exit = exits.exact;", "break running;"],
  next: ["p++;", "break;"],
  copy: [
    "const at = base + code[p + 1];",
    "const from = base + code[p + 2];",
    "stack[at] = stack[from];",
    "stack[at + 1] = stack[from + 1];",
    "p += 3;",
    "continue;",
  ],
  const: [
    "const at = base + code[p + 1];",
    "stack[at] = code[p + 2];",
    "stack[at + 1] = 0;",
    "p += 3;",
    "continue;",
  ],
  const64: [
    "const at = base + code[p + 1];",
    "stack[at] = code[p + 2];",
    "stack[at + 1] = code[p + 3];",
    "p += 4;",
    "continue;",
  ],
  select: [
    "const from = base + (stack[base + code[p + 4]] !== 0 ? code[p + 2] : code[p + 3]);",
    "const low = stack[from];",
    "const high = stack[from + 1];",
    "const at = base + code[p + 1];",
    "stack[at] = low;",
    "stack[at + 1] = high;",
    "p += 5;",
    "continue;",
  ],
  "global.get": [
    "const at = base + code[p + 1];",
    "const from = code[p + 2];",
    "stack[at] = globals[from];",
    "stack[at + 1] = globals[from + 1];",
    "p += 3;",
    "continue;",
  ],
  "global.set": [
    "const at = code[p + 1];",
    "const from = base + code[p + 2];",
    "globals[at] = stack[from];",
    "globals[at + 1] = stack[from + 1];",
    "p += 3;",
    "continue;",
  ],
  br: ["p = code[p + 1];", "break;"],
  br_if: ["p = stack[base + code[p + 1]] !== 0 ? code[p + 2] : p + 3;", "break;"],
  br_unless: ["p = stack[base + code[p + 1]] === 0 ? code[p + 2] : p + 3;", "break;"],
  br_table: [
    "const index = stack[base + code[p + 1]] >>> 0;",
    "const labels = code[p + 2];",
    "p = code[p + 3 + (index < labels ? index : labels)];",
    "break;",
  ],
  call: [
    "const callee = base + code[p + 1];",
    ...trapIf("depth === frameLimit || callee + code[p + 5] > stackLimit", "callStackExhausted"),
    "frames[depth * 2] = code[p + 6];",
    ...enterCallee("code[p + 2]", "code[p + 3]", "code[p + 4]"),
  ],
  call_indirect: [
    "const table = tables[code[p + 3]];",
    "const index = stack[base + code[p + 2]] >>> 0;",
    ...trapIf("index >= table.size", "undefinedElement"),
    "const reference = table.entries[index];",
    ...trapIf("reference === 0", "uninitializedElement"),
    "const record = (reference - 1) * functionWords;",
    ...trapIf("functions[record] !== code[p + 4]", "indirectCallTypeMismatch"),
    "const callee = base + code[p + 1];",
    ...trapIf(
      "depth === frameLimit || callee + functions[record + 3] * 2 > stackLimit",
      "callStackExhausted",
    ),
    "frames[depth * 2] = code[p + 5];",
    "const shape = functions[record + 2];",
    ...enterCallee("functions[record + 1]", "(shape >>> 16) * 2", "(shape & 0xffff) * 2"),
  ],
  return: popFrame("0"),
  return1: [
    "const from = base + code[p + 1];",
    "stack[base] = stack[from];",
    "stack[base + 1] = stack[from + 1];",
    ...popFrame("1"),
  ],
  returnN: [
    "const count = code[p + 2];",
    "stack.copyWithin(base, base + code[p + 1], base + code[p + 1] + count * 2);",
    ...popFrame("count"),
  ],
  "load other": [
    "const address = (stack[base + code[p + 2]] >>> 0) + code[p + 3];",
    "const failure = context.loadOther(code[p + 5], code[p + 4], address, base + code[p + 1]);",
    "if (failure !== 0) {",
    "  trap = failure;",
    "  break running;",
    "}",
    "p += 6;",
    "continue;",
  ],
  "store other": [
    "const address = (stack[base + code[p + 1]] >>> 0) + code[p + 3];",
    "const charge = context.storeOther(code[p + 5], code[p + 4], address, base + code[p + 2]);",
    ...trapIf("charge < 0", "outOfBoundsMemory"),
    "fuel = (fuel - charge) | 0;",
    "p += 6;",
    "continue;",
  ],
};

/** Names that a case declares for itself: what they hold is no number. */
const ownNames = new Set(["table"]);

/**
 * Makes the constants of all cases variables of the whole function: a thousand of them would need registers beyond the
 * 127 that the engine's byte code names in one byte, and the loop would pass the size that it optimises.
 */
function shareVariables(cases: string): { declarations: string; assignments: string } {
  const names = new Set<string>();
  const assignments = cases.replaceAll(/\bconst (\w+) = /g, (whole, name: string) => {
    if (ownNames.has(name)) return whole;
    names.add(name);
    return `${name} = `;
  });
  const declarations = [...names].sort().map((name) => `  let ${name} = 0;`);
  return { declarations: declarations.join("\n"), assignments };
}

/** The whole file around the cases. */
export function loopFrame(imports: string, cases: string): string {
  const { declarations, assignments } = shareVariables(cases);
  return `// Generated by \`npm run generate\` from scripts/blockLoop.ts and src/interpreter/numeric/; do not edit.
import { functionWords } from "../machine/blocks/blockCode.ts";
import type { BlockContext } from "../machine/blocks/context.ts";
import { exits } from "../machine/blocks/context.ts";
${imports}
import { trapCodes } from "../trap.ts";

const {
  outOfBoundsMemory,
  undefinedElement,
  uninitializedElement,
  indirectCallTypeMismatch,
  callStackExhausted,
} = trapCodes;
const canonicalF32 = 0xffc00000 | 0;
const canonicalF64High = 0xfff80000 | 0;

/** Runs blocks while the budgets in \`context\` suffice; returns one of \`exits\`. */
export function runBlocks(context: BlockContext): number {
  const { code, entries, functions, stack, floats, singles, frames, globals, tables } = context;
  const { memory, flags, stackLimit, frameLimit } = context;
  const bytes = memory.byteLength;
  let p = context.position;
  let base = context.base;
  let depth = context.depth;
  let steps = context.steps;
  let fuel = context.fuel;
  let trap = 0;
  let pc = 0;
  let exit: number = exits.trapped;
${declarations}
  running: for (;;) {
    // The header of a block: steps and fuel of all of it, and the fuel that its stores may need on top.
    steps = (steps - code[p]) | 0;
    fuel = (fuel - code[p + 1]) | 0;
    if ((steps | (fuel - code[p + 2])) < 0) {
      steps = (steps + code[p]) | 0;
      fuel = (fuel + code[p + 1]) | 0;
      exit = exits.budget;
      break;
    }
    p += 3;
    for (;;) {
      switch (code[p]) {
${assignments}
        default:
          throw new RangeError(\`expected an operation, got \${code[p]}\`);
      }
      break;
    }
  }
  context.position = p;
  context.pc = pc;
  context.base = base;
  context.depth = depth;
  context.steps = steps;
  context.fuel = fuel;
  context.trap = trap;
  return exit;
}
`;
}
