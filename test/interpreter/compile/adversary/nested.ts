/**
 * Modules of functions that call each other, directly and through a table, and store, trap, loop and write globals between
 * the calls: for calls that the block executor runs beside emitted frames (compile/nestedCalls.ts).
 *
 * Invariant: a function of the seed; every call ends, since each takes from a depth.
 */
import { Random } from "../../../differential/random.ts";
import { binaryOf } from "../../../merkle/program.ts";

const functions = 7;
const types = ["i32", "i64", "f64", "f32"] as const;

/** A statement over the locals $x (i32), $y (i64), $f (f64), $n (depth); most of them change $x. */
function statement(random: Random, names: readonly string[]): string {
  const address = `(i32.and (i32.mul (local.get $x) (i32.const ${random.pick([4096, 1028, 13])})) (i32.const 0xfff8))`;
  const to = random.pick(names);
  const args = `(i32.add (local.get $x) (i32.const ${random.below(9)})) (local.get $y) (local.get $f) (local.get $n)`;
  const table = random.pick(["$one", "$two"]);
  const [down, entry] = ["(i32.const 1)", `(i32.const ${random.below(functions)})`];
  const guarded = (text: string) =>
    `(if (local.get $n) (then (local.set $n (i32.sub (local.get $n) ${down})) ${text}))`;
  return random.weighted<() => string>([
    [4, () => guarded(`(local.set $x (call ${to} ${args}))`)],
    [2, () => guarded(`(local.set $x (call_indirect ${table} (type $t) ${args} ${entry}))`)],
    [
      2,
      () =>
        guarded(
          `(local.set $x (i32.add (local.get $x) (i32.xor (local.get $x) (call ${to} ${args}))))`,
        ),
    ],
    [4, () => `(i64.store ${address} (i64.add (local.get $y) (i64.extend_i32_u (local.get $x))))`],
    [2, () => `(local.set $x (i32.add (local.get $x) (i32.load ${address})))`],
    [2, () => "(global.set $g (i32.add (global.get $g) (local.get $x)))"],
    [2, () => "(local.set $x (i32.xor (local.get $x) (global.get $g)))"],
    [1, () => "(local.set $f (f64.div (local.get $f) (f64.convert_i32_s (local.get $x))))"],
    [1, () => "(local.set $y (i64.reinterpret_f64 (f64.add (local.get $f) (f64.const 1))))"],
    [1, () => `(memory.fill ${address} (local.get $x) (i32.const ${random.below(700)}))`],
    [
      1,
      () =>
        `(memory.copy ${address} (i32.const ${random.below(9000)}) (i32.const ${random.below(700)}))`,
    ],
    [
      1,
      () =>
        `(drop (i32.rem_u (i32.const 7) (i32.and (local.get $x) (i32.const ${random.pick([63, 255])}))))`,
    ],
    [1, () => `(drop (i32.load (i32.mul (local.get $x) (i32.const ${random.pick([1, 4096])}))))`],
    [1, () => "(drop (memory.grow (i32.and (local.get $x) (i32.const 1))))"],
    [
      1,
      () =>
        `(if (i32.eq (i32.and (local.get $x) (i32.const 31)) (i32.const 9)) (then (unreachable)))`,
    ],
    [
      2,
      () =>
        `(local.set $i (i32.const ${1 + random.below(40)})) (loop $l (local.set $x (i32.mul (i32.add (local.get $x) (local.get $i)) (i32.const 17))) (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`,
    ],
  ])();
}

function definition(random: Random, name: string, names: readonly string[]): string {
  const body = Array.from({ length: 2 + random.below(7) }, () => statement(random, names));
  const locals = Array.from({ length: random.below(4) }, () => random.pick(types)).join(" ");
  const end = random.oneIn(5)
    ? `(if (result i32) (local.get $n) (then (local.set $n (i32.sub (local.get $n) (i32.const 1))) (return_call ${random.pick(names)} (local.get $x) (local.get $y) (local.get $f) (local.get $n))) (else (local.get $x)))`
    : "(local.get $x)";
  return `(func ${name} (export "${name.slice(1)}") (type $t) (param $x i32) (param $y i64) (param $f f64) (param $n i32) (result i32)
    (local $i i32) (local ${locals}) ${body.join("\n")} ${end})`;
}

export function nestedModules(seed: number): { name: string; bytes: Uint8Array }[] {
  const random = new Random(seed);
  const names = Array.from({ length: functions }, (_, index) => `$f${index}`);
  const bodies = names.map((name) => definition(random, name, names)).join("\n");
  const text = `(module (type $t (func (param i32 i64 f64 i32) (result i32)))
    (memory 1 3) (global $g (mut i32) (i32.const 5)) (table $one funcref (elem ${names.join(" ")}))
    (table $two funcref (elem ${[...names].reverse().join(" ")})) ${bodies})`;
  return [{ name: "m", bytes: binaryOf(text) }];
}
