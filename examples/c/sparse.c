/*
 * A sparse address space: 2^48 bytes of virtual addresses over two megabytes of frames, by a table of pages in software.
 * Compiled for 64-bit addresses (wasm64): what the table keeps for a page is the address of its frame less the page's, so
 * that an access adds a virtual address of more than 2^32 to it and comes out, modulo 2^64, in the frame.
 *
 * Input: u32 accesses, u32 seed. Each access reads a word of a random page in one of 16 regions, 2^44 bytes apart, and
 * writes it back changed. output = pages u32, FNV-1a of what was read u32, distance that the accesses have moved u64.
 * Returns the hash.
 */
#include "arbiter.h"

uint32_t output[4];

enum { PAGE_BITS = 12, FRAMES = 512, SLOTS = 1024 };

typedef struct {
  uint64_t page;    /* number of the page + 1; 0: free */
  uintptr_t biased; /* address of its frame less that of the page */
} Slot;

static Slot slots[SLOTS];
static uint64_t frames[FRAMES][(1 << PAGE_BITS) / 8];
static uint32_t used;

/* What is added to an address on the page to come to its frame; a page that is new gets the next frame. */
static uintptr_t bias_of(uint64_t page) {
  uint64_t mixed = page * 0x9e3779b97f4a7c15u;
  uint32_t at = (uint32_t)(mixed >> 54) % SLOTS;
  while (slots[at].page != 0) {
    if (slots[at].page == page + 1) return slots[at].biased;
    at = (at + 1) % SLOTS;
  }
  slots[at].page = page + 1;
  slots[at].biased = (uintptr_t)frames[used++ % FRAMES] - (uintptr_t)(page << PAGE_BITS);
  return slots[at].biased;
}

GATEWAY uint32_t gateway(void) {
  uint32_t accesses = input_word(0, 1000), seed = input_word(1, 1), hash = FNV_START;
  uint64_t last = 0, distance = 0;
  if (seed == 0) seed = 1;
  for (uint32_t i = 0; i < accesses; i++) {
    uint32_t random = next_random(&seed);
    uint64_t region = (random & 15) + 1, page = random >> 4 & 31, word = random >> 9 & 511;
    uint64_t address = (region << 44) + (page << PAGE_BITS) + word * 8;
    uint64_t *at = (uint64_t *)(uintptr_t)(bias_of(address >> PAGE_BITS) + address);
    uint64_t before = *at;
    *at = before * 6364136223846793005u + address;
    hash = (hash ^ (uint32_t)(before ^ before >> 32)) * 16777619u;
    distance += address > last ? address - last : last - address;
    last = address;
  }
  output[0] = used;
  output[1] = hash;
  output[2] = (uint32_t)distance;
  output[3] = (uint32_t)(distance >> 32);
  return hash;
}
