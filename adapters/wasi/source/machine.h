/*
 * What the adapter stands on: the host's functions (docs/machine.md §8) and accesses to the two other memories, the
 * program's and that of the packed image, which glue.wat gives: C knows one memory only.
 *
 * Invariant: addresses of the program's memory are `at` or end in `At`; they are checked before use (`inside`).
 */
#pragma once
#include "wasi.h"

#define FROM(module, name) __attribute__((import_module(module), import_name(name)))
#define WASI(name) __attribute__((export_name(name)))

FROM("arbiter", "input_size") u32 input_size(void);
FROM("arbiter", "input_read") void input_read(u32 at, u32 from, u32 bytes);
FROM("arbiter", "output_write") void output_write(u32 at, u32 bytes);
FROM("arbiter", "time_ms") u64 time_ms(void);
FROM("arbiter", "exit") void exit_call(u32 code);

/* The program's memory. */
FROM("glue", "size") u64 program_bytes(void);
FROM("glue", "load8") u32 load8(u32 at);
FROM("glue", "load16") u32 load16(u32 at);
FROM("glue", "load32") u32 load32(u32 at);
FROM("glue", "load64") u64 load64(u32 at);
FROM("glue", "store8") void store8(u32 at, u32 value);
FROM("glue", "store16") void store16(u32 at, u32 value);
FROM("glue", "store32") void store32(u32 at, u32 value);
FROM("glue", "store64") void store64(u32 at, u64 value);
FROM("glue", "fetch") void fetch(void *own, u32 at, u32 bytes);
FROM("glue", "put") void put(u32 at, const void *own, u32 bytes);
FROM("glue", "clear") void clear(u32 at, u32 bytes);
/* The image's memory. */
FROM("glue", "image32") u32 image32(u32 place);
FROM("glue", "image64") u64 image64(u32 place);
FROM("glue", "image_fetch") void image_fetch(void *own, u32 place, u32 bytes);
FROM("glue", "image_put") void image_put(u32 at, u32 place, u32 bytes);

/** Whether bytes lie within the program's memory. */
static inline int inside(u32 at, u64 bytes) { return at + bytes <= program_bytes(); }

/** Where the image's header holds what (src/wasi/image.ts writes it). */
enum {
  IMAGE_FLAGS = 4,
  IMAGE_SEED = 8,
  IMAGE_EPOCH = 16,
  IMAGE_ARGS = 24,
  IMAGE_ENVIRONMENT = 36,
  IMAGE_PREOPENS = 48,
  IMAGE_PREOPEN_TABLE = 52,
  IMAGE_ENTRIES = 56,
  IMAGE_ENTRY_TABLE = 60,
  PREOPEN_BYTES = 12,
  ENTRY_BYTES = 24,
};
enum { IMAGE_HAS_INPUT = 1, IMAGE_SHOWS_ERRORS = 2 };
