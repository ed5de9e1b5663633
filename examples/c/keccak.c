/*
 * Keccak-256 (as Ethereum uses it) of the input: 64-bit integer work.
 *
 * Input: u32 rounds, then the message of at most 64 KiB. output = keccak(message), then `rounds` times
 * keccak(output). Returns the first word of the digest, big-endian as it is written.
 */
#include "arbiter.h"

uint8_t output[32];

enum { RATE = 136, MESSAGE_LIMIT = 65536 };
static uint64_t lanes[25];
static uint8_t message[MESSAGE_LIMIT];

/* The round constants by their linear feedback shift register (FIPS 202, algorithm 5). */
static uint64_t round_constant(uint8_t *shift) {
  uint64_t constant = 0;
  for (int j = 0; j < 7; j++) {
    if (*shift & 1) constant ^= 1ull << ((1 << j) - 1);
    *shift = (uint8_t)(*shift << 1 ^ (*shift & 0x80 ? 0x71 : 0));
  }
  return constant;
}

static void permute(const uint64_t *constants) {
  uint64_t c[5];
  for (int round = 0; round < 24; round++) {
    for (int x = 0; x < 5; x++)
      c[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
    for (int x = 0; x < 5; x++) {
      uint64_t d = c[(x + 4) % 5] ^ ROTATE_LEFT(c[(x + 1) % 5], 1);
      for (int y = 0; y < 25; y += 5) lanes[x + y] ^= d;
    }
    uint64_t moving = lanes[1];
    int x = 1, y = 0;
    for (int t = 0; t < 24; t++) {
      int next_y = (2 * x + 3 * y) % 5;
      int amount = (t + 1) * (t + 2) / 2 % 64;
      x = y, y = next_y;
      uint64_t rotated = ROTATE_LEFT(moving, amount);
      moving = lanes[x + 5 * y];
      lanes[x + 5 * y] = rotated;
    }
    for (int row = 0; row < 25; row += 5) {
      for (int i = 0; i < 5; i++) c[i] = lanes[row + i];
      for (int i = 0; i < 5; i++) lanes[row + i] = c[i] ^ (~c[(i + 1) % 5] & c[(i + 2) % 5]);
    }
    lanes[0] ^= constants[round];
  }
}

static void absorb(const uint8_t *bytes, uint32_t length) {
  uint8_t *state = (uint8_t *)lanes; /* little-endian lanes on a little-endian machine */
  for (uint32_t i = 0; i < length; i++) state[i] ^= bytes[i];
}

static void keccak(const uint8_t *bytes, uint32_t length, const uint64_t *constants) {
  for (int i = 0; i < 25; i++) lanes[i] = 0;
  for (; length >= RATE; bytes += RATE, length -= RATE) {
    absorb(bytes, RATE);
    permute(constants);
  }
  absorb(bytes, length);
  ((uint8_t *)lanes)[length] ^= 0x01;
  ((uint8_t *)lanes)[RATE - 1] ^= 0x80;
  permute(constants);
  for (int i = 0; i < 32; i++) output[i] = ((uint8_t *)lanes)[i];
}

GATEWAY uint32_t gateway(void) {
  uint64_t constants[24];
  uint8_t shift = 1;
  for (int i = 0; i < 24; i++) constants[i] = round_constant(&shift);
  uint32_t rounds = input_word(0, 0);
  uint32_t length = input_size() > 4 ? input_size() - 4 : 0;
  if (length > MESSAGE_LIMIT) length = MESSAGE_LIMIT;
  if (length > 0) input_read(message, 4, length);
  keccak(message, length, constants);
  for (uint32_t i = 0; i < rounds; i++) keccak(output, 32, constants);
  return (uint32_t)output[0] << 24 | output[1] << 16 | output[2] << 8 | output[3];
}
