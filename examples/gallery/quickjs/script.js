// What the engine runs: closures, classes, generators, regular expressions, JSON, typed arrays, sorting.
class Matrix {
  constructor(size, at) {
    this.size = size;
    this.cells = Float64Array.from({ length: size * size }, (_, i) =>
      at(Math.floor(i / size), i % size),
    );
  }
  times(other) {
    const { size } = this;
    return new Matrix(size, (i, j) => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += this.cells[i * size + k] * other.cells[k * size + j];
      return sum;
    });
  }
}
function* primes() {
  const found = [];
  for (let n = 2; ; n++) {
    if (found.every((p) => n % p !== 0)) {
      found.push(n);
      yield n;
    }
  }
}
const few = [];
for (const p of primes()) {
  if (few.push(p) === 400) break;
}
const a = new Matrix(24, (i, j) => Math.sin(i * 24 + j));
let power = a;
for (let i = 0; i < 6; i++) power = power.times(a);
const words = "the quick brown fox jumps over the lazy dog".replace(
  /\b(\w)(\w*)/g,
  (_, f, r) => f.toUpperCase() + r,
);
print(words.split(" ").sort().join(" "));
print(
  JSON.stringify({
    last: few.at?.(-1) ?? few[few.length - 1],
    trace: power.cells[0].toPrecision(12),
  }),
);
print(
  [3, 1, 2]
    .map((x) => x ** 2)
    .reverse()
    .toString(),
  typeof BigInt,
  [..."naïve"].length,
);
