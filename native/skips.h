// Counts program runs that the kernel skipped, and events lost by them.
#pragma once

#include <cstdint>
#include <functional>

#include "programs.h"

namespace tcptrace {

/**
 * Counts the skipped runs that may have lost an event; see Skip.
 *
 * @param fd_of returns the descriptor of the program with this name
 */
uint64_t CountSkips(const Programs& programs, const std::function<int(const char*)>& fd_of);

/**
 * Counts the connect() calls that failed without an event, because the kernel skipped every program at their
 * return.
 *
 * @param connect_calls descriptor of the map in bpf/connect_call.h
 */
uint64_t CountUnreturned(int connect_calls);

}  // namespace tcptrace
