/**
 * The plots of docs/economics.md: what escapes and what deters, by p_v, by the fraction of honest validators.
 *
 * Invariant: every point is a closed form of this folder; the simulation's points beside them have their own colour.
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { deterringDeposit, type Pool, payoff, type Terms } from "./payoffs.ts";
import { escapes } from "./probabilities.ts";
import { estimate, play, playEscapes, randomBy } from "./simulation.ts";

interface Point {
  readonly x: number;
  readonly y: number;
  readonly series: string;
}

interface Plot {
  readonly file: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly isLogarithmic?: boolean;
  readonly lines: readonly Point[];
  /** Simulated. */
  readonly points?: readonly Point[];
}

const fractions = Array.from({ length: 19 }, (_, i) => (i + 1) * 0.05);

function escapePlot(): Plot {
  const malicious = 0.1;
  const series = [0, 1, 3].map((sure) => ({
    sure,
    name: sure === 0 ? "6.1 alone" : `${sure} always, then 6.1`,
  }));
  return {
    file: "escapes.svg",
    title: "Lies that nobody honest checks (a tenth of the validators malicious)",
    x: "p_v",
    y: "fraction that escapes",
    isLogarithmic: true,
    lines: series.flatMap(({ sure, name }) =>
      fractions.map((x) => ({ x, y: escapes(malicious, x, sure), series: name })),
    ),
    points: series.slice(0, 2).flatMap(({ sure, name }) =>
      fractions
        .filter((_, i) => i % 4 === 1)
        .map((x) => ({
          x,
          y: playEscapes(malicious, x, sure, 200_000, randomBy(Math.round(x * 100) + sure)),
          series: name,
        })),
    ),
  };
}

function depositPlot(): Plot {
  return {
    file: "deposit.svg",
    title: "Least deposit at which executing pays more than inventing a proof",
    x: "p_v",
    y: "deposit, in executions",
    isLogarithmic: true,
    lines: [0.9, 0.5, 0.1].flatMap((honest) =>
      fractions.map((x) => ({
        x,
        y: deterringDeposit(honest, x),
        series: `${honest * 100} % honest`,
      })),
    ),
  };
}

/** The pool of the payoff plot, by its fraction of lazy validators. */
export function poolWith(lazy: number): Pool {
  return { honest: 0.9 - lazy, silent: 0.05, lazy, blackmailing: 0.05, entity: 0 };
}

/** The terms of the payoff plot. */
export const plottedTerms: Terms = {
  p: 0.75,
  reward: 1.5,
  deposit: 20,
  share: 0.3,
  checkCost: 0.02,
  price: 0.5,
};

function payoffPlot(): Plot {
  const lazy = Array.from({ length: 18 }, (_, i) => i * 0.05);
  const kinds = ["honest", "silent", "lazy", "blackmailing"] as const;
  return {
    file: "payoffs.svg",
    title: "What a validation brings (p_v = 0.75, deposit of 20 executions)",
    x: "fraction of lazy validators",
    y: "payoff, in executions",
    lines: kinds.flatMap((kind) =>
      lazy.map((x) => ({ x, y: payoff(kind, poolWith(x), plottedTerms), series: kind })),
    ),
    points: lazy
      .filter((_, i) => i % 4 === 2)
      .flatMap((x) => {
        const { payoffs } = play(poolWith(x), plottedTerms, 50_000, randomBy(Math.round(x * 100)));
        return kinds.map((kind) => ({ x, y: estimate(payoffs[kind]).mean, series: kind }));
      }),
  };
}

/** Every plot as SVG, by its file's name. */
export async function drawPlots(): Promise<ReadonlyMap<string, string>> {
  const drawn = new Map<string, string>();
  for (const plot of [escapePlot(), depositPlot(), payoffPlot()]) {
    drawn.set(plot.file, await draw(plot));
  }
  return drawn;
}

async function draw({ title, x, y, isLogarithmic, lines, points = [] }: Plot): Promise<string> {
  const encoding = {
    x: { field: "x", type: "quantitative", title: x },
    y: {
      field: "y",
      type: "quantitative",
      title: y,
      scale: { type: isLogarithmic ? "log" : "linear" },
    },
    color: { field: "series", type: "nominal", title: null, sort: null },
  } as const;
  const specification: TopLevelSpec = {
    title,
    width: 520,
    height: 300,
    background: "white",
    layer: [
      { data: { values: [...lines] }, mark: { type: "line" }, encoding },
      { data: { values: [...points] }, mark: { type: "point", filled: true, size: 40 }, encoding },
    ],
  };
  const view = new View(parse(compile(specification).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}
