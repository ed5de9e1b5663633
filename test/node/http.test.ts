/**
 * HTTP of a node's processes: whatever a stranger sends, the request alone fails, and it gets an answer.
 */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HttpServer, serveHttp } from "../../src/node/http.ts";

let server: HttpServer;
const failures: unknown[] = [];

beforeAll(async () => {
  server = await serveHttp({
    host: "127.0.0.1",
    port: 0,
    mostBytes: 100,
    routes: {
      "GET /here": () => ({ json: { here: true } }),
      "PUT /things/*": ({ parts, body }) => ({ json: { name: parts[0], length: body.length } }),
      // A fault of the node's own: JSON has no such numbers.
      "GET /unwritable": () => ({ json: 1n }),
    },
    onError: (error) => failures.push(error),
  });
});

afterAll(() => server.close());

/** The status of the answer to bytes as they are. */
async function statusOf(request: string): Promise<number> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.write(request);
  return Number((await text(socket)).split(" ")[1]);
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

test.each([
  ["//", 400],
  ["//[", 400],
  ["/\\", 400],
  ["http://[", 400],
  ["http://a:99999/here", 400],
  ["/things/%", 404],
  ["*", 404],
  ["/here", 200],
  ["http://elsewhere/here", 200],
  ["/here?a=%", 200],
])("GET %s is answered with %i", async (path, status) => {
  expect(await statusOf(get(path))).toBe(status);
  expect(await statusOf(get("/here"))).toBe(200);
});

test("a part of the path that is no text is the asker's fault", async () => {
  const head = "PUT /things/%ff HTTP/1.1\r\nhost: a\r\nconnection: close\r\n";
  expect(await statusOf(`${head}content-length: 0\r\n\r\n`)).toBe(400);
});

test("an answer that cannot be written down is a failure, with an answer", async () => {
  expect(await statusOf(get("/unwritable"))).toBe(500);
  expect(failures.pop()).toBeInstanceOf(TypeError);
});
