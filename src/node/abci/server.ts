/**
 * An ABCI 2.0 server over a socket (CometBFT 0.38, spec/abci): CometBFT opens four connections, for consensus, mempool,
 * queries and snapshots, and each is answered in the order of its requests.
 *
 * Invariant: answers are written out when a `flush` is asked for, as CometBFT waits for it; a request that fails is
 * answered with an exception, which stops CometBFT, and the connection ends: a worker that cannot tell must not vote.
 */
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { Request, Response } from "cosmjs-types/tendermint/abci/types";
import { lengthPrefix, MessageReader } from "./messageStream.ts";

type Handled = Exclude<keyof Request, "echo" | "flush">;
/** An answer with the fields that differ from protobuf's defaults. */
type Answer<K extends Handled> = Partial<NonNullable<Response[K]>>;

/** What answers CometBFT's requests, by their names. */
export type AbciApplication = {
  readonly [K in Handled]?: (request: NonNullable<Request[K]>) => Answer<K> | Promise<Answer<K>>;
};

const handledKinds = [
  "info",
  "initChain",
  "query",
  "checkTx",
  "commit",
  "listSnapshots",
  "offerSnapshot",
  "loadSnapshotChunk",
  "applySnapshotChunk",
  "prepareProposal",
  "processProposal",
  "extendVote",
  "verifyVoteExtension",
  "finalizeBlock",
] as const satisfies readonly Handled[];

/** Where the server listens, and who is told what fails. */
export interface AbciServerOptions {
  /** `{ host, port }` or `{ path }` of a unix socket. */
  readonly listen: ListenOptions;
  readonly onError?: (error: unknown, request: string) => void;
}

/** Starts a server; resolves once it listens. */
export function serveAbci(
  application: AbciApplication,
  { listen, onError = () => {} }: AbciServerOptions,
): Promise<Server> {
  const server = createServer((socket) => serveConnection(application, socket, onError));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(listen, () => resolve(server));
  });
}

function serveConnection(
  application: AbciApplication,
  socket: Socket,
  onError: (error: unknown, request: string) => void,
): void {
  socket.setNoDelay(true);
  const reader = new MessageReader();
  const waiting: Uint8Array[] = [];
  const written: Uint8Array[] = [];
  let isBusy = false;
  let hasFailed = false;
  const write = (response: Partial<Response>): void => {
    const bytes = Response.encode(Response.fromPartial(response)).finish();
    written.push(lengthPrefix(bytes.length), bytes);
  };
  const flush = (): void => {
    socket.write(Buffer.concat(written));
    written.length = 0;
  };
  const fail = (error: unknown, request: string): void => {
    hasFailed = true;
    onError(error, request);
    const text = error instanceof Error ? error.message : String(error);
    write({ exception: { error: text } });
    flush();
    waiting.length = 0;
    socket.end();
  };
  const work = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    let kind = "request";
    try {
      for (let bytes = waiting.shift(); bytes !== undefined; bytes = waiting.shift()) {
        const request = Request.decode(bytes);
        kind = handledKinds.find((name) => request[name] !== undefined) ?? "request";
        if (request.flush !== undefined) {
          write({ flush: {} });
          flush();
        } else if (request.echo !== undefined) {
          write({ echo: request.echo });
        } else write(await answered(application, request));
      }
    } catch (error) {
      fail(error, kind);
    }
    isBusy = false;
  };
  socket.on("data", (bytes: Uint8Array) => {
    // Behind an exception nothing is done any more: a block, say, whose application has failed.
    if (hasFailed) return;
    try {
      waiting.push(...reader.push(bytes));
    } catch (error) {
      fail(error, "request");
      return;
    }
    void work();
  });
  socket.on("error", (error) => onError(error, "connection"));
}

async function answered(
  application: AbciApplication,
  request: Request,
): Promise<Partial<Response>> {
  for (const kind of handledKinds) {
    const asked = request[kind];
    if (asked === undefined) continue;
    const handle = application[kind] as
      | ((of: typeof asked) => object | Promise<object>)
      | undefined;
    return { [kind]: (await handle?.(asked)) ?? {} };
  }
  throw new TypeError("expected a request of ABCI 2.0");
}
