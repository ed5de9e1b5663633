/*
 * The adapter's own memory: blocks of a power of two, from 32 bytes, kept in one free list a size.
 *
 * Invariant: a block's capacity is what `allocate` said; whoever releases it says the same. Memory that has never been
 * given is zero, memory that comes back is not.
 */
#include "heap.h"

enum { SMALLEST = 5, SIZES = 32, PAGE = 65536 };

extern u8 __heap_base;
static u8 *free_blocks[SIZES];
/* A running sum in 64 bits: the last block may end at 2^32. */
static u64 next_byte;

static u32 size_of(u32 bytes) {
  u32 size = SMALLEST;
  while (size < 31 && (1u << size) < bytes) size++;
  return size;
}

void *allocate(u32 bytes, u32 *capacity) {
  if (bytes > 1u << 31) return 0;
  u32 size = size_of(bytes);
  *capacity = 1u << size;
  u8 *block = free_blocks[size];
  if (block) {
    free_blocks[size] = *(u8 **)block;
    return block;
  }
  if (next_byte == 0) next_byte = ((u64)(u32)&__heap_base + 31) & ~31ull;
  u64 end = next_byte + (1u << size);
  u64 have = (u64)__builtin_wasm_memory_size(0) * PAGE;
  if (end > have) {
    u64 pages = (end - have + PAGE - 1) / PAGE;
    /* Half as much again, so that growing is rare; what is needed if that is refused. */
    u64 ahead = pages + have / PAGE / 2;
    if (__builtin_wasm_memory_grow(0, ahead) == ~0ul && __builtin_wasm_memory_grow(0, pages) == ~0ul) return 0;
  }
  block = (u8 *)(u32)next_byte;
  next_byte = end;
  return block;
}

void release(void *block, u32 capacity) {
  if (!block) return;
  u32 size = size_of(capacity);
  *(u8 **)block = free_blocks[size];
  free_blocks[size] = block;
}
