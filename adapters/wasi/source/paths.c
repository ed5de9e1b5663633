/*
 * What is done to names (WASI: path_open, path_create_directory, path_unlink_file, path_remove_directory, path_rename,
 * path_link, path_symlink, path_readlink).
 *
 * Invariant: a directory that is open but has no name is empty and stays empty.
 */
#include "clock.h"
#include "descriptors.h"
#include "path.h"

static struct path source, target;

/** Finds the place for a new name: a directory that still has a name itself, and nothing there. */
static errno_t vacant(const struct path *path) {
  if (path->node) return EEXIST;
  return path->directory->links ? OK : ENOENT;
}

static void touch(struct node *directory) { directory->modified = directory->changed = real_time(); }

/** Gives a node that nothing names yet its name; if that fails, the node is gone. */
static errno_t name_node(const struct path *path, struct node *node) {
  errno_t error = add_entry(path->directory, path->name, path->length, node);
  if (error) settle(node);
  else touch(path->directory);
  return error;
}

static errno_t create(const struct path *path, u32 type, struct node **made) {
  errno_t error = vacant(path);
  if (error) return error;
  *made = make_node(type);
  return *made ? name_node(path, *made) : ENOSPC;
}

/** The file that path_open is about: found, or made. */
static errno_t opened_node(struct path *path, struct descriptor *base, u32 options, struct node **node) {
  *node = path->node;
  if (*node) {
    if (options & OPEN_CREATE && options & OPEN_EXCLUSIVE) return EEXIST;
    if ((*node)->type == TYPE_LINK) return ELOOP;
    int is_directory = (*node)->type == TYPE_DIRECTORY;
    if (options & OPEN_DIRECTORY) return is_directory ? OK : ENOTDIR;
    /* POSIX: what creates opens a directory only if it says that it wants one. */
    return is_directory && options & OPEN_CREATE ? EISDIR : OK;
  }
  if (!(options & OPEN_CREATE)) return ENOENT;
  if (options & OPEN_DIRECTORY) return EINVAL;
  if (path->is_slashed) return EISDIR;
  if (!(base->rights & RIGHT(BIT_CREATE_FILE))) return ENOTCAPABLE;
  return create(path, TYPE_FILE, node);
}

WASI("path_open")
errno_t path_open(u32 fd, u32 lookup, u32 at, u32 bytes, u32 options, u64 rights, u64 inheriting, u32 flags, u32 fd_at) {
  struct descriptor *base;
  errno_t error = directory_of(fd, RIGHT(BIT_OPEN), &base);
  if (error) return error;
  if (!inside(fd_at, 4)) return EFAULT;
  if (lookup & ~LOOKUP_FOLLOW || options & ~15u || flags & ~FLAGS_KNOWN) return EINVAL;
  /* What fails for want of a right or of a descriptor makes no file. */
  if (options & OPEN_TRUNCATE && !(base->rights & RIGHT(BIT_PATH_SET_SIZE))) return ENOTCAPABLE;
  u32 opened;
  error = free_descriptor(&opened);
  if (error) return error;
  /* POSIX: a link that is there is there, wherever it leads. */
  int is_new = options & OPEN_CREATE && options & OPEN_EXCLUSIVE;
  error = follow(&source, base->node, at, bytes, lookup & LOOKUP_FOLLOW && !is_new);
  if (error) return error;
  struct node *node;
  error = opened_node(&source, base, options, &node);
  if (error) return error;
  int is_directory = node->type == TYPE_DIRECTORY;
  if (is_directory && (rights & RIGHT(BIT_WRITE) || options & OPEN_TRUNCATE)) return EISDIR;
  u64 possible = is_directory ? DIRECTORY_RIGHTS : FILE_RIGHTS;
  if (options & OPEN_TRUNCATE) {
    error = resize(node, 0);
    if (error) return error;
  }
  u64 most = inheriting & base->inheriting;
  open_node(opened, node, rights & base->inheriting & possible, is_directory ? most : 0, flags);
  store32(fd_at, opened);
  return OK;
}

WASI("path_create_directory") errno_t path_create_directory(u32 fd, u32 at, u32 bytes) {
  struct descriptor *base;
  struct node *made;
  errno_t error = directory_of(fd, RIGHT(BIT_CREATE_DIRECTORY), &base);
  if (!error) error = follow(&source, base->node, at, bytes, LAST_NEW_NAME);
  return error ? error : create(&source, TYPE_DIRECTORY, &made);
}

static errno_t remove_found(const struct path *path) {
  touch(path->directory);
  path->node->changed = real_time();
  remove_entry(path->directory, path->entry);
  return OK;
}

WASI("path_unlink_file") errno_t path_unlink_file(u32 fd, u32 at, u32 bytes) {
  struct descriptor *base;
  errno_t error = directory_of(fd, RIGHT(BIT_UNLINK), &base);
  if (!error) error = follow(&source, base->node, at, bytes, LAST_NAME);
  if (error) return error;
  if (!source.node) return ENOENT;
  return source.node->type == TYPE_DIRECTORY ? EISDIR : remove_found(&source);
}

