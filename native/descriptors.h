// Lists the sockets among a process's file descriptors.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

/**
 * Reads the sockets that a process holds, in no order, as pairs of a descriptor and an inode number, one
 * after the other; a duplicated descriptor repeats its inode.
 *
 * @param directory /proc/PID/fd of the process
 * @return nullopt if the directory cannot be read; descriptors closed during the scan are skipped
 */
std::optional<std::vector<double>> SocketDescriptors(const std::string& directory);

}  // namespace tcptrace
