#include "clock.h"

#include <sys/timex.h>

#include <cstdint>
#include <ctime>

namespace tcptrace {

namespace {

constexpr int64_t kNsecPerSec = 1000000000;
constexpr int kTries = 5;

int64_t Now(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * kNsecPerSec + now.tv_nsec;
}

}  // namespace

uint64_t MonotonicNs() { return Now(CLOCK_MONOTONIC); }

UtcOffset ReadUtcOffset(bool clock_is_tai) {
  if (clock_is_tai) {
    struct timex t = {};
    adjtimex(&t);
    return {-t.tai, 0};
  }
  int64_t offset = 0;
  int64_t closest = INT64_MAX;
  // keep the fastest try, the least likely to have been interrupted between the readings
  for (int i = 0; i < kTries; i++) {
    int64_t before = Now(CLOCK_MONOTONIC);
    int64_t utc = Now(CLOCK_REALTIME);
    int64_t took = Now(CLOCK_MONOTONIC) - before;
    if (took >= closest) continue;
    closest = took;
    offset = utc - before - took / 2;
  }
  return {offset / kNsecPerSec, offset % kNsecPerSec};
}

}  // namespace tcptrace
