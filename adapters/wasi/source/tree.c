/*
 * The file tree (tree.h). Packed files keep their contents in the image until they are written to.
 *
 * Invariant: a directory's entries stand in the order of their serials; every node but the root is named by `links`
 * entries; bytes of a file beyond its size are never seen.
 */
#include "tree.h"
#include "clock.h"
#include "heap.h"

static struct node *top;
static struct node **packed_nodes;
static u64 next_id = 1;

struct node *make_node(u32 type) {
  u32 capacity;
  struct node *node = allocate(sizeof *node, &capacity);
  if (!node) return 0;
  __builtin_memset(node, 0, sizeof *node);
  node->id = next_id++;
  node->type = type;
  node->accessed = node->modified = node->changed = real_time();
  node->next_serial = FIRST_SERIAL;
  return node;
}

static u32 key_of(const u8 *name, u32 length) {
  return length | name[0] << 8 | name[length / 2] << 16 | (u32)name[length - 1] << 24;
}

static int is_same(const u8 *a, const u8 *b, u32 length) {
  for (u32 i = 0; i < length; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

struct entry *find(struct node *directory, const u8 *name, u32 length) {
  u32 key = key_of(name, length);
  for (struct entry *entry = directory->first; entry; entry = entry->next)
    if (entry->key == key && entry->length == length && is_same(entry->name, name, length)) return entry;
  return 0;
}

errno_t add_entry(struct node *directory, const u8 *name, u32 length, struct node *node) {
  u32 capacity;
  struct entry *entry = allocate(sizeof *entry + length, &capacity);
  if (!entry) return ENOSPC;
  *entry = (struct entry){node, 0, (u8 *)(entry + 1), length, key_of(name, length), directory->next_serial++, capacity};
  __builtin_memcpy(entry->name, name, length);
  if (directory->last) directory->last->next = entry;
  else directory->first = entry;
  directory->last = entry;
  node->links++;
  if (node->type == TYPE_DIRECTORY) node->parent = directory;
  return OK;
}

void remove_entry(struct node *directory, struct entry *entry) {
  struct entry *before = 0;
  for (struct entry *each = directory->first; each != entry; each = each->next) before = each;
  if (before) before->next = entry->next;
  else directory->first = entry->next;
  if (directory->last == entry) directory->last = before;
  struct node *node = entry->node;
  /* A directory that is open has no way up any more: what it lay in may go too. */
  if (--node->links == 0 && node->type == TYPE_DIRECTORY) node->parent = node;
  settle(node);
  release(entry, entry->capacity);
}

void settle(struct node *node) {
  if (node->links || node->opened || node == top) return;
  if (node->bytes) release(node->bytes, node->capacity);
  release(node, sizeof *node);
}

static void pack_entry(u32 number) {
  u8 name[NAME_BYTES];
  u32 at = image32(IMAGE_ENTRY_TABLE) + (number - 1) * ENTRY_BYTES;
  u32 length = image32(at + 12);
  struct node *node = make_node(image32(at + 4));
  /* The image is the packer's: that all of it fits into the adapter's memory is known before the call. */
  if (!node || length > NAME_BYTES) __builtin_trap();
  node->place = image32(at + 16);
  node->size = image32(at + 20);
  node->accessed = node->modified = node->changed = image64(IMAGE_EPOCH);
  image_fetch(name, image32(at + 8), length);
  packed_nodes[number] = node;
  if (add_entry(packed_nodes[image32(at)], name, length, node) != OK) __builtin_trap();
}

struct node *root(void) {
  if (top) return top;
  u32 entries = image32(IMAGE_ENTRIES);
  u32 capacity;
  top = make_node(TYPE_DIRECTORY);
  packed_nodes = allocate((entries + 1) * sizeof *packed_nodes, &capacity);
  if (!top || !packed_nodes) __builtin_trap();
  top->parent = top;
  top->links = 1;
  top->accessed = top->modified = top->changed = image64(IMAGE_EPOCH);
  packed_nodes[0] = top;
  for (u32 number = 1; number <= entries; number++) pack_entry(number);
  return top;
}

struct node *packed(u32 number) {
  root();
  return packed_nodes[number];
}

errno_t reserve(struct node *node, u64 bytes) {
  if (bytes > FILE_BYTES) return EFBIG;
  if (node->bytes && node->capacity >= bytes) return OK;
  u32 capacity;
  u8 *block = allocate(bytes > node->size ? bytes : node->size, &capacity);
  if (!block) return ENOSPC;
  if (node->bytes) {
    __builtin_memcpy(block, node->bytes, node->size);
    release(node->bytes, node->capacity);
  } else {
    image_fetch(block, node->place, node->size);
  }
  node->bytes = block;
  node->capacity = capacity;
  return OK;
}

errno_t resize(struct node *node, u64 bytes) {
  /* What gets shorter needs no room: it stays where it is. */
  if (bytes > node->size) {
    errno_t error = reserve(node, bytes);
    if (error) return error;
    __builtin_memset(node->bytes + node->size, 0, bytes - node->size);
  }
  node->size = bytes;
  node->modified = node->changed = real_time();
  return OK;
}
