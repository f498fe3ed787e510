// Reads tracepoint ids from tracefs.
#pragma once

#include <string>

#include "result.h"

namespace tcptrace {

/**
 * Returns the id of a tracepoint such as "syscalls/sys_exit_accept", for perf_event_open(2).
 * If tracefs is not mounted (minimal images, containers), reads a detached mount, which no other process sees
 * and which disappears with its descriptor.
 */
Result<int> TracepointId(const std::string& name);

}  // namespace tcptrace
