/*
 * SHA-256 (FIPS 180-4 §6.2) of the input: 32-bit integer work.
 *
 * Input: u32 rounds, then the message. output = SHA-256(message), then `rounds` times SHA-256(output).
 * Returns the first word of the digest, big-endian as it is written.
 */
#include "arbiter.h"

uint8_t output[32];

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t hash[8];
static uint8_t block[64];
static uint8_t page[4096];

static void start(void) {
  static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (int i = 0; i < 8; i++) hash[i] = initial[i];
}

static uint32_t word_at(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void compress(const uint8_t *bytes) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) w[i] = word_at(bytes + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = ROTATE_LEFT(w[i - 15], 25) ^ ROTATE_LEFT(w[i - 15], 14) ^ w[i - 15] >> 3;
    uint32_t s1 = ROTATE_LEFT(w[i - 2], 15) ^ ROTATE_LEFT(w[i - 2], 13) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
  uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int i = 0; i < 64; i++) {
    uint32_t s1 = ROTATE_LEFT(e, 26) ^ ROTATE_LEFT(e, 21) ^ ROTATE_LEFT(e, 7);
    uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t s0 = ROTATE_LEFT(a, 30) ^ ROTATE_LEFT(a, 19) ^ ROTATE_LEFT(a, 10);
    uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d;
  hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

/* Pads the last `length` < 64 bytes of a message of `total` bytes and writes the digest. */
static void finish(const uint8_t *rest, uint32_t length, uint64_t total) {
  for (uint32_t i = 0; i < 64; i++) block[i] = i < length ? rest[i] : 0;
  block[length] = 0x80;
  if (length >= 56) {
    compress(block);
    for (uint32_t i = 0; i < 56; i++) block[i] = 0;
  }
  for (int i = 0; i < 8; i++) block[56 + i] = (uint8_t)(total * 8 >> (56 - 8 * i));
  compress(block);
  for (int i = 0; i < 32; i++) output[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}

static void hash_input(uint32_t offset) {
  uint32_t total = input_size() > offset ? input_size() - offset : 0;
  uint32_t done = 0;
  start();
  for (;;) {
    uint32_t length = total - done < sizeof page ? total - done : sizeof page;
    uint32_t used = 0;
    if (length > 0) input_read(page, offset + done, length);
    for (; used + 64 <= length; used += 64) compress(page + used);
    done += length;
    if (length < sizeof page) {
      finish(page + used, length - used, total);
      return;
    }
  }
}

GATEWAY uint32_t gateway(void) {
  uint32_t rounds = input_word(0, 0);
  hash_input(4);
  for (uint32_t i = 0; i < rounds; i++) {
    start();
    finish(output, 32, 32);
  }
  return word_at(output);
}
