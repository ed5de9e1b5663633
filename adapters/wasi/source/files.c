/*
 * Contents of files and streams (WASI: fd_read, fd_write, fd_pread, fd_pwrite, fd_seek, fd_tell, fd_sync, fd_datasync,
 * fd_advise, fd_allocate, fd_filestat_set_size).
 *
 * Invariant: nothing is read or written unless all buffers lie within the program's memory. The offset of the standard
 * input is that of its descriptor, so that each byte of the call's input is read once; a new call has a new input.
 * Buffers, and what is written from them, are those of the moment of the call, whatever results are put over them.
 */
#include "clock.h"
#include "descriptors.h"

/** Buffers that one read fills at most: IOV_MAX of libc. */
enum { READ_BUFFERS = 1024 };
static struct {
  u32 at, bytes;
} places[READ_BUFFERS];

/** Bytes of all buffers together. */
static errno_t buffers(u32 at, u32 count, u64 *bytes) {
  *bytes = 0;
  if (!inside(at, (u64)count * IOVEC_BYTES)) return EFAULT;
  for (u32 i = 0; i < count; i++, at += IOVEC_BYTES) {
    u32 length = load32(at + 4);
    if (!inside(load32(at), length)) return EFAULT;
    *bytes += length;
  }
  return *bytes >> 32 ? EINVAL : OK;
}

static void read_piece(struct descriptor *from, u64 offset, u32 at, u32 bytes) {
  struct node *node = from->node;
  if (from->stream) input_read(at, offset, bytes);
  else if (node->bytes) put(at, node->bytes + offset, bytes);
  else image_put(at, node->place + offset, bytes);
}

static errno_t read_at(struct descriptor *from, u64 offset, u32 at, u32 count, u32 done_at, u32 *done) {
  u64 bytes;
  errno_t error = buffers(at, count, &bytes);
  if (error) return error;
  if (!inside(done_at, 4)) return EFAULT;
  if (!from->stream && from->node->type == TYPE_DIRECTORY) return EISDIR;
  u64 size = from->stream ? (image32(IMAGE_FLAGS) & IMAGE_HAS_INPUT ? input_size() : 0) : from->node->size;
  if (count > READ_BUFFERS) count = READ_BUFFERS;
  fetch(places, at, count * IOVEC_BYTES);
  *done = 0;
  for (u32 i = 0; i < count && offset < size; i++) {
    u64 length = places[i].bytes;
    if (length > size - offset) length = size - offset;
    if (length) read_piece(from, offset, places[i].at, length);
    offset += length;
    *done += length;
  }
  if (!from->stream) from->node->accessed = real_time();
  store32(done_at, *done);
  return OK;
}

static void write_stream(u32 stream, u32 at, u32 count) {
  if (stream == STREAM_ERRORS && !(image32(IMAGE_FLAGS) & IMAGE_SHOWS_ERRORS)) return;
  for (u32 i = 0; i < count; i++, at += IOVEC_BYTES) {
    u32 length = load32(at + 4);
    if (length) output_write(load32(at), length);
  }
}

static errno_t write_at(struct descriptor *to, u64 offset, u32 at, u32 count, u32 done_at, u32 *done) {
  u64 bytes;
  errno_t error = buffers(at, count, &bytes);
  if (error) return error;
  if (!inside(done_at, 4)) return EFAULT;
  *done = bytes;
  if (to->stream) {
    write_stream(to->stream, at, count);
    store32(done_at, bytes);
    return OK;
  }
  struct node *node = to->node;
  if (node->type == TYPE_DIRECTORY) return EISDIR;
  if (bytes) {
    if (offset > FILE_BYTES) return EFBIG;
    error = offset + bytes > node->size ? resize(node, offset + bytes) : reserve(node, node->size);
    if (error) return error;
  }
  for (u32 i = 0; i < count; i++, at += IOVEC_BYTES) {
    u32 length = load32(at + 4);
    if (length) fetch(node->bytes + offset, load32(at), length);
    offset += length;
  }
  node->modified = node->changed = real_time();
  store32(done_at, bytes);
  return OK;
}

/** Where a descriptor writes that is to write at an offset. */
static u64 write_offset(const struct descriptor *to, u64 offset) {
  return to->flags & FLAG_APPEND && !to->stream ? to->node->size : offset;
}

WASI("fd_read") errno_t fd_read(u32 fd, u32 at, u32 count, u32 done_at) {
  struct descriptor *from;
  u32 done;
  errno_t error = descriptor_of(fd, RIGHT(BIT_READ), &from);
  if (!error) error = read_at(from, from->offset, at, count, done_at, &done);
  if (!error) from->offset += done;
  return error;
}

