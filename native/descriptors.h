// Lists the sockets among a process's file descriptors.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

/**
 * Reads the inode numbers of the sockets that a process holds, in no order; a duplicated descriptor repeats
 * its inode.
 *
 * @param directory /proc/PID/fd of the process
 * @return nullopt if the directory cannot be read; descriptors closed during the scan are skipped
 */
std::optional<std::vector<double>> SocketInodes(const std::string& directory);

}  // namespace tcptrace
