/* A program small enough that every byte of its debugging data can be changed: a loop, calls, calls inlined twice over. */
__attribute__((import_module("arbiter"), import_name("input_size"))) unsigned inputSize(void);

static unsigned table[16] = {3, 1, 4, 1, 5};

static inline __attribute__((always_inline)) unsigned square(unsigned x) {
  return x * x ^ table[x & 15];
}

static inline __attribute__((always_inline)) unsigned squares(unsigned from, unsigned to) {
  unsigned sum = 0;
  for (unsigned i = from; i < to; i++)
    sum += square(i) + square(i + 1);
  return sum;
}

__attribute__((noinline)) static void store(unsigned at, unsigned value) {
  table[at & 15] = value;
}

__attribute__((export_name("gateway"))) unsigned gateway(void) {
  unsigned size = inputSize();
  store(size, squares(1, size + 3));
  store(size + 1, square(size));
  return table[size & 15] / (table[(size + 1) & 15] + 1);
}
