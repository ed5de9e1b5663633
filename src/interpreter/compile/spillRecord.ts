/**
 * Code that writes a spill record: what a stopped frame leaves for the executor (hostLayout.ts has its fields).
 *
 * Invariant: values stand in the order of `Frame.spilled`, each as its slots of eight bytes.
 */
import { slotsOf } from "../binary/valueType.ts";
import type { Frame } from "./hostFrame.ts";
import { machineLayout, spillHeaderBytes } from "./hostLayout.ts";
import { i32 } from "./hostTypes.ts";

/** Code that appends a spill record: safepoint, budget, values by their slots (hostLayout.ts). */
export function writeSpillRecord(
  frame: Frame,
  memory: number,
  safepoint: number,
  budget: number,
): void {
  const { out, spilled } = frame;
  const at = frame.newLocal(i32);
  out.i32(0).load("i32.load", memory, machineLayout.spillPointer).at("local.set", at);
  out.at("local.get", at).at("local.get", safepoint).store("i32.store", memory, 0);
  out.at("local.get", at).at("local.get", budget).store("i64.store", memory, 8);
  let offset: number = spillHeaderBytes;
  for (const { local, type } of spilled) {
    out.at("local.get", at).at("local.get", local);
    frame.writeSlots(type, memory, offset);
    offset += slotsOf(type) * 8;
  }
  out.i32(0).at("local.get", at).i32(offset).op("i32.add");
  out.store("i32.store", memory, machineLayout.spillPointer);
}
