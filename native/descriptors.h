// The sockets that a process holds, as /proc shows them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

/**
 * Inodes of the sockets among the descriptors of a process, in no order; one may come more than once.
 *
 * @param directory its /proc/PID/fd
 * @return nothing where the directory cannot be read; descriptors that are closed meanwhile are left out
 */
std::optional<std::vector<double>> SocketInodes(const std::string& directory);

}  // namespace tcptrace
