/**
 * Gas of whole disputes by trace length and k, and the honest party's work as a multiple of one execution.
 *
 * Traces of the table are simulated (contracts/test/game/SimulatedJudge.sol), because nobody runs 2^40 steps; what the
 * real judge costs beyond the simulated one, in opening and in judging, is measured on the ledger and added. The party
 * measured is the one that pays most: it opens the dispute and has the step judged. Each entry is the worst of
 * several places where the traces part.
 *
 *   node bench/game.ts [--json] [--quick]
 */
import type { JsonRpcSigner } from "ethers";
import { exampleNamed, inputOf, wasmOf } from "../examples/manifest.ts";
import { FaultyExecution, flipMemory } from "../src/cli/game/faultyExecution.ts";
import { deployArbiter, deployJudge } from "../src/game/chain/deploy.ts";
import { registerProgram } from "../src/game/claim/registerProgram.ts";
import { phases } from "../src/game/search/disputeState.ts";
import { honestMove, type Strategy } from "../src/game/search/strategy.ts";
import type { Execution } from "../src/game/trace/execution.ts";
import { MachineExecution } from "../src/game/trace/machineExecution.ts";
import { decodeModule, link, Machine } from "../src/interpreter/index.ts";
import { type Chain, registerToy, stake, startChain } from "../test/game/chain.ts";
import { playerOn, playOut, signedBy } from "../test/game/play.ts";
import { runsOfDisputes, searchFor } from "../test/game/searches.ts";
import { flippedFrom, Simulation, toyGenesis } from "../test/game/simulation.ts";
import { peerGames } from "./game/peers.ts";

interface Row {
  readonly n: string;
  readonly steps: number;
  readonly k: number;
  readonly rounds: number;
  /** Gas of the party that opens and judges, and of the other one. */
  readonly gasPerParty: number;
  readonly gasOther: number;
  readonly gasPerMove: number;
}

const quick = process.argv.includes("--quick");
const exponents = quick ? [10, 40] : [10, 20, 30, 40];
const ks = quick ? [16, 32] : [2, 4, 8, 16, 32, 64];
const goals = { gasPerParty: 1_000_000, rounds: 8, honestWorkMultiple: 1.3 };

/** Gas of a dispute, by the kind of transaction, for both sides. */
interface Bill {
  readonly open: number;
  readonly judge: number;
  readonly moves: readonly number[];
  readonly challenger: number;
  readonly accused: number;
  readonly rounds: number;
}

async function bill(chain: Chain, honest: Execution, faulty: Execution): Promise<Bill> {
  const [a, b] = chain.signers as unknown as [JsonRpcSigner, JsonRpcSigner];
  const gas = { accused: 0, challenger: 0 };
  const moves: number[] = [];
  let judge = 0;
  const listen =
    (side: "accused" | "challenger") =>
    (event: { kind: string; gas?: bigint; method?: string }) => {
      if (event.kind !== "moved") return;
      gas[side] += Number(event.gas);
      if (event.method === "judgeStep") judge = Number(event.gas);
      else moves.push(Number(event.gas));
    };
  // The accused leaves the judgement to the challenger, so that one party pays for all that can be paid for.
  const reticent: Strategy = async (situation, ...rest) =>
    situation.dispute.phase === phases.step ? undefined : honestMove(situation, ...rest);
  const accused = playerOn(chain, a, faulty, reticent, listen("accused"));
  const challenger = playerOn(chain, b, honest, undefined, listen("challenger"));
  await accused.deposit(stake);
  await challenger.deposit(stake);
  const opened = await challenger.challenge(await signedBy(chain, a, faulty));
  const open = Number(opened.gasUsed);
  const id: bigint = await chain.client.contract.disputeCount();
  const verdict = await playOut(chain, [challenger, accused], id);
  if (verdict.losers !== 1) throw new Error("expected the faulty party to lose");
  return {
    open,
    judge,
    moves,
    challenger: gas.challenger + open,
    accused: gas.accused,
    rounds: verdict.rounds,
  };
}

/** What opening and judging cost with the real judge, on the ledger. */
async function realBill() {
  const chain = await startChain({ k: 32 });
  const example = exampleNamed("ledger");
  const run = example.runs.medium;
  const program = link([{ name: "ledger", module: decodeModule(wasmOf(example)) }], {
    gateway: example.gateway,
    growth: "fixed",
  });
  const previous = new Machine(program).snapshot();
  const input = inputOf(run);
  const honest = new MachineExecution(program, previous, input);
  const start = performance.now();
  const steps = Number((await honest.claim()).steps);
  const claimMs = performance.now() - start;
  const before = honest.stepsRun;
  const judge = await deployJudge(chain.signers[7]);
  const client = await deployArbiter(chain.signers[7], judge.address, {
    ...chain.parameters,
    k: 32,
  });
  await registerProgram(client, program);
  const real = {
    ...chain,
    address: client.address,
    client,
    domain: { ...chain.domain, verifyingContract: client.address },
  };
  const results: Bill[] = [];
  let workMultiple = 0;
  for (const [address, part] of [0.13, 0.5, 0.91].entries()) {
    const step = Math.ceil(steps * part);
    const fresh = new MachineExecution(program, previous, input);
    await fresh.claim();
    const claimed = fresh.stepsRun;
    const faulty = new FaultyExecution(program, previous, input, {
      step,
      alter: (state) => flipMemory(state, address),
    });
    results.push(await bill(real as Chain, fresh, faulty));
    workMultiple = Math.max(workMultiple, (fresh.stepsRun - claimed) / steps);
  }
  return { results, workMultiple, steps, claimMs, before };
}

