/**
 * A dispute as one self-contained HTML page: verdict, narrowing search, judged instruction, state difference, gas
 * and clock use, every hash marked right or wrong.
 *
 * Invariant: no script, no outside resource; all text of the transcript is escaped (html.ts).
 */
import { valueTypes } from "../../interpreter/binary/module.ts";
import { valueText } from "../../interpreter/inspect/valueText.ts";
import type { RecordedClaim, RecordedMove, Transcript } from "../transcript/disputeTranscript.ts";
import type { JudgedStep } from "../transcript/judgedStep.ts";
import { type Replay, sidesText } from "../transcript/replayTranscript.ts";
import { type Difference, defaultDifferences } from "../transcript/stateDifference.ts";
import { html, Markup } from "./html.ts";
import { type JudgedPresentation, judgedPlace } from "./judgedPlace.ts";
import { legend } from "./legend.ts";
import { grouped, narrowingPicture, searchRounds } from "./narrowing.ts";
import type { ReportedSource } from "./sourceLines.ts";
import { style } from "./style.ts";

/** What a party's own machine showed off chain about its wrong state; not part of the transcript. */
export interface Disclosure {
  readonly side: 0 | 1;
  /** True state against that party's, after the judged step. */
  readonly differences: readonly Difference[];
}

/** How a report's texts are to look. */
export interface Presentation {
  /** A function's name as readers know it; the module's own unless given. For demangling. */
  readonly nameOf?: (name: string) => string;
  /** Where the instruction at a pc comes from in the source; undefined if that is not known. */
  readonly sourceOf?: (pc: number) => ReportedSource | undefined;
}

/**
 * A dispute as one self-contained HTML page, without scripts, for people: verdict, search, judged instruction, gas
 * and clocks.
 *
 * @param disclosure what a party's machine showed of its wrong state, where one did.
 * @param presentation how names are shown, and where instructions come from.
 * @returns the page's text.
 */
export function renderReport(
  transcript: Transcript,
  replay: Replay,
  disclosure?: Disclosure,
  presentation: Presentation = {},
): string {
  const nameOf = presentation.nameOf ?? ((name: string) => name);
  const shown = [...(replay.judged?.effect ?? []), ...(disclosure?.differences ?? [])];
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Dispute ${transcript.dispute}: ${headline(transcript)}</title>
<style>${new Markup(style)}</style></head>
<body><main>
<h1>${headline(transcript)}</h1>
<p class="soft">Dispute ${transcript.dispute} before Arbiter <code>${transcript.arbiter}</code> on chain ${transcript.chainId}</p>
${facts(transcript, replay)}
${warnings(replay)}
<h2>The search</h2><div class="card">${narrowingPicture(searchRounds(transcript, replay))}
<p class="soft">Each mark is a posted state hash, the accused's above the bar, the challenger's below: <span class="right">● right</span>, <span class="wrong">✕ wrong</span>.</p></div>
${replay.judged ? judgedSection(replay.judged, transcript, disclosure, { ...presentation, nameOf }) : ""}
<h2>Claims</h2><div class="card">${claimsTable(transcript, replay)}</div>
<h2>Moves</h2><div class="card">${movesTable(transcript, replay)}</div>
<h2>Gas and clocks</h2><div class="card">${gasTable(transcript)}</div>
<h2>Every hash</h2><div class="card">${hashDetails(replay)}</div>
<h2>Legend</h2><div class="card">${legend(shown)}</div>
<p class="soft">Written by wasm-arbiter from the chain's events and an offline replay of the call.</p>
</main></body></html>`;
  return page.text;
}

function headline({ settled }: Transcript): string {
  if (settled === null) return "The dispute is still open";
  if (settled.losers === 0) return "Nobody loses";
  const how = {
    timeout: settled.losers === 3 ? "let their time pass" : "let its time pass",
    length: "lied about the length of its trace",
    fuel: "lied about fuel",
    step: "posted a wrong state",
    forfeit: "had lost its stake in another dispute about the same result",
    same: "claimed what the other side has shown",
  }[settled.reason];
  const who = sidesText(settled.losers);
  return `${who[0].toUpperCase()}${who.slice(1)} ${settled.losers === 3 ? "lose" : "loses"}: ${how}`;
}

function facts(transcript: Transcript, replay: Replay): Markup {
  const steps = BigInt(replay.truth.steps) - BigInt(transcript.opened.state.startStep);
  const gas = Object.values(transcript.gas).reduce((sum, value) => sum + value, 0);
  const rounds = transcript.moves.at(-1)?.after.round ?? 0;
  const items: [string, string][] = [
    [grouped(steps), "steps in the call"],
    [String(rounds), `${rounds === 1 ? "round" : "rounds"} of ${transcript.parameters.k} parts`],
    [transcript.judged ? grouped(transcript.judged.step) : "none", "judged step"],
    [grouped(gas), "gas, all together"],
  ];
  return html`<div class="facts">${items.map(
    ([value, name]) => html`<div class="fact"><b>${value}</b><span>${name}</span></div>`,
  )}</div>`;
}

function warnings({ mismatches, verdict, lostThoughRight }: Replay): Markup {
  const texts = [...mismatches];
  if (lostThoughRight !== 0) {
    const who = lostThoughRight === 3 ? "Both sides" : `The ${sidesText(lostThoughRight)}`;
    const how = verdict === "clock" ? "by the clock: the machine was not asked" : "all the same";
    texts.push(`${who}, whose every word is true, lost ${how}.`);
  } else if (verdict === "contradicts") {
    texts.push("The verdict on chain is not the one that the machine gives.");
  }
  return html`${texts.map((text) => html`<p class="wrong strong">${text}</p>`)}`;
}

function judgedSection(
  judged: JudgedStep,
  { claims }: Transcript,
  disclosure: Disclosure | undefined,
  { nameOf, sourceOf }: JudgedPresentation,
): Markup {
  return html`<h2>The judged instruction</h2><div class="card">
${judgedPlace(judged, { nameOf, sourceOf })}
<table><tr><th>true state before</th><td><code>${judged.preState}</code></td><td></td></tr>
<tr><th>true state after</th><td><code>${judged.postState}</code></td><td></td></tr>
${claimedRows(judged, claims[0])}</table></div>
<h2>What the step changes</h2><div class="card">${differenceTable(judged.effect, "before", "after", judged.floatSlots)}</div>
${
  disclosure
    ? html`<h2>Where the ${disclosure.side === 0 ? "accused" : "challenger"}'s state differs</h2><div class="card">${differenceTable(disclosure.differences, "true", "claimed", judged.floatSlots)}<p class="soft">From that party's own machine; the chain knows only hashes.</p></div>`
    : ""
}`;
}

/** What the sides said the step makes; a step that was judged for its fuel is held against the declared total. */
function claimedRows({ claimed, postState, fuel }: JudgedStep, accused: RecordedClaim): Markup {
  if (claimed === null) {
    return html`<tr><th>fuel after it</th><td>${grouped(fuel)}</td><td></td></tr>
<tr><th>declared for the call</th><td>${grouped(accused.fuel)}</td><td></td></tr>`;
  }
  const row = (side: 0 | 1) =>
    html`<tr><th>${sidesText(1 << side)}'s</th><td><code>${claimed[side]}</code></td><td>${rightOrWrong(claimed[side] === postState)}</td></tr>`;
  return html`${row(0)}
${row(1)}`;
}

