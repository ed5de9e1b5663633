/**
 * Gas of single steps on a real chain's terms: whole transactions to the judge, with the price of their calldata
 * (EIP-7623) and the limits of an Ethereum block, on an embedded chain.
 */
import { Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";
import { judgeFamilies } from "../src/game/chain/deploy.ts";
import { step } from "../src/interpreter/blocks/runSteps.ts";
import {
  executedRow,
  type InstructionFeature,
  type InstructionRow,
} from "../src/interpreter/isa/table.ts";
import { instructionBytes } from "../src/interpreter/program/program.ts";
import { type MachineState, statusCodes } from "../src/interpreter/state/machineState.ts";
import { StateTree } from "../src/merkle/index.ts";
import { fullSteps } from "./fullTrees.ts";
import { benchProgram } from "./gasProgram.ts";

export interface GasSample {
  readonly mnemonic: string;
  readonly family: string;
  /** Gas of the whole transaction. */
  readonly gas: number;
  /** What its calldata alone makes it cost at least: 21,000 and 10 or 40 a byte. */
  readonly floor: number;
  readonly witnessBytes: number;
}

export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly worst: number;
  /** Median of the floors: no judge could be cheaper with these witnesses. */
  readonly floor: number;
}

/** Its own spread is that of all steps but those of vector instructions. */
export interface GasReport extends Spread {
  readonly vectors: Spread;
  readonly families: Readonly<Record<string, Spread>>;
  readonly instructions: Readonly<Record<string, Spread>>;
  /** Steps made to be expensive: part of `worst`, of no family. */
  readonly extremes: Readonly<Record<string, Spread>>;
  /** Deployed bytes by contract. */
  readonly contracts: Readonly<Record<string, number>>;
  readonly programInstructions: number;
  readonly memoryBytes: number;
  readonly steps: number;
}

const transactionGas = 16_000_000;
const zeroByteFloor = 10;
const byteFloor = 40;
const baseGas = 21_000;

interface Provider {
  request(args: { method: string; params: unknown[] }): Promise<unknown>;
}

interface Receipt {
  readonly contractAddress: string;
  readonly gasUsed: string;
  readonly status: string;
}

class Chain {
  readonly #provider: Provider;
  readonly #from: string;

  constructor(provider: Provider, from: string) {
    this.#provider = provider;
    this.#from = from;
  }

  static async create(): Promise<Chain> {
    const { provider } = await hre.network.create({ network: "default" });
    const [from] = (await provider.request({ method: "eth_accounts" })) as string[];
    return new Chain(provider as Provider, from);
  }

  async send(data: string, to?: string): Promise<Receipt> {
    const gas = `0x${transactionGas.toString(16)}`;
    const transaction = { from: this.#from, data, gas, ...(to === undefined ? {} : { to }) };
    const hash = await this.#provider.request({
      method: "eth_sendTransaction",
      params: [transaction],
    });
    const receipt = (await this.#provider.request({
      method: "eth_getTransactionReceipt",
      params: [hash],
    })) as Receipt;
    if (receipt.status !== "0x1") throw new Error("expected a transaction that succeeds");
    return receipt;
  }

  async deploy(name: string, args: readonly unknown[] = []): Promise<string> {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    const encoded = new Interface(abi as InterfaceAbi).encodeDeploy(args).slice(2);
    return (await this.send(bytecode + encoded)).contractAddress;
  }

  async deployJudge(): Promise<string> {
    const families: Record<string, string> = {};
    for (const [field, name] of Object.entries(judgeFamilies)) {
      families[field] = await this.deploy(name);
    }
    return this.deploy("StepJudge", [families]);
  }
}

export function calldataFloor(data: string): number {
  let gas = baseGas;
  for (let i = 2; i < data.length; i += 2) {
    gas += data.startsWith("00", i) ? zeroByteFloor : byteFloor;
  }
  return gas;
}

function rowAt(state: MachineState): InstructionRow {
  const { code } = state.program;
  const at = state.pc * instructionBytes;
  const row = executedRow((code[at] << 8) | code[at + 1]);
  if (row === undefined) throw new RangeError(`expected an instruction at pc ${state.pc}`);
  return row;
}

const extreme = "extreme";

