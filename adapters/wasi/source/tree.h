/* The file tree: nodes (files, directories, symbolic links) and the entries that name them. */
#pragma once
#include "machine.h"

struct node {
  u64 id;
  u64 size;
  /** Access, change of contents, change of anything: nanoseconds of the real-time clock. */
  u64 accessed, modified, changed;
  /** Contents of a file, target of a link; null while they are those of the image, at `place`. */
  u8 *bytes;
  u32 capacity;
  u32 place;
  u32 type;
  /** Entries that name it, and descriptors that hold it open; with neither it is gone. */
  u32 links, opened;
  /** Of a directory. */
  struct node *parent;
  struct entry *first, *last;
  u32 next_serial;
};

struct entry {
  struct node *node;
  struct entry *next;
  u8 *name;
  u32 length;
  /** Length and some letters of the name in one word, compared before the name. */
  u32 key;
  /** Counts up within the directory, so that a reader of it can go on where it was. */
  u32 serial;
  u32 capacity;
};

/** `.` and `..` have serials 0 and 1. */
enum { FIRST_SERIAL = 2 };
/** Files larger than this are not made. */
enum { FILE_BYTES = 1 << 30 };
enum { NAME_BYTES = 255 };

/** The root directory; made of the image when it is first asked for. */
struct node *root(void);
/** The node of an entry of the image, counted from 1; 0 is the root. */
struct node *packed(u32 number);
struct entry *find(struct node *directory, const u8 *name, u32 length);
/** A new node that nothing names yet; null without memory. */
struct node *make_node(u32 type);
errno_t add_entry(struct node *directory, const u8 *name, u32 length, struct node *node);
void remove_entry(struct node *directory, struct entry *entry);
/** Frees a node that has neither name nor descriptor. */
void settle(struct node *node);
/** Room for so many bytes of contents, in the adapter's own memory. */
errno_t reserve(struct node *node, u64 bytes);
errno_t resize(struct node *node, u64 bytes);
