/**
 * Code that makes the NaNs of a value on the host's stack canonical: of a float, or in the lanes of a vector
 * (docs/machine.md: NaNs of arithmetic are canonical).
 *
 * Invariant: what is no NaN keeps its bits, lane by lane. A NaN is rare, so a branch costs less than a select.
 */
import { canonicalNan } from "../numeric/float.ts";
import type { Writer } from "./binaryWriter.ts";
import type { Frame } from "./hostFrame.ts";
import type { FloatType, HostType } from "./hostTypes.ts";
import { f64, v128 } from "./hostTypes.ts";

/** x ≠ x for a NaN only. `floats` is the type of the value, or of its lanes. */
export function writeCanonical(frame: Frame, type: HostType, floats: FloatType | undefined): void {
  const local = frame.scratch("nan", type);
  const { out } = frame;
  out.at("local.tee", local).at("local.get", local);
  writeUnequal(out, type, floats);
  if (type === v128) out.op("v128.any_true");
  frame.code.markUnlikely();
  out.open("if");
  writeCanonicalNan(out, type, floats);
  if (type === v128) {
    out.at("local.get", local).at("local.get", local).at("local.get", local);
    writeUnequal(out, type, floats);
    out.op("v128.bitselect");
  }
  out.at("local.set", local).op("end").at("local.get", local);
}

/** Compares two floats, or two vectors of them. */
function writeUnequal(out: Writer, type: HostType, floats: FloatType | undefined): void {
  if (type === v128) out.op(floats === f64 ? "f64x2.ne" : "f32x4.ne");
  else out.op(floats === f64 ? "f64.ne" : "f32.ne");
}

/** The canonical NaN, in every lane of a vector. */
function writeCanonicalNan(out: Writer, type: HostType, floats: FloatType | undefined): void {
  const { f32: single, f64Low, f64High } = canonicalNan;
  const words = floats === f64 ? [f64Low, f64High] : [single];
  if (type === v128) out.op("v128.const");
  else out.op(floats === f64 ? "f64.const" : "f32.const");
  const copies = type === v128 ? 4 / words.length : 1;
  for (let copy = 0; copy < copies; copy++) for (const word of words) out.word(word);
}
