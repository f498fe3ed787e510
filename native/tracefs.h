// Numbers of tracepoints.
#pragma once

#include <string>

#include "result.h"

namespace tcptrace {

/**
 * The id of a tracepoint such as "syscalls/sys_exit_accept", for perf_event_open(2).
 * Reads the mounted tracefs or, where none is mounted (minimal images, containers),
 * a detached mount of it that nobody else sees and that goes with its descriptor.
 */
Result<int> TracepointId(const std::string& name);

}  // namespace tcptrace
