/*
 * Scanning of JSON with 128-bit vectors: sixteen bytes at a time are told apart into quotes, backslashes and structure (Langdale and
 * Lemire, "Parsing Gigabytes of JSON per Second", §3.1), then a walk over what was found counts strings, depth and integers.
 *
 * Input: u32 records, u32 seed, u32 rounds, then a text of JSON. A number of records other than 0 takes so many (at most 8,192) made
 * by the program in its place. output = structural characters, strings, greatest depth, sum of integers, u32 each. Returns FNV-1a
 * of these.
 */
#include "arbiter.h"

#include <wasm_simd128.h>

uint32_t output[4];

enum { MOST = 1048576, RECORDS = 8192, PIECE = 64 };
static _Alignas(16) uint8_t text[MOST + PIECE];
static uint32_t found[MOST];

static uint32_t put(uint32_t at, const char *characters) {
  while (*characters) text[at++] = (uint8_t)*characters++;
  return at;
}

static uint32_t put_number(uint32_t at, uint32_t value) {
  uint8_t digits[10];
  uint32_t count = 0;
  do digits[count++] = (uint8_t)('0' + value % 10);
  while (value /= 10);
  while (count > 0) text[at++] = digits[--count];
  return at;
}

static uint32_t make(uint32_t records, uint32_t seed) {
  static const char *const words[4] = {"plain", "a \\\"quoted\\\" word", "back\\\\", "{[,:]}"};
  uint32_t at = put(0, "[");
  for (uint32_t i = 0; i < records; i++) {
    uint32_t random = next_random(&seed);
    if (i > 0) at = put(at, ",\n ");
    at = put_number(put(at, "{\"id\": "), i);
    at = put(put(put(at, ", \"name\": \""), words[random & 3]), "\", \"values\": [");
    for (uint32_t left = random >> 2 & 3; left > 0; left--) at = put(put_number(at, random >> 8 & 0xffff), ", ");
    at = put(put_number(at, random >> 16), random & 16 ? "], \"on\": true}" : "], \"on\": null}");
  }
  return put(at, "]");
}

static uint64_t where(const v128_t bytes[4], uint8_t wanted) {
  uint64_t mask = 0;
  for (int i = 3; i >= 0; i--)
    mask = mask << 16 | (uint64_t)wasm_i8x16_bitmask(wasm_i8x16_eq(bytes[i], wasm_u8x16_splat(wanted)));
  return mask;
}

/* Characters { } [ ] : , by two tables of their halves: the low one and the high one have a bit in common. */
static uint64_t where_structure(const v128_t bytes[4]) {
  const v128_t low = wasm_u8x16_const(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 0, 0);
  const v128_t high = wasm_u8x16_const(0, 0, 4, 1, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0);
  uint64_t mask = 0;
  for (int i = 3; i >= 0; i--) {
    v128_t lows = wasm_i8x16_swizzle(low, wasm_v128_and(bytes[i], wasm_u8x16_const_splat(15)));
    v128_t both = wasm_v128_and(lows, wasm_i8x16_swizzle(high, wasm_u8x16_shr(bytes[i], 4)));
    mask = mask << 16 | (uint64_t)wasm_i8x16_bitmask(wasm_i8x16_ne(both, wasm_u8x16_const_splat(0)));
  }
  return mask;
}

/* Bits behind an odd number of backslashes; `carry` says whether the last piece ended with such. */
static uint64_t escaped(uint64_t backslashes, uint64_t *carry) {
  const uint64_t even = 0x5555555555555555;
  uint64_t begun = backslashes & ~*carry, follows = begun << 1 | *carry;
  uint64_t odd = begun & ~even & ~follows, sum;
  *carry = __builtin_add_overflow(odd, begun, &sum);
  return (even ^ sum << 1) & follows;
}

/* Each bit is the parity of those up to it. */
static uint64_t parity(uint64_t bits) {
  for (int by = 1; by < 64; by *= 2) bits ^= bits << by;
  return bits;
}

/* Offsets of quotes that open a string, and of structure outside of strings; returns their number. */
static uint32_t scan(uint32_t length) {
  uint64_t carry = 0, inside = 0;
  uint32_t count = 0;
  for (uint32_t at = length; at < length + PIECE; at++) text[at] = ' ';
  for (uint32_t at = 0; at < length; at += PIECE) {
    v128_t bytes[4];
    for (int i = 0; i < 4; i++) bytes[i] = wasm_v128_load(text + at + 16 * i);
    uint64_t quotes = where(bytes, '"') & ~escaped(where(bytes, '\\'), &carry);
    uint64_t strings = parity(quotes) ^ inside;
    inside = (uint64_t)((int64_t)strings >> 63);
    uint64_t marks = (where_structure(bytes) & ~strings) | (quotes & strings);
    for (; marks != 0; marks &= marks - 1) found[count++] = at + (uint32_t)__builtin_ctzll(marks);
  }
  return count;
}

static void walk(uint32_t count, uint32_t length) {
  uint32_t depth = 0;
  output[0] = count, output[1] = output[2] = output[3] = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint8_t mark = text[found[i]];
    if (mark == '"') output[1]++;
    if (mark == '{' || mark == '[') depth++;
    if (mark == '}' || mark == ']') depth--;
    if (depth > output[2]) output[2] = depth;
    uint32_t at = found[i] + 1, value = 0;
    if (mark == '"') continue;
    while (at < length && text[at] <= ' ') at++;
    for (; at < length && text[at] >= '0' && text[at] <= '9'; at++) value = value * 10 + text[at] - '0';
    output[3] += value;
  }
}

GATEWAY uint32_t gateway(void) {
  uint32_t records = input_word(0, 1), rounds = input_word(2, 1), length;
  if (records > RECORDS) records = RECORDS;
  if (records > 0) {
    length = make(records, input_word(1, 1) | 1);
  } else {
    length = input_size() - 12 < MOST ? input_size() - 12 : MOST;
    input_read(text, 12, length);
  }
  uint32_t digest = FNV_START;
  for (uint32_t round = 0; round < rounds; round++) {
    walk(scan(length), length);
    digest = fnv(digest, output, sizeof output);
  }
  return digest;
}
