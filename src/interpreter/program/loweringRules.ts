/**
 * Instructions whose lowering is more than their row and their immediates: what each of them has lower.ts do, and which
 * value's width tells those apart that are another instruction for a vector.
 *
 * Invariant: what is not listed here is lowered by its row alone; straight code holds nothing of what is.
 */
import type { InstructionRow, Mnemonic } from "../isa/table.ts";
import { opOf } from "../isa/table.ts";
import type { BodyLowering } from "./lower.ts";
import { plainByDense, plainByName } from "./plainRows.ts";

/** Which value's width decides: the topmost operand's, the one's under a condition, the local's or the global's. */
export type WidthRule = "operand" | "underCondition" | "local" | "global";

/** By mnemonic. */
export const widthRules: Readonly<Record<string, WidthRule | undefined>> = {
  drop: "operand",
  select: "underCondition",
  "local.get": "local",
  "local.set": "local",
  "local.tee": "local",
  "global.get": "global",
  "global.set": "global",
} satisfies Partial<Record<Mnemonic, WidthRule>>;

/** Instructions whose fields or effect on the height depend on more than their row. */
const rules: Partial<Record<Mnemonic, (body: BodyLowering) => void>> = {
  unreachable: (body) => {
    body.emit("unreachable");
    body.leave();
  },
  br: (body) => body.branch("br"),
  br_if: (body) => body.branch("br_if"),
  br_table: (body) => body.branchTable(),
  return: (body) => body.returnInstruction(),
  call: (body) => body.call("call"),
  return_call: (body) => body.call("return_call"),
  call_indirect: (body) => body.callIndirect("call_indirect"),
  return_call_indirect: (body) => body.callIndirect("return_call_indirect"),
  "table.grow": (body) => body.grow("table.grow"),
  "memory.grow": (body) => body.grow("memory.grow"),
  "memory.atomic.wait32": (body) => body.wait("memory.atomic.wait32"),
  "memory.atomic.wait64": (body) => body.wait("memory.atomic.wait64"),
  "ref.func": (body) => body.functionReference(),
};

/** By row. */
export const specials = new Map(
  Object.entries(rules).map(([mnemonic, rule]) => [plainByName.get(mnemonic)?.row, rule] as const),
);

/** What a run of straight code may hold: neither control nor what has a rule of its own. */
export const straightRows = plainByDense.map((plain) => {
  const { family, mnemonic } = plain.row;
  const isControl = family === "structure" || (family === "control" && mnemonic !== "nop");
  return isControl || specials.has(plain.row) ? undefined : plain;
});

const globalSets: readonly (number | undefined)[] = [opOf("global.set"), opOf("global.set.v128")];

/** Whether what an instruction costs depends on the global that it sets. */
export function isGlobalSet({ op }: InstructionRow): boolean {
  return globalSets.includes(op);
}
