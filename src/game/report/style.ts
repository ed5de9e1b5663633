/**
 * The report's style sheet, and the colours that all pages of the project share: light and dark by the reader's
 * preference, readable in print and on a phone.
 *
 * Invariant: what does not fit is scrolled to inside its card, and printed whole; the page itself never scrolls sideways.
 */

/** Colours and type of a page. */
export const palette = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--page:#fbfcfd;--card:#fff;--line:#dfe4ea;--accent:#2f6fdd;--right:#177e4b;--wrong:#c93434;--late:#8a6100;--zoom:#2f6fdd1c}
@media (prefers-color-scheme:dark){:root{--ink:#e4e9f0;--soft:#98a4b5;--page:#12161c;--card:#1a2029;--line:#2c3643;--accent:#6ea3ff;--right:#45c486;--wrong:#ff7474;--late:#e0b04a;--zoom:#6ea3ff22}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,sans-serif}
`;

/** The report's own. */
export const style = `${palette}
main{max-width:980px;margin:0 auto;padding:32px 20px 64px}h1{font-size:26px;line-height:1.25;margin:0 0 6px}h2{font-size:18px;margin:36px 0 10px}
p{margin:6px 0}.soft{color:var(--soft)}.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th{color:var(--soft);font-weight:500;text-align:left}th,td{padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}.n{text-align:right}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}code{overflow-wrap:anywhere}
.right{color:var(--right);fill:var(--right)}.wrong{color:var(--wrong);fill:var(--wrong)}.strong{font-weight:600}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}svg text.strong{fill:var(--ink)}.cross{fill:none;stroke:var(--wrong);stroke-width:2.5}.bar{fill:var(--line)}.next{fill:var(--accent)}.zoom{fill:var(--zoom)}
.listing{margin:0;width:max-content;min-width:100%}.listing div{padding:1px 10px;white-space:pre}.listing .judged{background:var(--zoom);border-left:3px solid var(--accent);padding-left:7px;font-weight:600}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:10px;margin:18px 0}.fact{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}.fact b{display:block;font-size:19px}.fact span{color:var(--soft);font-size:13px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0}dt{font-weight:600}dd{margin:0;color:var(--soft)}
.stack{margin:8px 0;padding-left:24px}.stack li{padding:1px 0}.values td:first-child{color:var(--soft)}
details{margin:6px 0}summary{cursor:pointer;color:var(--soft)}.track{background:var(--line);border-radius:4px;height:8px;min-width:120px}.track i{display:block;height:8px;border-radius:4px;background:var(--accent)}
@media screen and (max-width:700px){.card>svg{min-width:640px}.card>table,.card details table{min-width:560px}}
@media print{.card{overflow:visible}.fact,tr,svg{break-inside:avoid}h2{break-after:avoid}.listing{width:auto}.listing div{white-space:pre-wrap;overflow-wrap:anywhere}.track,.track i,.judged{print-color-adjust:exact;-webkit-print-color-adjust:exact}details::details-content{content-visibility:visible;display:block;height:auto}}
`;
