/*
 * Counts words: each call reads a text, adds its words to a table that goes on from call to call, and returns how many
 * different words there are. In C without a library, so it brings its own allocator, which takes pages as it needs them.
 */
#include <stddef.h>
#include <stdint.h>

__attribute__((import_module("arbiter"), import_name("input_size"))) uint32_t input_size(void);
__attribute__((import_module("arbiter"), import_name("input_read"))) void
input_read(void *destination, uint32_t offset, uint32_t length);

extern unsigned char __heap_base;
static uintptr_t top;

/* Never frees; traps when memory cannot grow. */
static void *allocate(size_t size) {
  if (top == 0) top = (uintptr_t)&__heap_base;
  uintptr_t at = (top + 7) & ~(uintptr_t)7;
  top = at + size;
  size_t pages = (top + 65535) / 65536, have = __builtin_wasm_memory_size(0);
  if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (size_t)-1) __builtin_trap();
  return (void *)at;
}

struct word {
  struct word *next;
  uint32_t hash, count, length;
  char text[];
};

#define BUCKETS 4096
static struct word *buckets[BUCKETS];
static uint32_t words;
static char *input;
static uint32_t room;

static void add(const char *text, uint32_t length) {
  uint32_t hash = 2166136261u;
  for (uint32_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 16777619u;
  struct word **bucket = &buckets[hash % BUCKETS];
  for (struct word *w = *bucket; w; w = w->next) {
    uint32_t i = 0;
    if (w->hash != hash || w->length != length) continue;
    while (i < length && w->text[i] == text[i]) i++;
    if (i == length) {
      w->count++;
      return;
    }
  }
  struct word *w = allocate(sizeof(struct word) + length);
  w->next = *bucket;
  w->hash = hash;
  w->count = 1;
  w->length = length;
  for (uint32_t i = 0; i < length; i++) w->text[i] = text[i];
  *bucket = w;
  words++;
}

__attribute__((export_name("gateway"))) uint32_t gateway(void) {
  uint32_t size = input_size(), start = 0;
  if (size > room) {
    input = allocate(size);
    room = size;
  }
  input_read(input, 0, size);
  for (uint32_t i = 0; i <= size; i++) {
    if (i < size && input[i] > ' ') continue;
    if (i > start) add(input + start, i - start);
    start = i + 1;
  }
  return words;
}