/** Under which names a step is counted: its row's, or one of its own for a branch that moves very many values. */
function sampleNames(state: MachineState): { mnemonic: string; family: string } {
  const { mnemonic, family } = rowAt(state);
  const { code } = state.program;
  const carried = new DataView(code.buffer, code.byteOffset).getUint32(
    state.pc * instructionBytes + 12,
  );
  if (mnemonic !== "br" || carried < 16) return { mnemonic, family };
  return { mnemonic: `br with ${carried} values`, family: extreme };
}

const spreadOf = (samples: readonly GasSample[]): Spread => {
  const sorted = samples.map(({ gas }) => gas).sort((a, b) => a - b);
  const floors = samples.map(({ floor }) => floor).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return {
    minimum: sorted[0],
    median: sorted[middle],
    worst: sorted[sorted.length - 1],
    floor: floors[middle],
  };
};

function grouped(
  samples: readonly GasSample[],
  key: (sample: GasSample) => string,
): Record<string, Spread> {
  const groups = Map.groupBy(samples, key);
  return Object.fromEntries([...groups].map(([name, group]) => [name, spreadOf(group)]));
}

async function contractSizes(): Promise<Record<string, number>> {
  const names = ["StepJudge", ...Object.values(judgeFamilies)];
  const sizes = names.map(async (name) => {
    const { deployedBytecode } = await hre.artifacts.readArtifact(name);
    return [name, (deployedBytecode.length - 2) / 2] as const;
  });
  return Object.fromEntries(await Promise.all(sizes));
}

const vectorFeatures: ReadonlySet<InstructionFeature> = new Set(["simd", "relaxedSimd"]);

/** Measures up to `perInstruction` steps of each instruction of the bench program. */
export async function gasReport(perInstruction: number): Promise<GasReport> {
  const chain = await Chain.create();
  const judge = await chain.deployJudge();
  const { abi } = await hre.artifacts.readArtifact("StepJudge");
  const judgeInterface = new Interface(abi as InterfaceAbi);
  const samples: GasSample[] = [];
  const counts = new Map<string, number>();

  async function measure(
    state: MachineState,
    isMeasured: (row: InstructionRow) => boolean = () => true,
  ): Promise<void> {
    const tree = new StateTree(state);
    while (state.status === statusCodes.running) {
      const { mnemonic, family } = sampleNames(state);
      const count = counts.get(mnemonic) ?? 0;
      if (count < perInstruction && isMeasured(rowAt(state))) {
        counts.set(mnemonic, count + 1);
        const witness = tree.witness();
        const data = judgeInterface.encodeFunctionData("step", [tree.stateHash(), witness]);
        const { gasUsed } = await chain.send(data, judge);
        const floor = calldataFloor(data);
        const gas = Number(gasUsed);
        samples.push({ mnemonic, family, gas, floor, witnessBytes: witness.length });
      }
      step(state);
    }
  }

  const { state, instructions, memoryBytes } = benchProgram("unreachable");
  await measure(state);
  for (const ending of ["host.unknown", "host.exit"] as const) {
    await measure(benchProgram(ending).state, (row) => row.mnemonic === ending);
  }
  const before = samples.length;
  await measure(benchProgram("vectors").state, ({ feature }) => vectorFeatures.has(feature));
  const ofVectors = samples.slice(before);
  // Atomic instructions stand behind the vectors in their program.
  await measure(benchProgram("vectors").state, ({ feature }) => feature === "threads");
  for (const { name, preState, witness } of fullSteps()) {
    const data = judgeInterface.encodeFunctionData("step", [preState, witness]);
    const { gasUsed } = await chain.send(data, judge);
    const [gas, floor] = [Number(gasUsed), calldataFloor(data)];
    samples.push({ mnemonic: name, family: extreme, gas, floor, witnessBytes: witness.length });
  }
  const ordinary = samples.filter(({ family }) => family !== extreme);
  const extremes = samples.filter(({ family }) => family === extreme);
  return {
    ...spreadOf(samples.filter((sample) => !ofVectors.includes(sample))),
    vectors: spreadOf(ofVectors),
    families: grouped(ordinary, ({ family }) => family),
    instructions: grouped(ordinary, ({ mnemonic }) => mnemonic),
    extremes: grouped(extremes, ({ mnemonic }) => mnemonic),
    contracts: await contractSizes(),
    programInstructions: instructions,
    memoryBytes,
    steps: samples.length,
  };
}
