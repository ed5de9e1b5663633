/*
 * The table of file descriptors, and what is asked of a descriptor alone (WASI: fd_close, fd_renumber, fd_prestat_*,
 * fd_fdstat_*). Descriptors 0 to 2 are the standard streams; packed directories follow.
 *
 * Invariant: an open descriptor with a node holds that node (`opened`), so that it lives on without a name.
 */
#include "descriptors.h"

enum { DESCRIPTORS = 1024 };
static struct descriptor table[DESCRIPTORS];
static int is_ready;

static void prepare(void) {
  is_ready = 1;
  for (u32 fd = 0; fd < 3; fd++) {
    table[fd].stream = STREAM_INPUT + fd;
    table[fd].rights = STREAM_RIGHTS | (fd == 0 ? RIGHT(BIT_READ) : RIGHT(BIT_WRITE));
  }
  u32 count = image32(IMAGE_PREOPENS), place = image32(IMAGE_PREOPEN_TABLE);
  for (u32 i = 0; i < count && i < DESCRIPTORS - 3; i++, place += PREOPEN_BYTES) {
    struct descriptor *descriptor = &table[3 + i];
    descriptor->node = packed(image32(place + 8));
    descriptor->node->opened++;
    descriptor->rights = DIRECTORY_RIGHTS;
    descriptor->inheriting = DIRECTORY_RIGHTS | FILE_RIGHTS;
    descriptor->name_place = image32(place);
    descriptor->name_length = image32(place + 4);
  }
}

static int is_open(u32 fd) {
  if (!is_ready) prepare();
  return fd < DESCRIPTORS && (table[fd].stream || table[fd].node);
}

/* A reactor's gateway says so before every call; its descriptors live on, its input does not. */
WASI("begin_call") void begin_call(void) {
  for (u32 fd = 0; fd < DESCRIPTORS; fd++)
    if (table[fd].stream == STREAM_INPUT) table[fd].offset = 0;
}

errno_t descriptor_of(u32 fd, u64 rights, struct descriptor **found) {
  if (!is_open(fd)) return EBADF;
  *found = &table[fd];
  return (table[fd].rights & rights) == rights ? OK : ENOTCAPABLE;
}

errno_t directory_of(u32 fd, u64 rights, struct descriptor **found) {
  if (!is_open(fd)) return EBADF;
  if (table[fd].stream || table[fd].node->type != TYPE_DIRECTORY) return ENOTDIR;
  return descriptor_of(fd, rights, found);
}

errno_t free_descriptor(u32 *fd) {
  *fd = 3;
  while (*fd < DESCRIPTORS && is_open(*fd)) (*fd)++;
  return *fd == DESCRIPTORS ? EMFILE : OK;
}

void open_node(u32 fd, struct node *node, u64 rights, u64 inheriting, u32 flags) {
  table[fd] = (struct descriptor){0, node, rights, inheriting, 0, flags, 0, 0};
  node->opened++;
}

WASI("fd_close") errno_t fd_close(u32 fd) {
  if (!is_open(fd)) return EBADF;
  struct node *node = table[fd].node;
  table[fd] = (struct descriptor){0};
  if (node) {
    node->opened--;
    settle(node);
  }
  return OK;
}

WASI("fd_renumber") errno_t fd_renumber(u32 from, u32 to) {
  if (!is_open(from) || !is_open(to)) return EBADF;
  if (from == to) return OK;
  fd_close(to);
  table[to] = table[from];
  table[from] = (struct descriptor){0};
  return OK;
}

WASI("fd_prestat_get") errno_t fd_prestat_get(u32 fd, u32 at) {
  if (!is_open(fd) || table[fd].name_length == 0) return EBADF;
  if (!inside(at, PRESTAT_BYTES)) return EFAULT;
  store32(at, 0);
  store32(at + 4, table[fd].name_length);
  return OK;
}

WASI("fd_prestat_dir_name") errno_t fd_prestat_dir_name(u32 fd, u32 at, u32 bytes) {
  if (!is_open(fd) || table[fd].name_length == 0) return EBADF;
  if (bytes < table[fd].name_length) return ENAMETOOLONG;
  if (!inside(at, bytes)) return EFAULT;
  image_put(at, table[fd].name_place, table[fd].name_length);
  return OK;
}

WASI("fd_fdstat_get") errno_t fd_fdstat_get(u32 fd, u32 at) {
  if (!is_open(fd)) return EBADF;
  if (!inside(at, FDSTAT_BYTES)) return EFAULT;
  struct descriptor *descriptor = &table[fd];
  clear(at, FDSTAT_BYTES);
  store8(at, descriptor->stream ? TYPE_CHARACTERS : descriptor->node->type);
  store16(at + 2, descriptor->flags);
  store64(at + 8, descriptor->rights);
  store64(at + 16, descriptor->inheriting);
  return OK;
}

WASI("fd_fdstat_set_flags") errno_t fd_fdstat_set_flags(u32 fd, u32 flags) {
  struct descriptor *descriptor;
  errno_t error = descriptor_of(fd, RIGHT(BIT_SET_FLAGS), &descriptor);
  if (error) return error;
  if (flags & ~FLAGS_KNOWN) return EINVAL;
  descriptor->flags = flags;
  return OK;
}

WASI("fd_fdstat_set_rights") errno_t fd_fdstat_set_rights(u32 fd, u64 rights, u64 inheriting) {
  struct descriptor *descriptor;
  errno_t error = descriptor_of(fd, 0, &descriptor);
  if (error) return error;
  if ((rights & ~descriptor->rights) || (inheriting & ~descriptor->inheriting)) return ENOTCAPABLE;
  descriptor->rights = rights;
  descriptor->inheriting = inheriting;
  return OK;
}
