/*
 * Waiting (WASI: poll_oneoff) and sockets, of which there are none (WASI: sock_*).
 *
 * Invariant: nothing ever blocks. Files and streams are ready at once; where only clocks are waited for, time jumps to
 * the first of them.
 */
#include "clock.h"
#include "descriptors.h"

/** When a clock subscription made at `now` is due, on the monotonic clock. */
static u64 due(u32 at, u64 now) {
  u64 timeout = load64(at + 24);
  if (!(load16(at + 40) & CLOCK_ABSOLUTE)) return now + timeout < now ? ~0ull : now + timeout;
  u64 epoch = load32(at + 16) == CLOCK_REALTIME ? image64(IMAGE_EPOCH) : 0;
  return timeout > epoch ? timeout - epoch : 0;
}

static u64 ready_bytes(const struct descriptor *descriptor) {
  if (descriptor->stream == STREAM_INPUT) {
    u64 size = image32(IMAGE_FLAGS) & IMAGE_HAS_INPUT ? input_size() : 0;
    return size > descriptor->offset ? size - descriptor->offset : 0;
  }
  if (!descriptor->node || descriptor->node->size <= descriptor->offset) return 0;
  return descriptor->node->size - descriptor->offset;
}

static void put_event(u32 at, u64 userdata, errno_t error, u32 type, u64 bytes, u32 flags) {
  clear(at, EVENT_BYTES);
  store64(at, userdata);
  store16(at + 8, error);
  store8(at + 10, type);
  store64(at + 16, bytes);
  store16(at + 24, flags);
}

static void put_ready(u32 at, u32 subscription) {
  struct descriptor *descriptor;
  u32 type = load8(subscription + 8);
  u64 rights = RIGHT(BIT_POLL) | (type == EVENT_READ ? RIGHT(BIT_READ) : RIGHT(BIT_WRITE));
  errno_t error = descriptor_of(load32(subscription + 16), rights, &descriptor);
  u64 bytes = !error && type == EVENT_READ ? ready_bytes(descriptor) : 0;
  int is_end = !error && type == EVENT_READ && bytes == 0 && descriptor->stream;
  put_event(at, load64(subscription), error, type, bytes, is_end ? EVENT_HANGUP : 0);
}

static errno_t first_due(u32 at, u32 count, u64 now, u64 *time, u32 *others) {
  *time = ~0ull;
  *others = 0;
  for (u32 i = 0; i < count; i++, at += SUBSCRIPTION_BYTES) {
    u32 type = load8(at + 8);
    if (type > EVENT_WRITE) return EINVAL;
    if (type != EVENT_CLOCK) {
      (*others)++;
    } else {
      if (load32(at + 16) > CLOCK_THREAD) return EINVAL;
      u64 when = due(at, now);
      if (when < *time) *time = when;
    }
  }
  return OK;
}

WASI("poll_oneoff") errno_t poll_oneoff(u32 at, u32 to_at, u32 count, u32 done_at) {
  u64 time;
  u32 others, done = 0;
  if (count == 0) return EINVAL;
  if (!inside(at, (u64)count * SUBSCRIPTION_BYTES) || !inside(to_at, (u64)count * EVENT_BYTES)) return EFAULT;
  if (!inside(done_at, 4)) return EFAULT;
  /* One moment for all: running through the list takes fuel, hence time. */
  u64 now = monotonic_time();
  errno_t error = first_due(at, count, now, &time, &others);
  if (error) return error;
  if (others == 0) sleep_until(time);
  u64 reached = others == 0 && time > now ? time : now;
  for (u32 i = 0; i < count; i++, at += SUBSCRIPTION_BYTES) {
    u32 event_at = to_at + done * EVENT_BYTES;
    if (load8(at + 8) != EVENT_CLOCK) put_ready(event_at, at);
    else if (due(at, now) <= reached) put_event(event_at, load64(at), OK, EVENT_CLOCK, 0, 0);
    else continue;
    done++;
  }
  store32(done_at, done);
  return OK;
}

/* An open descriptor is no socket, any other is bad. */
static errno_t no_socket(u32 fd) {
  struct descriptor *descriptor;
  return descriptor_of(fd, 0, &descriptor) ? EBADF : ENOTSOCK;
}

WASI("sock_accept") errno_t sock_accept(u32 fd, u32 flags, u32 fd_at) {
  (void)flags, (void)fd_at;
  return no_socket(fd);
}

WASI("sock_recv") errno_t sock_recv(u32 fd, u32 at, u32 count, u32 flags, u32 done_at, u32 flags_at) {
  (void)at, (void)count, (void)flags, (void)done_at, (void)flags_at;
  return no_socket(fd);
}

WASI("sock_send") errno_t sock_send(u32 fd, u32 at, u32 count, u32 flags, u32 done_at) {
  (void)at, (void)count, (void)flags, (void)done_at;
  return no_socket(fd);
}

WASI("sock_shutdown") errno_t sock_shutdown(u32 fd, u32 how) {
  (void)how;
  return no_socket(fd);
}
