/**
 * Runs the generators against every mutant: `node test/interpreter/compile/mutants/run.ts [GENERATOR [COUNT [FIRST [NAME]]]]`, where NAME
 * is a part of mutants' names; a mutant that names a generator is run by that. Prints a line for each: the program that found it, or that none did.
 *
 * Invariant: exit code 1 if a mutant that is not equivalent was not found, or one that is was.
 */
import { mutants } from "./list.ts";
import { tryMutant } from "./tryMutant.ts";

const [generator = "adversary", count = "200", first = "1", name = ""] = process.argv.slice(2);
for (const mutant of mutants.filter((one) => one.name.includes(name))) {
  const { found, programs, seconds } = tryMutant(
    mutant,
    mutant.generator ?? generator,
    Number(first),
    Number(count),
  );
  const isAsExpected =
    (found === undefined) === ((mutant.equivalent ?? mutant.missed) !== undefined);
  if (!isAsExpected) process.exitCode = 1;
  const verdict =
    found === undefined
      ? (mutant.equivalent ?? `NOT FOUND ${mutant.missed ?? ""}`)
      : found.slice(0, 160);
  process.stdout.write(
    `${isAsExpected ? "ok  " : "FAIL"} ${mutant.name} (${mutant.file}): ${programs} programs, ${seconds} s: ${verdict}\n`,
  );
}
