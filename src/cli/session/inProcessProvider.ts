/**
 * An ethers provider of a chain in this process (EIP-1193): asks for its chain id once, remembers no answers, and hands
 * each request over at once, where ethers waits for others to send along and asks for the id again before each.
 *
 * Invariant: the chain is one and the same as long as the provider lives.
 */
import { BrowserProvider, type Eip1193Provider, type JsonRpcApiProviderOptions } from "ethers";

export class InProcessProvider extends BrowserProvider {
  #requests = 0;

  constructor(chain: Eip1193Provider, options: JsonRpcApiProviderOptions = {}) {
    super(chain, undefined, { ...options, cacheTimeout: -1, staticNetwork: true });
  }

  override async send(
    method: string,
    params: unknown[] | Record<string, unknown>,
  ): ReturnType<BrowserProvider["send"]> {
    this._start();
    const payload = { id: ++this.#requests, jsonrpc: "2.0", method, params } as const;
    const [answer] = await this._send(payload);
    if ("error" in answer) throw this.getRpcError(payload, answer);
    return answer.result;
  }
}
