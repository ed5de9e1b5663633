import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueTypes } from "../../../src/interpreter/binary/module.ts";
import { Locals } from "../../../src/interpreter/validate/localTypes.ts";

const type = fc.constantFrom(valueTypes.i32, valueTypes.i64, valueTypes.f32, valueTypes.f64);
const runs = fc.array(fc.record({ count: fc.integer({ min: 0, max: 40 }), type }), {
  maxLength: 8,
});

describe("Locals", () => {
  it("gives each local the type of its run, however many are laid out flat", () => {
    const locals = new Locals();
    const property = fc.property(
      fc.array(type, { maxLength: 6 }),
      runs,
      fc.integer({ min: 1, max: 200 }),
      (params, list, bodyBytes) => {
        locals.reset(params, list, bodyBytes);
        const flat = [
          ...params,
          ...list.flatMap(({ count, type }) => new Array<number>(count).fill(type)),
        ];
        expect(locals.count).toBe(flat.length);
        expect(flat.map((_, index) => locals.typeOf(index))).toEqual(flat);
      },
    );
    fc.assert(property, { seed: 5, numRuns: 400 });
  });
});