WASI("path_remove_directory") errno_t path_remove_directory(u32 fd, u32 at, u32 bytes) {
  struct descriptor *base;
  errno_t error = directory_of(fd, RIGHT(BIT_REMOVE_DIRECTORY), &base);
  if (!error) error = follow(&source, base->node, at, bytes, LAST_NAME);
  if (error) return error;
  if (!source.node) return ENOENT;
  if (source.node->type != TYPE_DIRECTORY) return ENOTDIR;
  if (!source.entry) return EINVAL;
  return source.node->first ? ENOTEMPTY : remove_found(&source);
}

/** Whether a directory lies in another, or is it. */
static int is_within(const struct node *inner, const struct node *outer) {
  while (inner != outer && inner != inner->parent) inner = inner->parent;
  return inner == outer;
}

/** What may be put in the place of what. */
static errno_t replaceable(const struct path *from, const struct path *to) {
  int is_directory = from->node->type == TYPE_DIRECTORY;
  if (is_directory && is_within(to->directory, from->node)) return EINVAL;
  if (!to->node) return to->is_slashed && !is_directory ? ENOTDIR : vacant(to);
  if (!to->entry) return EINVAL;
  if (is_directory && to->node->type != TYPE_DIRECTORY) return ENOTDIR;
  if (!is_directory && to->node->type == TYPE_DIRECTORY) return EISDIR;
  return is_directory && to->node->first ? ENOTEMPTY : OK;
}

static errno_t both_paths(
    u32 fd, u64 right, u32 at, u32 bytes, u32 last, u32 fd2, u64 right2, u32 at2, u32 bytes2, u32 last2) {
  struct descriptor *base, *base2;
  errno_t error = directory_of(fd, right, &base);
  if (!error) error = directory_of(fd2, right2, &base2);
  if (!error) error = follow(&source, base->node, at, bytes, last);
  if (!error) error = follow(&target, base2->node, at2, bytes2, last2);
  return error ? error : source.node ? OK : ENOENT;
}

WASI("path_rename") errno_t path_rename(u32 fd, u32 at, u32 bytes, u32 fd2, u32 at2, u32 bytes2) {
  u64 right = RIGHT(BIT_RENAME_SOURCE), right2 = RIGHT(BIT_RENAME_TARGET);
  errno_t error = both_paths(fd, right, at, bytes, LAST_NAME, fd2, right2, at2, bytes2, LAST_NAME);
  if (error) return error;
  if (!source.entry) return EINVAL;
  if (source.node == target.node) return OK;
  error = replaceable(&source, &target);
  if (error) return error;
  struct node *node = source.node;
  error = add_entry(target.directory, target.name, target.length, node);
  if (error) return error;
  if (target.entry) remove_found(&target);
  touch(target.directory);
  return remove_found(&source);
}

WASI("path_link") errno_t path_link(u32 fd, u32 lookup, u32 at, u32 bytes, u32 fd2, u32 at2, u32 bytes2) {
  u64 right = RIGHT(BIT_LINK_SOURCE), right2 = RIGHT(BIT_LINK_TARGET);
  if (lookup) return EINVAL;
  errno_t error = both_paths(fd, right, at, bytes, LAST_ITSELF, fd2, right2, at2, bytes2, LAST_NEW_NAME);
  if (error) return error;
  if (source.node->type == TYPE_DIRECTORY) return EPERM;
  error = vacant(&target);
  if (!error && target.is_slashed) error = ENOENT;
  if (error) return error;
  error = add_entry(target.directory, target.name, target.length, source.node);
  if (error) return error;
  source.node->changed = real_time();
  touch(target.directory);
  return OK;
}

WASI("path_symlink") errno_t path_symlink(u32 to_at, u32 to_bytes, u32 fd, u32 at, u32 bytes) {
  struct descriptor *base;
  struct node *made;
  errno_t error = directory_of(fd, RIGHT(BIT_SYMLINK), &base);
  if (error) return error;
  if (!inside(to_at, to_bytes)) return EFAULT;
  if (to_bytes == 0) return ENOENT;
  if (to_bytes > PATH_BYTES) return ENAMETOOLONG;
  fetch(source.text, to_at, to_bytes);
  if (!is_utf8(source.text, to_bytes)) return EILSEQ;
  if (source.text[0] == '/') return EPERM;
  error = follow(&source, base->node, at, bytes, LAST_NEW_NAME);
  if (error) return error;
  if (source.is_slashed) return source.node ? EEXIST : ENOENT;
  error = vacant(&source);
  if (error) return error;
  /* The target first: a link that has a name has a target. */
  made = make_node(TYPE_LINK);
  if (!made) return ENOSPC;
  error = reserve(made, to_bytes);
  if (error) {
    settle(made);
    return error;
  }
  fetch(made->bytes, to_at, to_bytes);
  made->size = to_bytes;
  return name_node(&source, made);
}

WASI("path_readlink") errno_t path_readlink(u32 fd, u32 at, u32 bytes, u32 to_at, u32 to_bytes, u32 done_at) {
  struct descriptor *base;
  errno_t error = directory_of(fd, RIGHT(BIT_READLINK), &base);
  if (!error) error = follow(&source, base->node, at, bytes, LAST_ITSELF);
  if (error) return error;
  if (!source.node) return ENOENT;
  if (source.node->type != TYPE_LINK) return EINVAL;
  if (!inside(to_at, to_bytes) || !inside(done_at, 4)) return EFAULT;
  u32 length = source.node->size < to_bytes ? source.node->size : to_bytes;
  put(to_at, source.node->bytes, length);
  store32(done_at, length);
  return OK;
}
