/*
 * Arguments and environment (WASI: args_*, environ_*): texts of the image, each with its final zero.
 *
 * Invariant: the image's header has for each list count, bytes and place, in this order.
 */
#include "machine.h"

static errno_t sizes(u32 list, u32 count_at, u32 bytes_at) {
  if (!inside(count_at, 4) || !inside(bytes_at, 4)) return EFAULT;
  store32(count_at, image32(list));
  store32(bytes_at, image32(list + 4));
  return OK;
}

static errno_t texts(u32 list, u32 pointers_at, u32 at) {
  u32 count = image32(list), bytes = image32(list + 4), place = image32(list + 8);
  if (!inside(pointers_at, count * 4ull) || !inside(at, bytes)) return EFAULT;
  /* A table of lengths stands before the texts. */
  u32 text_at = at;
  for (u32 i = 0; i < count; i++) {
    store32(pointers_at + i * 4, text_at);
    text_at += image32(place + i * 4);
  }
  image_put(at, place + count * 4, bytes);
  return OK;
}

WASI("args_sizes_get") errno_t args_sizes_get(u32 count_at, u32 bytes_at) {
  return sizes(IMAGE_ARGS, count_at, bytes_at);
}

WASI("args_get") errno_t args_get(u32 pointers_at, u32 at) { return texts(IMAGE_ARGS, pointers_at, at); }

WASI("environ_sizes_get") errno_t environ_sizes_get(u32 count_at, u32 bytes_at) {
  return sizes(IMAGE_ENVIRONMENT, count_at, bytes_at);
}

WASI("environ_get") errno_t environ_get(u32 pointers_at, u32 at) {
  return texts(IMAGE_ENVIRONMENT, pointers_at, at);
}
