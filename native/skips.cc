#include "skips.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <map>
#include <string>

#include "../bpf/connection.h"
#include "clock.h"

namespace tcptrace {

namespace {

// A connect() call that has not reached TCP within this time has returned. If its entry still exists, no
// program saw the return.
constexpr uint64_t kSettledNs = 1000000000;

uint64_t RecursionMisses(int program) {
  struct bpf_prog_info info = {};
  uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.recursion_misses : 0;
}

}  // namespace

uint64_t CountSkips(const Programs& programs, const std::function<int(const char*)>& fd_of) {
  std::map<std::string, uint64_t> least;  // target -> misses of the copy with the fewest
  uint64_t skips = 0;
  for (const Program& p : programs) {
    if (p.skip == Skip::kCovered) continue;
    uint64_t misses = RecursionMisses(fd_of(p.name));
    if (p.skip == Skip::kLoss) {
      skips += misses;
      continue;
    }
    auto group = least.emplace(p.target, misses).first;
    group->second = std::min(group->second, misses);
  }
  for (const auto& [target, misses] : least) skips += misses;
  return skips;
}

uint64_t CountUnreturned(int connect_calls) {
  const uint64_t settled = MonotonicNs() - kSettledNs;
  uint64_t count = 0, key = 0, next;
  for (uint64_t* last = nullptr; bpf_map_get_next_key(connect_calls, last, &next) == 0; last = &key) {
    struct connect_call call;
    if (bpf_map_lookup_elem(connect_calls, &next, &call) == 0 && call.sk != 0 && call.is_new &&
        (call.failed_at_once || !call.reached_tcp) && call.since_ns < settled)
      count++;
    key = next;
  }
  return count;
}

}  // namespace tcptrace
