// Converts kernel clock readings to UTC.
#pragma once

#include <cstdint>

namespace tcptrace {

/** Offset to add to a clock reading to get UTC; 0 <= nsec < 1e9. */
struct UtcOffset {
  int64_t sec = 0;
  int64_t nsec = 0;
};

/** Reads CLOCK_MONOTONIC, which bpf_ktime_get_ns() reads in the kernel, in nanoseconds. */
uint64_t MonotonicNs();

/**
 * Reads the offset from the records' clock to UTC.
 * CLOCK_TAI: exact, the kernel's count of leap seconds (adjtimex(2)).
 * CLOCK_MONOTONIC: the current difference between CLOCK_REALTIME and CLOCK_MONOTONIC.
 */
UtcOffset ReadUtcOffset(bool clock_is_tai);

}  // namespace tcptrace
