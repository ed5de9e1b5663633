/**
 * An embedded chain for the judge's tests: deploys compiled contracts and makes calls without the usual limits, so
 * that thousands of operations fit one call. The limits of a real chain are the gas bench's business.
 */
import { getAddress, Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";
import { freshChain } from "../freshChain.ts";

/** Gas of one batched call; far above what a block may hold. */
export const callGas = 30_000_000_000n;

export interface Contract {
  readonly address: string;
  /** Calls a function of the contract; its decoded results, or the error that the call reverted with. */
  call(name: string, args: readonly unknown[]): Promise<readonly unknown[]>;
  /** Calls a function with arguments that are encoded already, in hex; what it gives, in hex. For megabytes, which `call` is slow on. */
  callEncoded(name: string, args: string): Promise<string>;
}

export interface Chain {
  deploy(name: string, args?: readonly unknown[]): Promise<Contract>;
}

/** A JSON-RPC request to a node. */
export type Request = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** A chain behind a node without the usual limits, which mines every transaction at once. */
export async function chainOver(request: Request): Promise<Chain> {
  const [from] = (await request("eth_accounts", [])) as string[];
  const gas = `0x${callGas.toString(16)}`;

  async function deploy(name: string, args: readonly unknown[] = []): Promise<Contract> {
    const artifact = await hre.artifacts.readArtifact(name);
    const abi = new Interface(artifact.abi as InterfaceAbi);
    const data = artifact.bytecode + abi.encodeDeploy(args).slice(2);
    const hash = await request("eth_sendTransaction", [{ from, data, gas: "0x5f5e100" }]);
    const receipt = (await request("eth_getTransactionReceipt", [hash])) as {
      contractAddress: string;
      status: string;
    };
    if (receipt.status !== "0x1") throw new Error(`deploying ${name} failed`);
    const address = getAddress(receipt.contractAddress);
    const answer = async (data: string) => {
      return (await request("eth_call", [{ from, to: address, data, gas }, "latest"])) as string;
    };
    return {
      address,
      async call(method, values) {
        const result = await answer(abi.encodeFunctionData(method, values));
        return [...abi.decodeFunctionResult(method, result)];
      },
      async callEncoded(method, values) {
        const selector = abi.getFunction(method)?.selector;
        if (selector === undefined) throw new RangeError(`expected a function, got ${method}`);
        return (await answer(selector + values)).slice(2);
      },
    };
  }
  return { deploy };
}

export async function embeddedChain(): Promise<Chain> {
  const { provider } = await freshChain({
    network: "default",
    override: {
      allowUnlimitedContractSize: true,
      blockGasLimit: callGas,
      transactionGasCap: callGas,
      initialBaseFeePerGas: 0,
    },
  });
  return chainOver((method, params) => provider.request({ method, params: [...params] }));
}