function rightOrWrong(right: boolean): Markup {
  return right ? html`<span class="right">right</span>` : html`<span class="wrong">wrong</span>`;
}

function differenceTable(
  rows: readonly Difference[],
  one: string,
  other: string,
  floatSlots: JudgedStep["floatSlots"],
): Markup {
  if (rows.length === 0) return html`<p>No difference.</p>`;
  return html`<table><tr><th>where</th><th>${one}</th><th>${other}</th></tr>${rows.map(
    ({ where, before, after }) =>
      html`<tr><td>${where}</td><td><code>${before}</code>${floatOf(where, before, floatSlots)}</td><td><code>${after}</code>${floatOf(where, after, floatSlots)}</td></tr>`,
  )}</table>${rows.length < defaultDifferences ? "" : html`<p class="soft">The first ${rows.length}; there may be more.</p>`}`;
}

/** The number that a slot's bits are, where the slot is known to hold a float. */
function floatOf(where: string, bits: string, floatSlots: JudgedStep["floatSlots"]): Markup {
  const type = floatSlots[Number(/^stack slot (\d+)$/.exec(where)?.[1] ?? -1)];
  if (type === undefined || !/^0x[\da-f]+$/.test(bits)) return html``;
  return html` <span class="soft">${valueText(valueTypes[type], BigInt(bits))} : ${type}</span>`;
}

function claimsTable(transcript: Transcript, replay: Replay): Markup {
  const row = (name: string, claim: { state: string; steps: string; fuel: string }, mark: Markup) =>
    html`<tr><td>${name}</td><td><code>${claim.state}</code></td><td class="n">${grouped(claim.steps)}</td><td class="n">${grouped(claim.fuel)}</td><td>${mark}</td></tr>`;
  const challenger =
    transcript.fuelStep === "0"
      ? row("challenger", transcript.claims[1], rightOrWrong(replay.claimsRight[1]))
      : html`<tr><td>challenger</td><td colspan="3">the declared fuel is passed at step ${grouped(transcript.fuelStep)}</td><td>${rightOrWrong(replay.claimsRight[1])}</td></tr>`;
  return html`<table><tr><th></th><th>state hash</th><th class="n">steps</th><th class="n">fuel</th><th></th></tr>
${row("truth", replay.truth, html``)}${row("accused", transcript.claims[0], rightOrWrong(replay.claimsRight[0]))}${challenger}</table>`;
}

