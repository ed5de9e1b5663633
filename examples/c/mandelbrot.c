/*
 * Points of a size × size grid that stay within the Mandelbrot set: f64 arithmetic and comparisons.
 *
 * Input: u32 size, u32 most iterations a point. output = FNV-1a of all escape times, u32. Returns the number
 * of points that never escape.
 */
#include "arbiter.h"

uint32_t output[8];

static uint32_t escape_time(double cx, double cy, uint32_t limit) {
  double x = 0, y = 0;
  for (uint32_t i = 0; i < limit; i++) {
    double xx = x * x, yy = y * y;
    if (xx + yy > 4.0) return i;
    y = 2.0 * x * y + cy;
    x = xx - yy + cx;
  }
  return limit;
}

GATEWAY uint32_t gateway(void) {
  uint32_t size = input_word(0, 32), limit = input_word(1, 50);
  uint32_t inside = 0, hash = FNV_START;
  for (uint32_t row = 0; row < size; row++) {
    double cy = 2.0 * row / size - 1.0;
    for (uint32_t column = 0; column < size; column++) {
      uint32_t time = escape_time(2.0 * column / size - 1.5, cy, limit);
      inside += time == limit;
      hash = (hash ^ time) * 16777619u;
    }
  }
  output[0] = hash;
  return inside;
}
