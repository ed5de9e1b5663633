/** Random lists of WASI calls (pinned seeds): error numbers and results are those of node:wasi, but for what is listed here. */
import { expect, test } from "vitest";
import { Random } from "../differential/random.ts";
import { callPacked, callUnderNode } from "./calls.ts";
import { callText, randomCalls, resultText } from "./randomCalls.ts";

const seeds = Array.from({ length: 100 }, (_, index) => 1000 + index);
const callsOfOne = 80;
const files = [{ path: "/file", bytes: new TextEncoder().encode("contents of a packed file") }];

/** `call: node's result / ours`, and why ours is right or as right. */
const differences: readonly { readonly line: RegExp; readonly because: string }[] = [
  {
    line: /^(path_|fd_readdir).*: error 76 \/ error 54$/,
    because: "no directory, whatever its rights",
  },
  { line: /^path_.* 1000 0.*: error 28 \/ error 44$/, because: "an empty path names nothing" },
  {
    line: /^path_.*"\/a".*: error \d+ \/ error (63|44|54)$/,
    because: "an absolute path leads out",
  },
  {
    line: /^path_.*"[^"]*\.\.[^"]*".*: .* \/ error \d+$/,
    because: "node:wasi takes `..` from the text of the path, whatever stands before it",
  },
  {
    line: /^path_(rename|remove_directory).*"\.".*: .* \/ error 28$/,
    because: "POSIX: `.` is not removed or renamed",
  },
  {
    line: /^path_open.* (5|13) \d+ \d+ [01] \d+: .* \/ error 20$/,
    because: "POSIX: to make exclusively, nothing is there, a link neither; node:wasi follows it",
  },
  {
    line: /^path_rename.*: error (55|54) \/ error 31$/,
    because: "POSIX: the new name is that of a directory, the old one not",
  },
  {
    line: /^path_(rename|link).*: error (20|28|44) \/ error (54|63)$/,
    because: "which of two errors comes first: the old name's or the new one's",
  },
  {
    line: /^fd_p(read|write).*: error 28 \/ error (8|76)$/,
    because: "which of two errors comes first: the descriptor's or the offset's",
  },
];

// The kernel answers under node:wasi; others than Linux have other errors for names that end in a slash.
test.runIf(process.platform === "linux")("as under node:wasi", () => {
  const used = new Set<string>();
  const unexplained: string[] = [];
  let compared = 0;
  for (const seed of seeds) {
    const list = randomCalls(new Random(seed), callsOfOne);
    const [node, own] = [callUnderNode(list, { files }), callPacked(list, { files })];
    for (const [index, each] of list.calls.entries()) {
      const results = [node, own].map((results) => resultText(each, index, results));
      compared++;
      if (results[0] === results[1]) continue;
      const line = `${callText(each, list)}: ${results.join(" / ")}`;
      const reason = differences.find((difference) => difference.line.test(line))?.because;
      if (reason === undefined) unexplained.push(`seed ${seed}, call ${index}: ${line}`);
      else used.add(reason);
      // Where one of them did something, what comes after is done to other files.
      if (!results.every((result) => result.startsWith("error"))) break;
    }
  }
  expect(unexplained).toEqual([]);
  expect(differences.filter(({ because }) => !used.has(because))).toEqual([]);
  expect(compared).toBeGreaterThan(7000);
});