WASI("fd_pread") errno_t fd_pread(u32 fd, u32 at, u32 count, u64 offset, u32 done_at) {
  struct descriptor *from;
  u32 done;
  errno_t error = descriptor_of(fd, RIGHT(BIT_READ), &from);
  if (!error && from->stream) error = ESPIPE;
  if (!error && (i64)offset < 0) error = EINVAL;
  return error ? error : read_at(from, offset, at, count, done_at, &done);
}

WASI("fd_write") errno_t fd_write(u32 fd, u32 at, u32 count, u32 done_at) {
  struct descriptor *to;
  u32 done;
  errno_t error = descriptor_of(fd, RIGHT(BIT_WRITE), &to);
  if (error) return error;
  u64 offset = write_offset(to, to->offset);
  error = write_at(to, offset, at, count, done_at, &done);
  if (!error && done) to->offset = offset + done;
  return error;
}

WASI("fd_pwrite") errno_t fd_pwrite(u32 fd, u32 at, u32 count, u64 offset, u32 done_at) {
  struct descriptor *to;
  u32 done;
  errno_t error = descriptor_of(fd, RIGHT(BIT_WRITE), &to);
  if (!error && to->stream) error = ESPIPE;
  if (!error && (i64)offset < 0) error = EINVAL;
  if (error) return error;
  return write_at(to, write_offset(to, offset), at, count, done_at, &done);
}

/** A descriptor that has a place in contents. */
static errno_t seekable(u32 fd, u64 rights, struct descriptor **found) {
  if (descriptor_of(fd, 0, found)) return EBADF;
  if ((*found)->stream) return ESPIPE;
  errno_t error = descriptor_of(fd, rights, found);
  if (!error && (*found)->node->type != TYPE_FILE) error = EISDIR;
  return error;
}

WASI("fd_seek") errno_t fd_seek(u32 fd, i64 by, u32 whence, u32 at) {
  struct descriptor *descriptor;
  u64 right = by == 0 && whence == SEEK_CURRENT ? RIGHT(BIT_TELL) : RIGHT(BIT_SEEK);
  errno_t error = seekable(fd, right, &descriptor);
  if (error) return error;
  if (whence > SEEK_END) return EINVAL;
  if (!inside(at, 8)) return EFAULT;
  i64 base = whence == SEEK_SET ? 0 : whence == SEEK_CURRENT ? (i64)descriptor->offset : (i64)descriptor->node->size;
  i64 offset;
  if (__builtin_add_overflow(base, by, &offset) || offset < 0) return EINVAL;
  descriptor->offset = offset;
  store64(at, offset);
  return OK;
}

WASI("fd_tell") errno_t fd_tell(u32 fd, u32 at) {
  struct descriptor *descriptor;
  errno_t error = seekable(fd, RIGHT(BIT_TELL), &descriptor);
  if (error) return error;
  if (!inside(at, 8)) return EFAULT;
  store64(at, descriptor->offset);
  return OK;
}

/* Nothing is written behind the program's back, so there is nothing to wait for. */
WASI("fd_sync") errno_t fd_sync(u32 fd) {
  struct descriptor *descriptor;
  errno_t error = descriptor_of(fd, RIGHT(BIT_SYNC), &descriptor);
  return !error && descriptor->stream ? EINVAL : error;
}

WASI("fd_datasync") errno_t fd_datasync(u32 fd) {
  struct descriptor *descriptor;
  errno_t error = descriptor_of(fd, RIGHT(BIT_DATASYNC), &descriptor);
  return !error && descriptor->stream ? EINVAL : error;
}

WASI("fd_advise") errno_t fd_advise(u32 fd, u64 offset, u64 bytes, u32 advice) {
  struct descriptor *descriptor;
  if (descriptor_of(fd, 0, &descriptor)) return EBADF;
  if (descriptor->stream) return ESPIPE;
  if ((i64)offset < 0 || (i64)bytes < 0 || advice > 5) return EINVAL;
  return descriptor_of(fd, RIGHT(BIT_ADVISE), &descriptor);
}

WASI("fd_allocate") errno_t fd_allocate(u32 fd, u64 offset, u64 bytes) {
  struct descriptor *descriptor;
  errno_t error = seekable(fd, RIGHT(BIT_ALLOCATE), &descriptor);
  if (error) return error;
  if (bytes == 0 || (i64)offset < 0 || (i64)bytes < 0) return EINVAL;
  if (offset > FILE_BYTES || bytes > FILE_BYTES) return EFBIG;
  return offset + bytes > descriptor->node->size ? resize(descriptor->node, offset + bytes) : OK;
}

WASI("fd_filestat_set_size") errno_t fd_filestat_set_size(u32 fd, u64 bytes) {
  struct descriptor *descriptor;
  errno_t error = descriptor_of(fd, RIGHT(BIT_SET_SIZE), &descriptor);
  if (error) return error;
  if (descriptor->stream || descriptor->node->type != TYPE_FILE) return EINVAL;
  return (i64)bytes < 0 ? EINVAL : resize(descriptor->node, bytes);
}
