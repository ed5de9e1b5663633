/*
 * What a C program needs to run on the machine: the closed list of host functions (docs/machine.md §8) and
 * the two names by which an example is called and read.
 *
 * Every example exports `gateway: [] -> [i32]`, reads its work from the input and leaves a digest or a result
 * in `output`, whose address is exported as a global. No libc, no WASI.
 */
#ifndef ARBITER_H
#define ARBITER_H

#include <stddef.h>
#include <stdint.h>

#define HOST(name) __attribute__((import_module("arbiter"), import_name(name)))
#define GATEWAY __attribute__((export_name("gateway")))
#define ROTATE_LEFT(x, n) (((x) << (n)) | ((x) >> (sizeof(x) * 8 - (n))))

HOST("input_size") uint32_t input_size(void);
#ifdef __wasm64__
/* The host's functions take 32-bit addresses, whatever the memory. */
HOST("input_read") void input_read_at(uint32_t destination, uint32_t offset, uint32_t length);
static inline void input_read(void *destination, uint32_t offset, uint32_t length) {
  input_read_at((uint32_t)(uintptr_t)destination, offset, length);
}
#else
HOST("input_read") void input_read(void *destination, uint32_t offset, uint32_t length);
#endif
HOST("time_ms") uint64_t time_ms(void);

/* A little-endian word of the input, or `otherwise` where the input is too short. */
static inline uint32_t input_word(uint32_t index, uint32_t otherwise) {
  uint32_t word;
  if (input_size() / 4 <= index) return otherwise;
  input_read(&word, index * 4, 4);
  return word;
}

/* Marsaglia's xorshift: deterministic test data. */
static inline uint32_t next_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

/* FNV-1a, continued from `hash`. */
static inline uint32_t fnv(uint32_t hash, const void *bytes, uint32_t length) {
  const uint8_t *p = bytes;
  for (uint32_t i = 0; i < length; i++) hash = (hash ^ p[i]) * 16777619u;
  return hash;
}

#define FNV_START 2166136261u

#endif
