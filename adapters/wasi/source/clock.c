/*
 * Clocks, chance and the end (WASI: clock_*, random_get, proc_*, sched_yield).
 *
 * Invariant: time never goes back, and is a function of fuel, of the packed epoch and of what was slept. A clock at its
 * end, the last nanosecond of 64 bits, stays there.
 */
#include "clock.h"
#include "machine.h"

enum { NANOSECONDS = 1000000 };
static u64 slept;

u64 later(u64 time, u64 by) { return time + by < time ? ~0ull : time + by; }

/** Eras last for longer than 64 bits of nanoseconds. */
static u64 counted(void) {
  u64 milliseconds = time_ms();
  return milliseconds > ~0ull / NANOSECONDS ? ~0ull : milliseconds * NANOSECONDS;
}

u64 monotonic_time(void) { return later(counted(), slept); }
u64 real_time(void) { return later(image64(IMAGE_EPOCH), monotonic_time()); }

void sleep_until(u64 time) {
  u64 now = monotonic_time();
  if (time > now) slept += time - now;
}

WASI("clock_res_get") errno_t clock_res_get(u32 clock, u32 at) {
  if (clock > CLOCK_THREAD) return EINVAL;
  if (!inside(at, 8)) return EFAULT;
  store64(at, NANOSECONDS);
  return OK;
}

WASI("clock_time_get") errno_t clock_time_get(u32 clock, u64 precision, u32 at) {
  (void)precision;
  if (clock > CLOCK_THREAD) return EINVAL;
  if (!inside(at, 8)) return EFAULT;
  store64(at, clock == CLOCK_REALTIME ? real_time() : monotonic_time());
  return OK;
}

/* SplitMix64. */
static u64 chance, is_seeded;

static u64 random64(void) {
  if (!is_seeded) {
    chance = image64(IMAGE_SEED);
    is_seeded = 1;
  }
  u64 z = (chance += 0x9e3779b97f4a7c15ull);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

WASI("random_get") errno_t random_get(u32 at, u32 bytes) {
  if (!inside(at, bytes)) return EFAULT;
  for (; bytes >= 8; at += 8, bytes -= 8) store64(at, random64());
  if (bytes == 0) return OK;
  u64 last = random64();
  put(at, &last, bytes);
  return OK;
}

WASI("proc_exit") void proc_exit(u32 code) { exit_call(code); }

WASI("proc_raise") errno_t proc_raise(u32 signal) {
  (void)signal;
  return ENOSYS;
}

WASI("sched_yield") errno_t sched_yield(void) { return OK; }
