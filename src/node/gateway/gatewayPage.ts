/**
 * The client's page as a gateway serves it: its HTML, and its script as one file.
 *
 * Invariant: the published package brings the script along (scripts/build.ts); a checkout makes it with the same
 * bundler and settings.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { palette } from "../../game/report/style.ts";

/** The page and its script. */
export interface ClientPage {
  readonly html: string;
  readonly script: string;
}

/** How the script is bundled, here and for the package. */
export const bundleOptions = {
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minify: true,
  write: false,
  logLevel: "silent",
} as const;

/** The page's script beside this file in the published package. */
const bundled = fileURLToPath(new URL("../client/page.bundle.js", import.meta.url));

/** The page. Throws where neither a bundle nor a bundler is there. */
export async function clientPage(): Promise<ClientPage> {
  if (existsSync(bundled)) return { html, script: readFileSync(bundled, "utf8") };
  const { build } = await import("esbuild");
  const entry = fileURLToPath(new URL("../client/clientPage.ts", import.meta.url));
  const { outputFiles } = await build({ ...bundleOptions, entryPoints: [entry] });
  return { html, script: outputFiles[0].text };
}

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>A client that trusts nobody</title>
<link rel="icon" href="data:,">
<style>${palette}
  main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
  label { display: inline-block; max-width: 100%; margin-bottom: .5rem; padding-right: 1rem; }
  input, button { font: inherit; max-width: 100%; }
  input { font-family: ui-monospace, monospace; }
  input[name=transaction], input[name=block] { width: 36rem; }
  input[type=number] { width: 8rem; }
  .results { overflow-x: auto; }
  th { color: var(--soft); font-weight: 500; text-align: left; }
  th, td { padding: .15rem .8rem .15rem 0; vertical-align: top; }
  .verified td:nth-child(3) { color: var(--right); }
  .answered td:nth-child(3) { color: var(--late); }
  .unchecked td:nth-child(3) { color: var(--soft); }
  .refused { background: #d13c3c22; } .refused td:nth-child(3) { color: var(--wrong); font-weight: 600; }
  td:last-child, code, #said { overflow-wrap: anywhere; }
</style>
<main>
<h1>A client that trusts nobody</h1>
<p>Sends a transaction to this gateway, waits for the block behind its block, and checks what comes back by the thirteen
steps of the Fluence Core paper (§5.4). What a step rests on stands beside it.</p>
<form id="form">
  <label>Transaction <input name="transaction" placeholder="0x…" required autocomplete="off" spellcheck="false"></label><br>
  <label>Memory <input name="memory" type="number" value="0" min="0" required></label>
  <label>Address <input name="address" type="number" value="0" min="0" required></label>
  <label>Bytes <input name="length" type="number" value="32" min="1" required></label>
  <label>Hash of an EVM block that you trust, for the deposits <input name="block" placeholder="0x…" autocomplete="off" spellcheck="false"></label><br>
  <button id="send">Send and check</button>
</form>
<p><strong id="said" role="status"></strong> <span id="time"></span></p>
<div class="results"><table><thead id="head" hidden><tr><th scope="col">step</th><th scope="col">what is checked</th><th scope="col">outcome</th><th scope="col">rests on</th></tr></thead><tbody id="steps"></tbody></table></div>
<p>Bytes in the state: <code id="bytes"></code></p>
</main>
<script type="module" src="/client.js"></script>
</html>
`;
