/** A chain of this process, over HTTP: for commands that name one by --rpc. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InProcessProvider } from "../../src/cli/session/inProcessProvider.ts";
import { freshChain } from "../freshChain.ts";

export async function startHttpChain() {
  const connection = await freshChain();
  const provider = new InProcessProvider(connection.provider);
  const answer = async ({ id, method, params }: Asked) => {
    try {
      return { jsonrpc: "2.0", id, result: await connection.provider.request({ method, params }) };
    } catch (error) {
      const { code, message, data } = error as { code: number; message: string; data?: unknown };
      return { jsonrpc: "2.0", id, error: { code, message, data } };
    }
  };
  const node = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const asked = JSON.parse(Buffer.concat(chunks).toString());
    const answers = await Promise.all([asked].flat().map(answer));
    response.end(JSON.stringify(Array.isArray(asked) ? answers : answers[0]));
  });
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  return {
    provider,
    url: `http://127.0.0.1:${(node.address() as AddressInfo).port}`,
    async close() {
      provider.destroy();
      node.close();
      await connection.close();
    },
  };
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: unknown[];
}
