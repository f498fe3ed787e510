#include "clock.h"

#include <sys/timex.h>

#include <ctime>

namespace tcptrace {

namespace {

constexpr int64_t kNsecPerSec = 1000000000;

int64_t Now(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * kNsecPerSec + now.tv_nsec;
}

}  // namespace

UtcOffset ReadUtcOffset(bool clock_is_tai) {
  if (clock_is_tai) {
    struct timex t = {};
    adjtimex(&t);
    return {-t.tai, 0};
  }
  int64_t before = Now(CLOCK_MONOTONIC);
  int64_t utc = Now(CLOCK_REALTIME);
  int64_t offset = utc - (before + Now(CLOCK_MONOTONIC)) / 2;
  return {offset / kNsecPerSec, offset % kNsecPerSec};
}

}  // namespace tcptrace