/** Steps and time of all that an honest party computes in a search for one step, over those of the plain call. */
async function longSearch() {
  const example = exampleNamed("sha256");
  const program = link([{ name: example.name, module: decodeModule(wasmOf(example)) }], {
    gateway: example.gateway,
    growth: "fixed",
  });
  const previous = new Machine(program).snapshot();
  const input = inputOf(example.runs.large);
  const runs: { callMs: number; searchMs: number; callSteps: number; searchSteps: number }[] = [];
  // The least of three runs each: other work on the machine only ever adds time.
  for (let run = 0; run < 3; run++) {
    const execution = new MachineExecution(program, previous, input);
    let start = performance.now();
    const end = (await execution.claim()).steps;
    const callMs = performance.now() - start;
    const callSteps = execution.stepsRun;
    start = performance.now();
    await searchFor(execution, { target: (end * 7n) / 11n, end }, 32);
    const searchMs = performance.now() - start;
    runs.push({ callMs, searchMs, callSteps, searchSteps: execution.stepsRun - callSteps });
  }
  const least = (of: (run: (typeof runs)[number]) => number) => Math.min(...runs.map(of));
  return {
    program: example.name,
    steps: runs[0].callSteps,
    stepMultiple: Number((runs[0].searchSteps / runs[0].callSteps).toFixed(4)),
    timeMultiple: Number(
      (least(({ searchMs }) => searchMs) / least(({ callMs }) => callMs)).toFixed(3),
    ),
    callMs: Math.round(least(({ callMs }) => callMs)),
  };
}

/** Runs of the call that any number of disputes about it cost in all, by their number (docs/game.md §7). */
async function overOneCall() {
  const example = exampleNamed("ledger");
  const program = link([{ name: "ledger", module: decodeModule(wasmOf(example)) }], {
    gateway: example.gateway,
    growth: "fixed",
  });
  const previous = new Machine(program).snapshot();
  const input = inputOf(example.runs.large);
  const runs: Record<string, number> = {};
  for (const count of [1, 2, 8, 32]) {
    const execution = new MachineExecution(program, previous, input);
    runs[count] = Number((await runsOfDisputes(execution, count, 32)).toFixed(4));
  }
  return runs;
}

async function table(extra: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const k of ks) {
    const chain = await startChain({ k });
    for (const exponent of exponents) {
      const steps = 2 ** exponent;
      const program = { steps, fuel: 1, name: 1000 * k + exponent };
      await registerToy(chain, program);
      const bills: Bill[] = [];
      for (const at of [1, Math.ceil(steps * 0.37), steps]) {
        const input = `0x${(at % 256).toString(16).padStart(2, "0").repeat(32)}`;
        const honest = new Simulation(program, toyGenesis(program), input);
        const faulty = new Simulation(program, toyGenesis(program), input, flippedFrom(at));
        bills.push(await bill(chain, honest, faulty));
      }
      const worst = (of: (b: Bill) => number) => Math.max(...bills.map(of));
      rows.push({
        n: `2^${exponent}`,
        steps,
        k,
        rounds: worst((b) => b.rounds),
        gasPerParty: worst((b) => b.challenger) + extra,
        gasOther: worst((b) => b.accused),
        gasPerMove: worst((b) => Math.max(...b.moves)),
      });
    }
    await chain.connection.close();
  }
  return rows;
}

async function simulatedBase(): Promise<Bill> {
  const chain = await startChain({ k: 32 });
  const program = { steps: 1024, fuel: 1, name: 1 };
  await registerToy(chain, program);
  const input = `0x${"22".repeat(32)}`;
  const honest = new Simulation(program, toyGenesis(program), input);
  return bill(chain, honest, new Simulation(program, toyGenesis(program), input, flippedFrom(400)));
}

const search = await longSearch();
const disputesOverOneCall = await overOneCall();
const peers = await peerGames();
const real = await realBill();
const simulated = await simulatedBase();
const worstReal = {
  open: Math.max(...real.results.map(({ open }) => open)),
  judge: Math.max(...real.results.map(({ judge }) => judge)),
};
const extra = worstReal.open - simulated.open + (worstReal.judge - simulated.judge);
const rows = await table(extra);
const longest = rows.filter(({ n }) => n === "2^40");
const best = longest.reduce((a, b) => (a.gasPerParty <= b.gasPerParty ? a : b));
const fewRounds = longest
  .filter(({ rounds }) => rounds <= goals.rounds)
  .reduce((a, b) => (a.gasPerParty <= b.gasPerParty ? a : b));
const pick = ({ k, gasPerParty, rounds, steps }: Row) => ({ k, gasPerParty, rounds, steps });
const result = {
  /** Least gas among those within the rounds' goal; `leastGas` without it. */
  best: pick(fewRounds),
  leastGas: pick(best),
  /** The worse of the steps' multiple over whole disputes and over one long search. */
  honestWorkMultiple: Math.max(Number(real.workMultiple.toFixed(4)), search.stepMultiple),
  search,
  disputesOverOneCall,
  /** One call in our game and in other people's (docs/adapters.md section 5). */
  peers,
  real: { ...worstReal, steps: real.steps },
  goals,
  table: rows,
};

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  console.table(rows);
  console.log(`best within ${goals.rounds} rounds at n = 2^40:`, result.best);
  console.log("least gas at n = 2^40:", result.leastGas);
  console.log(`real judge: opening ${worstReal.open}, judging ${worstReal.judge} gas`);
  console.log(
    `honest party's work for a dispute: ${result.honestWorkMultiple} of one execution's steps`,
  );
  console.log("runs of a call for so many disputes about it:", disputesOverOneCall);
  console.table(peers);
  console.log(
    `in time, over ${search.steps} steps of ${search.program}: ${search.timeMultiple} of ${search.callMs} ms`,
  );
}
