/**
 * `disputes`: the disputes at an Arbiter: parties, phase, whose move it is and until when, stakes, how they ended.
 *
 * Invariant: everything is read from the chain; nothing is run.
 */
import { Command } from "commander";
import { formatEther } from "ethers";
import type { ArbiterClient, OpenedEvent, Parameters } from "../game/chain/arbiterClient.ts";
import type { Address } from "../game/claim/claim.ts";
import { deadlineBlock, phaseNames } from "../game/search/disputeState.ts";
import { sidesText } from "../game/transcript/replayTranscript.ts";
import { reasonNames } from "../game/transcript/transcriptFormat.ts";
import { addressOption, type ChainOptions, withArbiter } from "./game/arbiterAt.ts";
import { addChainOptions, addJsonOption, addProjectOptions } from "./session/options.ts";
import { counted, fields, grouped, show, table } from "./terminal/output.ts";

interface Options extends ChainOptions {
  readonly party?: string;
  readonly open: boolean;
  readonly json: boolean;
}

export function disputesCommand(): Command {
  const command = new Command("disputes")
    .description(
      "List the disputes at an Arbiter: who, in which phase, whose move it is and until which block, what is at stake, how it ended.",
    )
    .option("--party <address>", "only those that name this account")
    .option("--open", "only those that are not settled", false)
    .action(disputes);
  return addJsonOption(addProjectOptions(addChainOptions(command)));
}

async function disputes(options: Options): Promise<void> {
  const party = options.party === undefined ? undefined : addressOption("--party", options.party);
  await withArbiter(options, async (client) => {
    const block = await client.provider.getBlockNumber();
    const parameters = await client.parameters();
    const rows: ListedDispute[] = [];
    for (const opened of await openedAt(client, party)) {
      const listed = await listedDispute(client, opened, parameters);
      if (!options.open || listed.settled === null) rows.push(listed);
    }
    const { stake, graceBlocks, bankBlocks } = parameters;
    const result = {
      arbiter: client.address,
      block,
      stakeWei: String(stake),
      stakeEther: formatEther(stake),
      graceBlocks,
      bankBlocks,
      disputes: rows,
    };
    show(options.json, result, () =>
      [
        fields([
          ["arbiter", client.address],
          ["block", grouped(block)],
          ["stake", `${formatEther(stake)} ether a party`],
          [
            "clock",
            `${counted(graceBlocks, "block")} a move, ${grouped(bankBlocks)} in all besides`,
          ],
        ]),
        "",
        rows.length === 0 ? "no disputes" : tableOf(rows, block),
      ].join("\n"),
    );
  });
}

async function openedAt(
  client: ArbiterClient,
  party: Address | undefined,
): Promise<readonly OpenedEvent[]> {
  if (party === undefined) return client.allDisputes();
  const opened = await client.disputesOf(party);
  return opened.sort((a, b) => Number(a.id - b.id));
}

interface ListedDispute {
  readonly id: string;
  readonly openedBlock: number;
  readonly accused: Address;
  readonly challenger: Address;
  readonly program: string;
  /** Of the last state; null once it is settled. */
  readonly phase: string | null;
  readonly round: number | null;
  /** Sides on turn, as a text. */
  readonly onTurn: string | null;
  /** Last block in which they may move. */
  readonly deadlineBlock: number | null;
  readonly startStep: string | null;
  readonly endStep: string | null;
  readonly settled: {
    readonly block: number;
    readonly losers: string;
    readonly reason: (typeof reasonNames)[number];
    readonly rewardEther: string;
  } | null;
}

async function listedDispute(
  client: ArbiterClient,
  opened: OpenedEvent,
  { graceBlocks }: Parameters,
): Promise<ListedDispute> {
  const situation = await client.situation(opened);
  const dispute = situation?.dispute;
  const end = dispute === undefined ? await client.settled(opened) : undefined;
  return {
    id: String(opened.id),
    openedBlock: opened.blockNumber,
    accused: opened.accused,
    challenger: opened.challenger,
    program: opened.transition.program,
    phase: dispute === undefined ? null : phaseNames[dispute.phase],
    round: dispute === undefined ? null : dispute.round + 1,
    onTurn: dispute === undefined ? null : sidesText(dispute.turn),
    deadlineBlock: dispute === undefined ? null : deadlineBlock(dispute, graceBlocks),
    startStep: dispute === undefined ? null : String(dispute.startStep),
    endStep: dispute === undefined ? null : String(dispute.endStep),
    settled:
      end === undefined
        ? null
        : {
            block: end.blockNumber,
            losers: sidesText(Number(end.args.losers)),
            reason: reasonNames[Number(end.args.reason)],
            rewardEther: formatEther(end.args.reward),
          },
  };
}

function tableOf(rows: readonly ListedDispute[], block: number): string {
  const head = ["id", "accused", "challenger", "state", "on turn", "until"];
  const cells = rows.map((row) => [
    row.id,
    shortAddress(row.accused),
    shortAddress(row.challenger),
    stateText(row),
    row.onTurn ?? "",
    row.deadlineBlock === null ? "" : deadlineText(row.deadlineBlock, block),
  ]);
  return table(head, cells, ["id"]);
}

function stateText({ phase, round, startStep, endStep, settled }: ListedDispute): string {
  if (settled !== null) {
    return `${settled.losers} lost (${settled.reason}), reward ${settled.rewardEther} ether`;
  }
  if (phase !== "search") return String(phase);
  return `round ${round}, steps ${grouped(BigInt(startStep ?? 0))} – ${grouped(BigInt(endStep ?? 0))}`;
}

function deadlineText(deadline: number, block: number): string {
  const left = deadline - block;
  if (left < 0) return `block ${grouped(deadline)}, over`;
  return `block ${grouped(deadline)}, ${grouped(left)} left`;
}

/** Whole addresses stand in JSON; here a line has to stay a line. */
function shortAddress(address: Address): string {
  return `${address.slice(0, 8)}…${address.slice(-4)}`;
}
