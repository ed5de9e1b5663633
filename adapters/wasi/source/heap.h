/* Blocks of the adapter's own memory. */
#pragma once
#include "wasi.h"

/** A block of at least so many bytes, its capacity in `*capacity`; null where memory is at its end. */
void *allocate(u32 bytes, u32 *capacity);
void release(void *block, u32 capacity);