function movesTable(transcript: Transcript, replay: Replay): Markup {
  const marks = (index: number) => {
    const hashes = replay.moves[index].hashes;
    const wrong = hashes.filter(({ right }) => !right).length;
    if (hashes.length === 0) return html``;
    return wrong === 0
      ? html`<span class="right">${hashes.length} right</span>`
      : html`<span class="wrong">${wrong} of ${hashes.length} wrong</span>`;
  };
  const rows = transcript.moves.map(
    (move, i) =>
      html`<tr><td class="n">${move.block}</td><td>${sidesText(1 << move.side)}</td><td>${moveText(move)}</td><td>${marks(i)}</td><td class="n">${grouped(move.gas)}</td><td class="n">${move.block - move.before.since}</td></tr>`,
  );
  return html`<table><tr><th class="n">block</th><th>side</th><th>move</th><th>hashes</th><th class="n">gas</th><th class="n">blocks taken</th></tr>
<tr><td class="n">${transcript.opened.block}</td><td>challenger</td><td>opens the dispute</td><td></td><td class="n">${grouped(transcript.opened.gas)}</td><td></td></tr>${rows}${settlementRow(transcript)}</table>`;
}

function moveText({ move, before, after }: RecordedMove): string {
  if (move === "proof") return "proves its claim's counters";
  if (move === "state") return "posts the state asked for";
  if (move === "part") {
    return `round ${before.round + 1}: agrees at ${grouped(after.startStep)}, not at ${grouped(after.endStep)}`;
  }
  return `round ${before.round + 1}: steps ${grouped(before.startStep)} – ${grouped(before.endStep)}`;
}

function settlementRow({ settled, moves, opened, parties }: Transcript): Markup {
  if (settled === null) return html``;
  const side = parties.indexOf(settled.from);
  const who = side < 0 ? html`<code>${settled.from.slice(0, 10)}…</code>` : sidesText(1 << side);
  const how = settled.reason === "timeout" ? "claims the timeout" : "settles";
  const since = (moves.at(-1)?.after ?? opened.state).since;
  // The blocks before a timeout were taken by the side that did not move, not by who claims it.
  const taken = settled.reason === "timeout" ? "" : String(settled.block - since);
  return html`<tr><td class="n">${settled.block}</td><td>${who}</td><td>${how}</td><td></td><td class="n">${grouped(settled.gas)}</td><td class="n">${taken}</td></tr>`;
}

/** Blocks of each side's bank that are used up; a timeout takes what the sides on turn let pass beyond the grace. */
function bankUsed({ parameters, moves, opened, settled }: Transcript): number[] {
  const { turn, since, bankBlocks } = moves.at(-1)?.after ?? opened.state;
  const passed = settled?.reason === "timeout" ? settled.block - since - parameters.graceBlocks : 0;
  return bankBlocks.map((left, side) => {
    const onTurn = (turn & (1 << side)) !== 0;
    return parameters.bankBlocks - left + (onTurn ? Math.min(Math.max(passed, 0), left) : 0);
  });
}

function gasTable(transcript: Transcript): Markup {
  const bank = transcript.parameters.bankBlocks;
  const usedBlocks = bankUsed(transcript);
  const rows = transcript.parties.map((party, side) => {
    const used = usedBlocks[side];
    const share = bank === 0 ? 0 : (100 * used) / bank;
    return html`<tr><td>${sidesText(1 << side)}</td><td><code>${party}</code></td><td class="n">${grouped(transcript.gas[party] ?? 0)}</td><td><div class="track" title="${used} of ${bank} blocks"><i style="width:${share.toFixed(1)}%"></i></div></td><td class="n">${used} of ${bank}</td></tr>`;
  });
  return html`<table><tr><th></th><th>account</th><th class="n">gas</th><th>clock used</th><th class="n">blocks</th></tr>${rows}</table>`;
}

function hashDetails(replay: Replay): Markup {
  const rows = replay.moves.filter(({ hashes }) => hashes.length > 0);
  return html`${rows.map(
    ({ side, round, hashes }) =>
      html`<details><summary>${sidesText(1 << side)}, round ${round + 1}, ${hashes.length} ${hashes.length === 1 ? "hash" : "hashes"}</summary><table><tr><th class="n">step</th><th>posted</th><th></th></tr>${hashes.map(
        ({ step, posted, right }) =>
          html`<tr><td class="n">${grouped(step)}</td><td><code>${posted}</code></td><td class="${right ? "right" : "wrong"}">${right ? "right" : "wrong"}</td></tr>`,
      )}</table></details>`,
  )}`;
}
