/*
 * Products of dense f32 matrices with 128-bit vectors: a tile of four rows and eight columns at a time, whose sums stay in eight
 * accumulators.
 *
 * Input: u32 size (a multiple of 8, at most 256), u32 repetitions. output = the trace of the last product, f32. Returns
 * FNV-1a of the last product's bytes.
 */
#include "arbiter.h"

#include <wasm_simd128.h>

float output[4];

enum { MOST = 256, ROWS = 4, COLUMNS = 8 };
static _Alignas(16) float a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];

static void fill(uint32_t n) {
  for (uint32_t i = 0; i < n * n; i++) {
    a[i] = (float)(int32_t)(i * 2654435761u) / 65536.0f;
    b[i] = (float)(int32_t)(i * 40503u + 12345u) / 1048576.0f;
  }
}

__attribute__((noinline)) static void tile(uint32_t n, const float *rows, const float *columns, float *to) {
  v128_t sums[ROWS][2];
#pragma clang loop unroll(full)
  for (int row = 0; row < ROWS; row++) sums[row][0] = sums[row][1] = wasm_f32x4_splat(0);
  for (uint32_t k = 0; k < n; k++, columns += n) {
    v128_t left = wasm_v128_load(columns), right = wasm_v128_load(columns + 4);
#pragma clang loop unroll(full)
    for (int row = 0; row < ROWS; row++) {
      v128_t factor = wasm_v128_load32_splat(rows + (uint32_t)row * n + k);
      sums[row][0] = wasm_f32x4_add(sums[row][0], wasm_f32x4_mul(factor, left));
      sums[row][1] = wasm_f32x4_add(sums[row][1], wasm_f32x4_mul(factor, right));
    }
  }
#pragma clang loop unroll(full)
  for (int row = 0; row < ROWS; row++) {
    wasm_v128_store(to + (uint32_t)row * n, sums[row][0]);
    wasm_v128_store(to + (uint32_t)row * n + 4, sums[row][1]);
  }
}

static void multiply(uint32_t n) {
  for (uint32_t i = 0; i < n; i += ROWS)
    for (uint32_t j = 0; j < n; j += COLUMNS) tile(n, a + i * n, b + j, c + i * n + j);
}

GATEWAY uint32_t gateway(void) {
  uint32_t n = input_word(0, 16) & ~7u, repetitions = input_word(1, 1);
  if (n > MOST) n = MOST;
  if (n < 8) n = 8;
  fill(n);
  for (uint32_t round = 0; round < repetitions; round++) {
    multiply(n);
    for (uint32_t i = 0; i < n; i++) a[i * n + i] = c[i * n + i] / 1e9f;
  }
  output[0] = 0;
  for (uint32_t i = 0; i < n; i++) output[0] += c[i * n + i];
  return fnv(FNV_START, c, n * n * (uint32_t)sizeof *c);
}
