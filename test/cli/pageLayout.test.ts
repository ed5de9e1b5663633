/**
 * The pages that commands write, laid out by Chromium as on a phone: nothing makes the page scroll sideways, what is marked
 * is marked to its end, and what is printed is there.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { newNode } from "../../src/cli/session/profiler.ts";
import { flameGraphHtml } from "../../src/cli/terminal/flameGraph.ts";
import { sourceLines } from "../../src/game/report/sourceLines.ts";
import { style } from "../../src/game/report/style.ts";
import { chromium, evaluateOn } from "../node/chromium.ts";
import { temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

/** What an expression about `page`, a document 400 pixels wide, comes to. */
async function onPhone(html: string, expression: string): Promise<unknown> {
  const file = folder.file("phone.html");
  const quoted = html.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><iframe style="width:400px;border:0" srcdoc="${quoted}"></iframe>`,
  );
  const asked = `(() => {
    const page = document.querySelector("iframe").contentDocument;
    return page.readyState === "complete" && page.querySelector("main") ? JSON.stringify(${expression}) : "";
  })()`;
  return JSON.parse(await evaluateOn(pathToFileURL(file).href, asked, 60_000));
}

test.runIf(chromium !== undefined)(
  "a source line longer than its card › is marked to its end, and the page does not scroll",
  async () => {
    const lines = ["short", `${"a long line ".repeat(30)}`].map((text, i) => ({
      number: i + 1,
      text,
      isCurrent: i === 0,
    }));
    const source = sourceLines({ place: "x.c:1:1", lines }).text;
    const html = `<!doctype html><style>${style}</style><main><div class="card">${source}</div></main>`;
    const measured = await onPhone(
      html,
      `{
        marked: page.querySelector(".judged").getBoundingClientRect().width >=
          page.querySelector(".listing").scrollWidth - 1,
        scrolls: page.documentElement.scrollWidth > page.documentElement.clientWidth,
      }`,
    );
    expect(measured).toEqual({ marked: true, scrolls: false });
  },
  90_000,
);

test.runIf(chromium !== undefined)(
  "a flame graph › can be read on a phone, and says in a table what its boxes say",
  async () => {
    const root = newNode("all");
    const callee = newNode(`f${"<b>".repeat(100)}`);
    callee.fuel = 10;
    root.callees.set("f", callee);
    const measured = await onPhone(
      flameGraphHtml(root, "t".repeat(400)),
      `{
        scrolls: page.documentElement.scrollWidth > page.documentElement.clientWidth,
        picture: page.querySelector("svg").getBoundingClientRect().width >= 900,
        rows: [...page.querySelectorAll("tbody tr")].map((row) => row.cells.length),
        markup: page.querySelectorAll("b").length,
      }`,
    );
    expect(measured).toEqual({ scrolls: false, picture: true, rows: [5], markup: 0 });
  },
  90_000,
);
