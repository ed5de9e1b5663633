/* Time, which is fuel; and chance, which is a seed. */
#pragma once
#include "wasi.h"

/** Nanoseconds since the call began at genesis: a million fuel is a millisecond, and a sleep passes at once. */
u64 monotonic_time(void);
/** The same, from the packed beginning of time on. */
u64 real_time(void);
/** A time and a while behind it, or the last nanosecond of 64 bits. */
u64 later(u64 time, u64 by);
/** Lets time pass until the monotonic clock shows at least so much. */
void sleep_until(u64 time);
