/**
 * HTTP as a node's processes speak it: a few routes, bodies of bounded length, errors as JSON with their code.
 *
 * Invariant: a request that fails gets an answer and ends nothing but itself; what is told of a failure is what the
 * asker did wrong, never what the machine looks like inside.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HistoryError } from "../history/index.ts";
import { NodeError } from "./nodeError.ts";

/** What a handler gets. */
export interface HttpRequest {
  readonly url: URL;
  /** Parts of the path that the route left open. */
  readonly parts: readonly string[];
  readonly body: Uint8Array;
}

/** What it answers: JSON, or bytes of a type. */
export type HttpAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status?: number; readonly type: string; readonly bytes: Uint8Array | string };

/** A method and a path in which `*` stands for one part, and what answers it. */
export type Routes = Readonly<
  Record<string, (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>>
>;

/** Where it listens, and what it takes. */
export interface HttpOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly routes: Routes;
  /** Longest body, 1 MiB unless given. */
  readonly mostBytes?: number;
  readonly onError?: (error: unknown, path: string) => void;
}

/** A running server. */
export interface HttpServer {
  /** As `http://127.0.0.1:8080`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Thrown by a handler: the asker is told. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}

const keepAliveMs = 75_000;

/** Starts a server; resolves once it listens. */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void answer(options, request, response);
  });
  // Longer than askers keep connections, or one closes just as the next request comes.
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function answer(
  { routes, mostBytes = 2 ** 20, onError = () => {} }: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
  if (request.method === "OPTIONS") {
    response.writeHead(204, { ...cors, "access-control-allow-methods": "GET, POST, PUT" }).end();
    return;
  }
  try {
    const url = urlOf(request);
    const found = routeOf(routes, request.method ?? "GET", url.pathname);
    if (found === undefined) throw new HttpError(404, `there is nothing at ${url.pathname}`);
    const body = await bodyOf(request, mostBytes);
    const said = await found.handle({ url, parts: found.parts, body });
    const isJson = "json" in said;
    const type = isJson ? "application/json" : said.type;
    // Before the head: what cannot be written down is a failure that gets an answer.
    const bytes = isJson ? JSON.stringify(said.json) : said.bytes;
    response.writeHead(said.status ?? 200, { ...cors, "content-type": type });
    response.end(bytes);
  } catch (error) {
    const { status, code, message } = failureOf(error);
    if (status >= 500) onError(error, request.url ?? "/");
    response.writeHead(status, { ...cors, "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code, message } }));
  }
}

/** What is asked for: a line that names no place, as `//`, is the asker's fault. */
function urlOf({ url = "/" }: IncomingMessage): URL {
  const found = URL.parse(url, "http://node");
  if (found === null) throw new HttpError(400, "expected a path");
  return found;
}

function routeOf(routes: Routes, method: string, path: string) {
  for (const [route, handle] of Object.entries(routes)) {
    const [wanted, pattern] = route.split(" ");
    const parts = path.split("/");
    const expected = pattern.split("/");
    const isHere =
      wanted === method &&
      parts.length === expected.length &&
      expected.every((part, index) => part === "*" || part === parts[index]);
    if (!isHere) continue;
    const open = parts.filter((_, index) => expected[index] === "*").map(decodeURIComponent);
    return { handle, parts: open };
  }
  return undefined;
}

async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > mostBytes) throw new HttpError(413, `at most ${mostBytes} bytes are taken`);
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** What an asker is answered to a node's failures; 502 to all others. */
const statuses: Readonly<Record<string, number>> = {
  "state-gone": 404,
  "content-missing": 404,
  "content-refused": 403,
  "node-busy": 503,
};

function failureOf(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof HttpError) {
    return { status: error.status, code: "request", message: error.message };
  }
  if (error instanceof NodeError) {
    const { code, message } = error;
    return { status: statuses[code] ?? 502, code, message };
  }
  if (error instanceof HistoryError) {
    return { status: 400, code: error.code, message: error.message };
  }
  if (error instanceof RangeError || error instanceof URIError) {
    return { status: 400, code: "request", message: error.message };
  }
  return { status: 500, code: "internal", message: "the node failed; its log says how" };
}
