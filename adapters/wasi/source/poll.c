/*
 * Waiting (WASI: poll_oneoff) and sockets, of which there are none (WASI: sock_*).
 *
 * Invariant: nothing ever blocks. Files and streams are ready at once; where only clocks are waited for, time jumps to
 * the first of them. Subscriptions are those of the moment of the call, whatever events are put over them.
 */
#include "clock.h"
#include "descriptors.h"
#include "heap.h"

/** As it lies in the program's memory. */
struct subscription {
  u64 userdata;
  u8 type;
  /** Of a file or stream its descriptor, of a clock its number. */
  _Alignas(8) u32 subject;
  u64 timeout, precision;
  u16 flags;
};
_Static_assert(sizeof(struct subscription) == SUBSCRIPTION_BYTES, "the layout is the specification's");

/** When a clock subscription made at `now` is due, on the monotonic clock. */
static u64 due(const struct subscription *wanted, u64 now) {
  u64 timeout = wanted->timeout;
  if (!(wanted->flags & CLOCK_ABSOLUTE)) return later(now, timeout);
  u64 epoch = wanted->subject == CLOCK_REALTIME ? image64(IMAGE_EPOCH) : 0;
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

static void put_ready(u32 at, const struct subscription *wanted) {
  struct descriptor *descriptor;
  u32 type = wanted->type;
  u64 rights = RIGHT(BIT_POLL) | (type == EVENT_READ ? RIGHT(BIT_READ) : RIGHT(BIT_WRITE));
  errno_t error = descriptor_of(wanted->subject, rights, &descriptor);
  u64 bytes = !error && type == EVENT_READ ? ready_bytes(descriptor) : 0;
  int is_end = !error && type == EVENT_READ && bytes == 0 && descriptor->stream;
  put_event(at, wanted->userdata, error, type, bytes, is_end ? EVENT_HANGUP : 0);
}

static errno_t first_due(const struct subscription *list, u32 count, u64 now, u64 *time, u32 *others) {
  *time = ~0ull;
  *others = 0;
  for (u32 i = 0; i < count; i++) {
    if (list[i].type > EVENT_WRITE) return EINVAL;
    if (list[i].type != EVENT_CLOCK) {
      (*others)++;
    } else {
      if (list[i].subject > CLOCK_THREAD || list[i].flags & ~CLOCK_ABSOLUTE) return EINVAL;
      u64 when = due(&list[i], now);
      if (when < *time) *time = when;
    }
  }
  return OK;
}

/** Puts the events of a list, and says how many they are. */
static errno_t wait_for(const struct subscription *list, u32 count, u32 to_at, u32 *done) {
  u64 time;
  u32 others;
  /* One moment for all: running through the list takes fuel, hence time. */
  u64 now = monotonic_time();
  errno_t error = first_due(list, count, now, &time, &others);
  if (error) return error;
  if (others == 0) sleep_until(time);
  u64 reached = others == 0 && time > now ? time : now;
  for (u32 i = 0; i < count; i++) {
    u32 event_at = to_at + *done * EVENT_BYTES;
    if (list[i].type != EVENT_CLOCK) put_ready(event_at, &list[i]);
    else if (due(&list[i], now) <= reached) put_event(event_at, list[i].userdata, OK, EVENT_CLOCK, 0, 0);
    else continue;
    (*done)++;
  }
  return OK;
}

WASI("poll_oneoff") errno_t poll_oneoff(u32 at, u32 to_at, u32 count, u32 done_at) {
  u32 capacity, done = 0;
  u64 bytes = (u64)count * SUBSCRIPTION_BYTES;
  if (count == 0) return EINVAL;
  if (!inside(at, bytes) || !inside(to_at, (u64)count * EVENT_BYTES)) return EFAULT;
  if (!inside(done_at, 4)) return EFAULT;
  struct subscription *list = bytes >> 31 ? 0 : allocate(bytes, &capacity);
  if (!list) return ENOMEM;
  fetch(list, at, bytes);
  errno_t error = wait_for(list, count, to_at, &done);
  release(list, capacity);
  if (!error) store32(done_at, done);
  return error;
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
