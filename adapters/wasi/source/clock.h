/* Time, which is fuel; and chance, which is a seed. */
#pragma once
#include "wasi.h"

/** Nanoseconds since the call began at genesis: a million fuel is a millisecond, and a sleep passes at once. */
u64 monotonic_time(void);
/** The same, from the packed beginning of time on. */
u64 real_time(void);
/** Lets time pass until the monotonic clock shows at least so much. */
void sleep_until(u64 time);
