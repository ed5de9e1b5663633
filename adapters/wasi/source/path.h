/* From a path to what it names, within a directory that a descriptor holds. */
#pragma once
#include "tree.h"

enum { PATH_BYTES = 4096 };

/** A path and where it led. */
struct path {
  u8 text[PATH_BYTES];
  /** The directory in which its last component is, or would be. */
  struct node *directory;
  /** The last component; of length 0 where the path names the directory itself (`.`, `a/..`). */
  const u8 *name;
  u32 length;
  /** What it names; null if nothing. */
  struct node *node;
  /** The entry of it; null if it names nothing, or a directory through `.` or `..`. */
  struct entry *entry;
  /** It ends in a slash, so that it can only be a directory. */
  int is_slashed;
};

/** Whether bytes are UTF-8 (RFC 3629 §4), as every path of WASI is. */
int is_utf8(const u8 *text, u32 length);

/**
 * What a path means that ends in a link: the link, or (LOOKUP_FOLLOW) what it leads to. A slash behind it says the
 * latter, but for calls that change names: there it is the name of a directory, which a link is not (ENOTDIR); a new
 * name is taken whatever has it.
 */
enum { LAST_ITSELF = 0, LAST_NAME = 2, LAST_NEW_NAME = 3 };

/** Reads a path from the program's memory and follows it; EPERM where it leaves the directory. */
errno_t follow(struct path *path, struct node *base, u32 at, u32 bytes, u32 last);
