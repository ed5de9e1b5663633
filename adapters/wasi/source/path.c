/*
 * Paths (path.h). Symbolic links are followed by putting their target in the place of what has been read.
 *
 * Invariant: nothing above the directory from which a path starts is ever reached.
 */
#include "path.h"

enum { MOST_LINKS = 32 };

struct cursor {
  u32 start, end, length;
  u32 links;
};

/** Puts a link's target in place of the components up to the cursor's end. */
static errno_t expand(struct path *path, struct cursor *cursor, struct node *link) {
  u32 rest = cursor->length - cursor->end;
  if (++cursor->links > MOST_LINKS) return ELOOP;
  if (link->size + rest > PATH_BYTES) return ENAMETOOLONG;
  __builtin_memmove(path->text + link->size, path->text + cursor->end, rest);
  if (link->bytes) __builtin_memcpy(path->text, link->bytes, link->size);
  else image_fetch(path->text, link->place, link->size);
  cursor->length = link->size + rest;
  cursor->end = 0;
  return path->text[0] == '/' ? EPERM : OK;
}

static void name_directory(struct path *path, struct node *directory) {
  path->directory = directory;
  path->node = directory;
  path->entry = 0;
  path->length = 0;
}

/** One component; `is_last` if nothing but slashes follows. */
static errno_t descend(struct path *path, struct cursor *cursor, struct node *base, int is_last, u32 last) {
  struct node *directory = path->node;
  const u8 *name = path->text + cursor->start;
  u32 length = cursor->end - cursor->start;
  if (length == 1 && name[0] == '.') return OK;
  if (length == 2 && name[0] == '.' && name[1] == '.') {
    if (directory == base) return EPERM;
    name_directory(path, directory->parent);
    return OK;
  }
  if (length > NAME_BYTES) return ENAMETOOLONG;
  struct entry *entry = find(directory, name, length);
  if (!entry && !is_last) return ENOENT;
  struct node *node = entry ? entry->node : 0;
  int follows = !is_last || last == LOOKUP_FOLLOW || (path->is_slashed && last == LAST_ITSELF);
  if (node && node->type == TYPE_LINK && follows) return expand(path, cursor, node);
  if (node && node->type == TYPE_DIRECTORY && !is_last) {
    name_directory(path, node);
    return OK;
  }
  if (node && node->type != TYPE_DIRECTORY && (!is_last || (path->is_slashed && last != LAST_NEW_NAME))) {
    return ENOTDIR;
  }
  path->directory = directory;
  path->name = name;
  path->length = length;
  path->node = node;
  path->entry = entry;
  return OK;
}

int is_utf8(const u8 *text, u32 length) {
  for (u32 i = 0; i < length;) {
    u8 lead = text[i++];
    if (lead < 0x80) continue;
    u32 more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more == 0 || more > length - i) return 0;
    /* Nothing longer than it must be, no surrogates, nothing above U+10FFFF: a matter of the second byte. */
    u8 least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    u8 most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (text[i] < least || text[i] > most) return 0;
    for (u32 k = 1; k < more; k++)
      if ((text[i + k] & 0xc0) != 0x80) return 0;
    i += more;
  }
  return 1;
}

errno_t follow(struct path *path, struct node *base, u32 at, u32 bytes, u32 last) {
  if (!inside(at, bytes)) return EFAULT;
  if (bytes > PATH_BYTES) return ENAMETOOLONG;
  if (bytes == 0) return ENOENT;
  fetch(path->text, at, bytes);
  for (u32 i = 0; i < bytes; i++)
    if (path->text[i] == 0) return EINVAL;
  if (!is_utf8(path->text, bytes)) return EILSEQ;
  if (path->text[0] == '/') return EPERM;
  name_directory(path, base);
  struct cursor cursor = {0, 0, bytes, 0};
  while (cursor.end < cursor.length) {
    if (path->text[cursor.end] == '/') {
      cursor.end++;
      continue;
    }
    cursor.start = cursor.end;
    while (cursor.end < cursor.length && path->text[cursor.end] != '/') cursor.end++;
    u32 next = cursor.end;
    while (next < cursor.length && path->text[next] == '/') next++;
    int is_last = next == cursor.length;
    path->is_slashed = is_last && next > cursor.end;
    errno_t error = descend(path, &cursor, base, is_last, last);
    if (error) return error;
    if (is_last && cursor.end) return OK;
  }
  return OK;
}
