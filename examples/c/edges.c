/*
 * An image filter with 128-bit vectors: a binomial blur of five by five pixels, then the magnitude of Sobel's gradients, on grey
 * pixels of a byte.
 *
 * Input: u32 width (a multiple of 16, at most 512), u32 height (at most 512), u32 rounds, each on the last one's result.
 * output = sum of all pixels, u32. Returns FNV-1a of the picture.
 */
#include "arbiter.h"

#include <wasm_simd128.h>

uint32_t output[4];

/* Rows of a picture have room for 16 pixels beyond either end. */
enum { MOST = 512, MARGIN = 16, STRIDE = MOST + 2 * MARGIN, BORDER = 2 };
static _Alignas(16) uint8_t picture[(MOST + 2 * BORDER) * STRIDE], blurred[(MOST + 2 * BORDER) * STRIDE];
static _Alignas(16) uint16_t sums[(MOST + 2 * BORDER) * STRIDE];

static uint8_t *pixel(uint8_t *of, uint32_t x, uint32_t y) {
  return of + (y + BORDER) * STRIDE + MARGIN + x;
}

/* The picture's edge, repeated outward. */
static void extend(uint8_t *of, uint32_t width, uint32_t height) {
  for (uint32_t y = 0; y < height; y++) {
    uint8_t *row = pixel(of, 0, y);
    wasm_v128_store(row - 16, wasm_u8x16_splat(row[0]));
    wasm_v128_store(row + width, wasm_u8x16_splat(row[width - 1]));
  }
  for (uint32_t y = 0; y < BORDER; y++) {
    for (uint32_t x = 0; x < width + 2 * MARGIN; x += 16) {
      wasm_v128_store(of + y * STRIDE + x, wasm_v128_load(of + BORDER * STRIDE + x));
      wasm_v128_store(of + (BORDER + height + y) * STRIDE + x,
                      wasm_v128_load(of + (BORDER + height - 1) * STRIDE + x));
    }
  }
}

/* 1 4 6 4 1 */
static v128_t binomial(v128_t a, v128_t b, v128_t c, v128_t d, v128_t e) {
  v128_t outer = wasm_i16x8_add(a, e), inner = wasm_i16x8_shl(wasm_i16x8_add(b, d), 2);
  v128_t middle = wasm_i16x8_mul(c, wasm_i16x8_const_splat(6));
  return wasm_i16x8_add(wasm_i16x8_add(outer, inner), middle);
}

static v128_t eight(const uint8_t *from) { return wasm_u16x8_load8x8(from); }

static void blur(uint32_t width, uint32_t height) {
  for (uint32_t y = 0; y < height + 2 * BORDER; y++) {
    for (uint32_t x = 0; x < width; x += 8) {
      const uint8_t *at = picture + y * STRIDE + MARGIN + x;
      wasm_v128_store(sums + y * STRIDE + x,
                      binomial(eight(at - 2), eight(at - 1), eight(at), eight(at + 1), eight(at + 2)));
    }
  }
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t x = 0; x < width; x += 16) {
      v128_t halves[2];
      for (uint32_t half = 0; half < 2; half++) {
        const uint16_t *at = sums + y * STRIDE + x + half * 8;
        v128_t sum = binomial(wasm_v128_load(at), wasm_v128_load(at + STRIDE), wasm_v128_load(at + 2 * STRIDE),
                              wasm_v128_load(at + 3 * STRIDE), wasm_v128_load(at + 4 * STRIDE));
        halves[half] = wasm_u16x8_shr(sum, 8);
      }
      wasm_v128_store(pixel(blurred, x, y), wasm_u8x16_narrow_i16x8(halves[0], halves[1]));
    }
  }
}

/* |b - a|, saturated, for three pairs weighted 1 2 1. */
static v128_t gradient(v128_t a1, v128_t a2, v128_t a3, v128_t b1, v128_t b2, v128_t b3) {
  v128_t side = wasm_i16x8_add(wasm_i16x8_sub(b1, a1), wasm_i16x8_sub(b3, a3));
  return wasm_i16x8_abs(wasm_i16x8_add(side, wasm_i16x8_shl(wasm_i16x8_sub(b2, a2), 1)));
}

static v128_t sobel(const uint8_t *at) {
  const uint8_t *up = at - STRIDE, *down = at + STRIDE;
  v128_t nw = eight(up - 1), n = eight(up), ne = eight(up + 1), w = eight(at - 1), e = eight(at + 1);
  v128_t sw = eight(down - 1), s = eight(down), se = eight(down + 1);
  return wasm_i16x8_add(gradient(nw, w, sw, ne, e, se), gradient(nw, n, ne, sw, s, se));
}

static void edges(uint32_t width, uint32_t height) {
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t x = 0; x < width; x += 16) {
      const uint8_t *at = pixel(blurred, x, y);
      v128_t magnitude = wasm_u8x16_narrow_i16x8(sobel(at), sobel(at + 8));
      wasm_v128_store(pixel(picture, x, y), wasm_u8x16_avgr(magnitude, wasm_v128_load(at)));
    }
  }
}

GATEWAY uint32_t gateway(void) {
  uint32_t width = input_word(0, 16) & ~15u, height = input_word(1, 4), rounds = input_word(2, 1), random = 5;
  if (width > MOST) width = MOST;
  if (width < 16) width = 16;
  if (height > MOST) height = MOST;
  if (height < 1) height = 1;
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++)
      *pixel(picture, x, y) = (uint8_t)(((x ^ y) & 32) * 5 + (next_random(&random) & 31));
  for (uint32_t round = 0; round < rounds; round++) {
    extend(picture, width, height);
    blur(width, height);
    extend(blurred, width, height);
    edges(width, height);
  }
  uint32_t digest = FNV_START;
  output[0] = 0;
  for (uint32_t y = 0; y < height; y++) {
    digest = fnv(digest, pixel(picture, 0, y), width);
    for (uint32_t x = 0; x < width; x++) output[0] += *pixel(picture, x, y);
  }
  return digest;
}
