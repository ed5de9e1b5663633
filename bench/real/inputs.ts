/**
 * What the real programs are given: source texts, a drawing, bytes, written by rule so that they are the same every
 * time and nothing need be downloaded.
 *
 * Invariant: a pure function of the arguments; the short ones are as small as a demonstration, the others take a host a
 * second (`programs.ts`).
 */

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join("");

/** Bytes that compress about as well as logs: runs that come again, changed here and there, and words between. */
export function compressible(length: number): Uint8Array {
  const data = new Uint8Array(length);
  for (let index = 0, seed = 1; index < data.length; index++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    data[index] =
      index % 64 < 40 ? data[Math.max(0, index - 1024)] ^ (seed >>> 31) : 97 + ((seed >>> 16) % 20);
  }
  return data;
}

const rubyUnit = (index: number) =>
  `class A${index} < B\n  attr_reader :x\n  def f${index}(a, b = ${index}, *c, k: 1)\n    @x = [a, *c].map { |v| v * b + "s#{v}\\n".size } if k > 0\n    case a when Integer then a ** 2 else yield(a) end\n  rescue E => e\n    raise "no #{e.message}"\n  end\nend\n`;

export const rubyClasses = (count: number): string => times(count, rubyUnit);

/** Files of a project, each with another mixture of what Ruby has to be parsed. */
export function rubyFiles(files: number, units: number): string[] {
  const kinds: readonly ((index: number) => string)[] = [
    rubyUnit,
    (index) =>
      `module M${index}\n  LIST${index} = %w[a b c${index}].freeze\n  PATTERN = /\\A(?<key>[a-z]+)${index}:\\s*(.*)\\z/mi\n  def self.call(**options, &block)\n    options.each_with_object({}) { |(k, v), all| all[k.to_sym] = v&.to_s || "none#{k}" }\n  end\nend\n`,
    (index) =>
      `def walk${index}(node, depth: 0)\n  return enum_for(:walk${index}, node) unless block_given?\n  while depth < ${index % 17} && !node.nil?\n    yield node, (depth += 1)\n    node = node.left || node.right\n  end\n  begin\n    Integer(node.value, 10)\n  rescue ArgumentError, TypeError => error\n    warn <<~TEXT\n      no number in #{node.inspect} at ${index}: #{error.full_message(highlight: false)}\n    TEXT\n  ensure\n    @seen[${index}] ||= depth\n  end\nend\n`,
    (index) =>
      `Point${index} = Struct.new(:x, :y) do\n  def +(other) = Point${index}.new(x + other.x, y + other.y)\n  def <=>(other)\n    case [self, other]\n    in [{x: Integer => a}, {x: Integer => b}] if a != b then a <=> b\n    in [_, nil] then 1\n    else [x, y] <=> other.to_a\n    end\n  end\nend\n# ${index}: ${"why it is so ".repeat(index % 5)}\n`,
  ];
  return Array.from({ length: files }, (_, file) =>
    times(units, (index) => kinds[(index * (file + 3) + file) % kinds.length](index + file)),
  );
}

/** Overlapping curves under a gradient, some of them blurred. */
export function drawing(pixels: number, blurred: number, plain: number): string {
  const shape = (index: number) =>
    `<path d="M${(index * 3) % 500} ${(index * 7) % 500} q 60 ${index % 90} 90 10 t ${index % 70} 80 z" fill="url(#g)" stroke="#${((index * 4099) % 4096).toString(16).padStart(3, "0")}" stroke-width="${1 + (index % 4)}" opacity="0.${1 + (index % 9)}"/>`;
  const gradient = `<radialGradient id="g"><stop offset="0" stop-color="#fa3"/><stop offset="1" stop-color="#04c" stop-opacity="0.4"/></radialGradient>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${pixels}" height="${pixels}"><defs>${gradient}<filter id="b"><feGaussianBlur stdDeviation="3"/></filter></defs><g filter="url(#b)">${times(blurred, shape)}</g>${times(plain, (index) => shape(index * 13))}</svg>`;
}

export const typescript = (count: number): string =>
  times(
    count,
    (index) =>
      `export interface I${index} { a: number; b?: string }\nexport async function f${index}(x: I${index}, ...rest: string[]): Promise<number> { const { a, b = "q${index}" } = x; let sum = a ?? ${index}; for (const r of rest) { if (r?.length > ${index}) sum += r.length * 2; else sum -= 1 } return sum + (b ? b.length : 0) }\nexport class C${index} extends Map<string, I${index}> { #p = ${index}; get p() { return this.#p ** 2 } }\n`,
  );

const words = `
const words = {}; let text = "";
for (let i = 0; i < 60000; i++) { const w = "w" + (i * 7919 % 977); words[w] = (words[w] || 0) + 1; if (i % 50 === 0) text += w + " "; }
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
const sorted = Object.keys(words).sort((a, b) => words[b] - words[a] || (a < b ? -1 : 1));`;

/** Counting words, a recursion, sorting, a pattern. */
export const shortJavascript = `${words}
JSON.stringify([fib(22), sorted.slice(0, 5), text.match(/w9\\d+/g).length, text.length])`;

/** The same and, `rounds` times, parsing, evaluating trees, JSON, maps, replacing by patterns, generators. */
export const javascript = (rounds: number): string => `${words}
class Parser {
  constructor(source) { this.tokens = source.match(/[0-9]+|[-+*\\/()]/g); this.at = 0; }
  sum() { let left = this.product(); while (this.tokens[this.at] === "+" || this.tokens[this.at] === "-") { const op = this.tokens[this.at++]; const right = this.product(); left = { op, left, right }; } return left; }
  product() { let left = this.atom(); while (this.tokens[this.at] === "*" || this.tokens[this.at] === "/") { const op = this.tokens[this.at++]; const right = this.atom(); left = { op, left, right }; } return left; }
  atom() { const token = this.tokens[this.at++]; if (token !== "(") return { value: +token }; const inner = this.sum(); this.at++; return inner; }
}
const evaluate = (node) => { if (node.value !== undefined) return node.value; const a = evaluate(node.left), b = evaluate(node.right); switch (node.op) { case "+": return a + b; case "-": return a - b; case "*": return a * b % 65521; default: return b === 0 ? a : a / b; } };
function* primes(limit) { const sieve = new Uint8Array(limit); for (let i = 2; i < limit; i++) { if (sieve[i]) continue; yield i; for (let j = i * i; j < limit; j += i) sieve[j] = 1; } }
let total = 0;
for (let round = 0; round < ${rounds}; round++) {
  let source = String(round + 1);
  for (let i = 1; i < 120; i++) source = i % 7 === 0 ? "(" + source + ")*" + i : source + "+-*"[i % 3] + (i * round % 97 + 1);
  total += evaluate(new Parser(source).sum());
  const people = Array.from({ length: 150 }, (_, id) => ({ id, name: sorted[(id * 31 + round) % sorted.length], tags: [id % 7, id % 11], at: { x: id * round % 101, y: id / 3 } }));
  const copy = JSON.parse(JSON.stringify(people));
  const byName = new Map(); for (const one of copy) { const known = byName.get(one.name) ?? []; known.push(one); byName.set(one.name, known); }
  total += [...byName.values()].map((list) => list.reduce((sum, { at: { x, y } }) => sum + x * y, 0)).sort((a, b) => a - b)[round % byName.size];
  total += text.replace(/w(\\d)(\\d*)/g, (_, a, b) => b + a).split(" ").length;
  for (const prime of primes(4000)) total = (total * 31 + prime) % 1000003;
}
JSON.stringify([fib(22), Math.round(total)])`;
