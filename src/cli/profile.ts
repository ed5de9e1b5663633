/**
 * `profile`: steps and fuel per function, as a table and as a flame graph.
 */
import { gzipSync } from "node:zlib";
import { Command, Option } from "commander";
import { reportTraps } from "./session/calls.ts";
import { writeFile } from "./session/files.ts";
import { type ProfileUnit, profileUnits } from "./session/frameNames.ts";
import { nameText } from "./session/names.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { outputOption } from "./session/outputs.ts";
import { foldedStacks, pprofFile, speedscopeFile } from "./session/profileFormats.ts";
import { profile, totalOf, totalsByFunction } from "./session/profiler.ts";
import { Session } from "./session/runSession.ts";
import { addSourceOptions, type SourceOptions } from "./session/sources.ts";
import { UsageError } from "./terminal/failure.ts";
import { flameGraphHtml, flameGraphSvg } from "./terminal/flameGraph.ts";
import { grouped, show, table } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions, SourceOptions {
  readonly sample: number;
  readonly toStep?: number;
  readonly by: ProfileUnit;
  readonly flameGraph?: string;
  readonly folded?: string;
  readonly speedscope?: string;
  readonly pprof?: string;
  readonly json: boolean;
}

export function profileCommand(): Command {
  const command = new Command("profile")
    .description(
      "Run and count steps and fuel by function. Exact by default; --sample N looks every N steps only.",
    )
    .argument(...modulesArgument)
    .option("--sample <steps>", "steps between two looks", count, 1)
    .option("--to-step <step>", "stop there (default: the end)", count)
    .addOption(
      new Option("--by <unit>", "what is counted: function, or source function or line with -g")
        .choices(profileUnits)
        .default("function"),
    )
    .addOption(
      outputOption("--flame-graph <file>", "write a flame graph: .svg, or .html for a page"),
    )
    .addOption(
      outputOption(
        "--folded <file>",
        "write folded stacks of fuel, for flamegraph.pl and the like",
      ),
    )
    .addOption(outputOption("--speedscope <file>", "write JSON for speedscope"))
    .addOption(outputOption("--pprof <file>", "write a profile for pprof, compressed"))
    .action(run);
  return addJsonOption(addSourceOptions(addCallOptions(addProgramOptions(command))));
}

function run(files: readonly string[], options: Options): void {
  if (options.sample < 1) throw new UsageError("--sample is 0", "choose 1 or more steps");
  const picture = options.flameGraph;
  if (picture !== undefined && !/\.(svg|html)$/.test(picture)) {
    throw new UsageError(`cannot tell what ${picture} should be`, "end it in .svg or .html");
  }
  const session = Session.open(files, options);
  session.expectCall();
  const root = profile(session, {
    period: options.sample,
    end: options.toStep ?? Number.MAX_SAFE_INTEGER,
    unit: options.by,
  });
  const total = totalOf(root);
  const functions = totalsByFunction(root);
  if (picture !== undefined) {
    const draw = picture.endsWith(".svg") ? flameGraphSvg : flameGraphHtml;
    writeFile(picture, draw(root, files.join(" ")));
  }
  const name = files.join(" ");
  if (options.folded !== undefined) writeFile(options.folded, foldedStacks(root));
  if (options.speedscope !== undefined) writeFile(options.speedscope, speedscopeFile(root, name));
  if (options.pprof !== undefined) writeFile(options.pprof, gzipSync(pprofFile(root)));
  show(options.json, { ...total, exact: options.sample === 1, functions }, () => {
    const share = (fuel: number) => `${((100 * fuel) / Math.max(total.fuel, 1)).toFixed(1)} %`;
    const rows = functions.map((row) => [
      nameText(row.function),
      grouped(row.selfSteps),
      grouped(row.selfFuel),
      share(row.selfFuel),
      share(row.totalFuel),
    ]);
    const head = ["function", "steps", "fuel", "itself", "with callees"];
    return [
      table(head, rows, head.slice(1)),
      "",
      `${grouped(total.steps)} steps, ${grouped(total.fuel)} fuel${options.sample > 1 ? " (sampled)" : ""}`,
      ...(picture === undefined ? [] : [`flame graph written to ${picture}`]),
    ].join("\n");
  });
  reportTraps(session.calls);
}
