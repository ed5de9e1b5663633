/*
 * What is known of a file, and a directory's list (WASI: fd_filestat_get, fd_filestat_set_times, fd_readdir,
 * path_filestat_get, path_filestat_set_times).
 *
 * Invariant: a directory is listed in the order in which its entries were made, whatever happens between two calls.
 */
#include "clock.h"
#include "descriptors.h"
#include "path.h"

static errno_t put_stat(u32 at, const struct node *node) {
  if (!inside(at, FILESTAT_BYTES)) return EFAULT;
  clear(at, FILESTAT_BYTES);
  store64(at + 24, 1);
  store8(at + 16, TYPE_CHARACTERS);
  if (!node) return OK;
  store64(at, 1);
  store64(at + 8, node->id);
  store8(at + 16, node->type);
  store64(at + 24, node->links);
  store64(at + 32, node->size);
  store64(at + 40, node->accessed);
  store64(at + 48, node->modified);
  store64(at + 56, node->changed);
  return OK;
}

static errno_t set_times(struct node *node, u64 accessed, u64 modified, u32 flags) {
  u32 both = TIME_ACCESS | TIME_ACCESS_NOW, change = TIME_CHANGE | TIME_CHANGE_NOW;
  if (flags & ~(both | change) || (flags & both) == both || (flags & change) == change) return EINVAL;
  u64 now = real_time();
  if (flags & both) node->accessed = flags & TIME_ACCESS ? accessed : now;
  if (flags & change) node->modified = flags & TIME_CHANGE ? modified : now;
  node->changed = now;
  return OK;
}

WASI("fd_filestat_get") errno_t fd_filestat_get(u32 fd, u32 at) {
  struct descriptor *descriptor;
  errno_t error = descriptor_of(fd, RIGHT(BIT_STAT), &descriptor);
  return error ? error : put_stat(at, descriptor->node);
}

WASI("fd_filestat_set_times") errno_t fd_filestat_set_times(u32 fd, u64 accessed, u64 modified, u32 flags) {
  struct descriptor *descriptor;
  errno_t error = descriptor_of(fd, RIGHT(BIT_SET_TIMES), &descriptor);
  if (error) return error;
  return descriptor->stream ? EBADF : set_times(descriptor->node, accessed, modified, flags);
}

static struct path asked;

WASI("path_filestat_get") errno_t path_filestat_get(u32 fd, u32 flags, u32 at, u32 bytes, u32 stat_at) {
  struct descriptor *base;
  errno_t error = directory_of(fd, RIGHT(BIT_PATH_STAT), &base);
  if (!error && flags & ~LOOKUP_FOLLOW) error = EINVAL;
  if (!error) error = follow(&asked, base->node, at, bytes, flags & LOOKUP_FOLLOW);
  if (error) return error;
  return asked.node ? put_stat(stat_at, asked.node) : ENOENT;
}

WASI("path_filestat_set_times")
errno_t path_filestat_set_times(u32 fd, u32 lookup, u32 at, u32 bytes, u64 accessed, u64 modified, u32 flags) {
  struct descriptor *base;
  errno_t error = directory_of(fd, RIGHT(BIT_PATH_SET_TIMES), &base);
  if (!error && lookup & ~LOOKUP_FOLLOW) error = EINVAL;
  if (!error) error = follow(&asked, base->node, at, bytes, lookup & LOOKUP_FOLLOW);
  if (error) return error;
  return asked.node ? set_times(asked.node, accessed, modified, flags) : ENOENT;
}

struct listing {
  u32 at, left, done;
};

/** Puts as much of bytes as there is room for. */
static void list_bytes(struct listing *listing, const void *bytes, u32 length) {
  if (length > listing->left) length = listing->left;
  put(listing->at + listing->done, bytes, length);
  listing->done += length;
  listing->left -= length;
}

static void list(struct listing *listing, u64 next, const struct node *node, const u8 *name, u32 length) {
  struct {
    u64 next, id;
    u32 length, type;
  } head = {next, node->id, length, node->type};
  list_bytes(listing, &head, DIRENT_BYTES);
  list_bytes(listing, name, length);
}

WASI("fd_readdir") errno_t fd_readdir(u32 fd, u32 at, u32 bytes, u64 cookie, u32 done_at) {
  struct descriptor *descriptor;
  errno_t error = directory_of(fd, RIGHT(BIT_READDIR), &descriptor);
  if (error) return error;
  if (!inside(at, bytes) || !inside(done_at, 4)) return EFAULT;
  struct node *node = descriptor->node;
  struct listing listing = {at, bytes, 0};
  if (cookie == 0) list(&listing, 1, node, (const u8 *)".", 1);
  if (cookie <= 1) list(&listing, FIRST_SERIAL, node->parent, (const u8 *)"..", 2);
  for (struct entry *entry = node->first; entry && listing.left; entry = entry->next) {
    if (entry->serial < cookie) continue;
    list(&listing, entry->serial + 1, entry->node, entry->name, entry->length);
  }
  node->accessed = real_time();
  store32(done_at, listing.done);
  return OK;
}
