/*
 * Calls and little else: Fibonacci, Ackermann, Takeuchi, and calls through a table.
 *
 * Input: u32 n (Fibonacci of n, Ackermann(2, n), Takeuchi(n, n/2, n/4)), u32 indirect calls.
 * output = the four results, u32 each. Returns their exclusive or.
 */
#include "arbiter.h"

uint32_t output[8];

__attribute__((noinline)) static uint32_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

__attribute__((noinline)) static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

__attribute__((noinline)) static int32_t takeuchi(int32_t x, int32_t y, int32_t z) {
  if (y >= x) return z;
  return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static uint32_t add(uint32_t x, uint32_t y) { return x + y; }
static uint32_t mix(uint32_t x, uint32_t y) { return ROTATE_LEFT(x, 5) ^ y; }
static uint32_t scale(uint32_t x, uint32_t y) { return x * 31 + y; }
static uint32_t difference(uint32_t x, uint32_t y) { return x - y; }

static uint32_t (*const operations[4])(uint32_t, uint32_t) = {add, mix, scale, difference};

GATEWAY uint32_t gateway(void) {
  uint32_t n = input_word(0, 10), indirect = input_word(1, 1000), value = 1;
  output[0] = fibonacci(n);
  output[1] = ackermann(2, n);
  output[2] = (uint32_t)takeuchi((int32_t)n, (int32_t)n / 2, (int32_t)n / 4);
  for (uint32_t i = 0; i < indirect; i++) value = operations[(value >> 3 ^ i) & 3](value, i);
  output[3] = value;
  return output[0] ^ output[1] ^ output[2] ^ output[3];
}
