/*
 * Multiplication of dense f64 matrices: a double is stored in the inner loop's neighbour, none is kept in a
 * register across rows.
 *
 * Input: u32 size (at most 256), u32 repetitions. output = the trace of the last product, f64. Returns
 * FNV-1a of the last product's bytes.
 */
#include "arbiter.h"

double output[4];

enum { MOST = 256 };
static double a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];

static void fill(uint32_t n) {
  for (uint32_t i = 0; i < n * n; i++) {
    a[i] = (double)(int32_t)(i * 2654435761u) / 65536.0;
    b[i] = (double)(int32_t)(i * 40503u + 12345u) / 1048576.0;
  }
}

static void multiply(uint32_t n) {
  for (uint32_t i = 0; i < n * n; i++) c[i] = 0;
  for (uint32_t i = 0; i < n; i++) {
    for (uint32_t k = 0; k < n; k++) {
      double factor = a[i * n + k];
      for (uint32_t j = 0; j < n; j++) c[i * n + j] += factor * b[k * n + j];
    }
  }
}

GATEWAY uint32_t gateway(void) {
  uint32_t n = input_word(0, 16), repetitions = input_word(1, 1);
  if (n > MOST) n = MOST;
  fill(n);
  for (uint32_t round = 0; round < repetitions; round++) {
    multiply(n);
    for (uint32_t i = 0; i < n; i++) a[i * n + i] = c[i * n + i] / 1e9;
  }
  output[0] = 0;
  for (uint32_t i = 0; i < n; i++) output[0] += c[i * n + i];
  return fnv(FNV_START, c, n * n * (uint32_t)sizeof *c);
}
