/**
 * `profile`: steps and fuel per function, as a table and as a flame graph.
 */
import { Command } from "commander";
import { reportTraps } from "./session/calls.ts";
import { writeFile } from "./session/files.ts";
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
import { profile, totalOf, totalsByFunction } from "./session/profiler.ts";
import { Session } from "./session/runSession.ts";
import { UsageError } from "./terminal/failure.ts";
import { flameGraphHtml, flameGraphSvg } from "./terminal/flameGraph.ts";
import { grouped, show, table } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly sample: number;
  readonly toStep?: number;
  readonly flameGraph?: string;
  readonly json: boolean;
}

export function profileCommand(): Command {
  const command = new Command("profile")
    .summary("steps and fuel per function, with a flame graph")
    .description(
      "Run and count steps and fuel by function. Exact by default; --sample N looks every N steps only.",
    )
    .argument(...modulesArgument)
    .option("--sample <steps>", "steps between two looks", count, 1)
    .option("--to-step <step>", "stop there (default: the end)", count)
    .option("--flame-graph <file>", "write a flame graph: .svg, or .html for a page")
    .action(run);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function run(files: readonly string[], options: Options): void {
  if (options.sample < 1) throw new UsageError("--sample is 0", "choose 1 or more steps");
  const picture = options.flameGraph;
  if (picture !== undefined && !/\.(svg|html)$/.test(picture)) {
    throw new UsageError(`cannot tell what ${picture} should be`, "end it in .svg or .html");
  }
  const session = Session.open(files, options);
  session.expectCall();
  const root = profile(session, options.sample, options.toStep ?? Number.MAX_SAFE_INTEGER);
  const total = totalOf(root);
  const functions = totalsByFunction(root);
  if (picture !== undefined) {
    const draw = picture.endsWith(".svg") ? flameGraphSvg : flameGraphHtml;
    writeFile(picture, draw(root, files.join(" ")));
  }
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
