// From the kernel's clocks to UTC.
#pragma once

#include <cstdint>

namespace tcptrace {

/** What to add to a clock reading to get UTC; 0 <= nsec < 1e9. */
struct UtcOffset {
  int64_t sec = 0;
  int64_t nsec = 0;
};

/**
 * For records in TAI: the leap seconds the kernel knows of (adjtimex(2)), exact.
 * For records in CLOCK_MONOTONIC: the difference of the clocks now.
 */
UtcOffset ReadUtcOffset(bool clock_is_tai);

}  // namespace tcptrace
