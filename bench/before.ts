/**
 * `npm run -s bench:before -- [--commit C] [--bench step|fast] [--only a,b] [--rounds N] [--json]`: the speed of this
 * tree as a ratio to the speed of an earlier commit, measured in one run.
 *
 * Method: the commit is checked out beside this tree and shares its packages; both benchmarks run in turns, each in a
 * process of its own, and of each program the best round of either side counts. Above 1 this tree is faster.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = fileURLToPath(new URL("../", import.meta.url));
const { values: options } = parseArgs({
  options: {
    commit: { type: "string", default: "HEAD" },
    bench: { type: "string", default: "step" },
    only: { type: "string" },
    rounds: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});

interface Figure {
  readonly name: string;
  readonly [figure: string]: unknown;
}

/** Where each benchmark says how long a program takes, or how fast it is. */
const figures = {
  step: {
    figure: "instructionsPerSecond",
    isSpeed: true,
    flags: ["--no-decoder"],
    choice: "--only",
  },
  fast: { figure: "ratioToNative", isSpeed: false, flags: ["--no-peers"], choice: "--programs" },
} as const;

const chosen = figures[options.bench as keyof typeof figures];
if (chosen === undefined) throw new RangeError(`expected step or fast, got ${options.bench}`);

/** Speed of each program in one tree. */
function measure(folder: string): ReadonlyMap<string, number> {
  const flags = ["--json", ...chosen.flags, ...(options.only ? [chosen.choice, options.only] : [])];
  const output = execFileSync(process.execPath, [`bench/${options.bench}.ts`, ...flags], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { programs } = JSON.parse(output) as { readonly programs: readonly Figure[] };
  return new Map(
    programs.map((program) => {
      const figure = Number(program[chosen.figure]);
      if (!Number.isFinite(figure)) throw new Error(`expected ${chosen.figure} of ${program.name}`);
      return [program.name, chosen.isSpeed ? figure : 1 / figure];
    }),
  );
}

function keepBest(best: Map<string, number>, measured: ReadonlyMap<string, number>): void {
  for (const [name, speed] of measured) best.set(name, Math.max(best.get(name) ?? 0, speed));
}

const before = mkdtempSync(join(tmpdir(), "before-"));
try {
  execFileSync("git", ["worktree", "add", "--detach", "--force", before, options.commit], {
    cwd: here,
    stdio: "ignore",
  });
  if (!existsSync(join(before, "node_modules"))) {
    symlinkSync(join(here, "node_modules"), join(before, "node_modules"));
  }
  const best = { before: new Map<string, number>(), now: new Map<string, number>() };
  for (let round = 0; round < Number(options.rounds); round++) {
    keepBest(best.before, measure(before));
    keepBest(best.now, measure(here));
  }
  const programs = [...best.now].map(([name, speed]) => ({
    name,
    ratio: Number((speed / (best.before.get(name) ?? Number.NaN)).toPrecision(4)),
  }));
  const sum = programs.reduce((total, { ratio }) => total + Math.log(ratio), 0);
  const geomean = Number(Math.exp(sum / programs.length).toPrecision(4));
  if (options.json) console.log(JSON.stringify({ bench: options.bench, programs, geomean }));
  else {
    console.table(programs);
    console.log(`geometric mean: ${geomean} of the speed at ${options.commit}`);
  }
} finally {
  execFileSync("git", ["worktree", "remove", "--force", before], { cwd: here, stdio: "ignore" });
  rmSync(before, { recursive: true, force: true });
}
