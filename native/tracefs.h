// Reads tracepoint ids from tracefs.
#pragma once

#include <string>

#include "result.h"

namespace tcptrace {

/**
 * Returns the id of a tracepoint such as "syscalls/sys_exit_accept", for perf_event_open(2).
 * If tracefs is not mounted (minimal images, containers), reads a detached mount. Such a mount appears in no
 * mount table, and closing its descriptor unmounts it.
 */
Result<int> TracepointId(const std::string& name);

}  // namespace tcptrace
