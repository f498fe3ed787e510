// Runs of programs that the kernel skipped, and what is missing for that reason.
#pragma once

#include <cstdint>
#include <functional>

#include "programs.h"

namespace tcptrace {

/** Returns how many skipped runs can have lost an event that nothing else shows: see Skip. */
uint64_t CountSkips(const Programs& programs, const std::function<int(const char*)>& fd_of);

/**
 * Returns how many connect() calls have failed without an event, because the kernel skipped every program at
 * their return. @connect_calls is the map of bpf/connect_call.h.
 */
uint64_t CountUnreturned(int connect_calls);

}  // namespace tcptrace
