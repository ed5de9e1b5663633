/* The table of file descriptors. */
#pragma once
#include "tree.h"

enum { STREAM_INPUT = 1, STREAM_OUTPUT, STREAM_ERRORS };

struct descriptor {
  /** One of the standard streams, or 0; then `node` is open, or nothing is. */
  u32 stream;
  struct node *node;
  u64 rights, inheriting;
  u64 offset;
  u32 flags;
  /** A packed directory under a name of its own: where that stands in the image; length 0 for others. */
  u32 name_place, name_length;
};

/** An open descriptor that has a right; EBADF, ENOTCAPABLE. */
errno_t descriptor_of(u32 fd, u64 rights, struct descriptor **found);
/** A directory that has a right; ENOTDIR too. */
errno_t directory_of(u32 fd, u64 rights, struct descriptor **found);
/** The lowest free descriptor; EMFILE. */
errno_t free_descriptor(u32 *fd);
/** A free descriptor opens `node`. */
void open_node(u32 fd, struct node *node, u64 rights, u64 inheriting, u32 flags);
