// Lists the interfaces of a network namespace.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tcptrace {

/**
 * Reads the names of the interfaces of a network namespace, by index.
 *
 * @param path a file such as /proc/1/ns/net
 * @param inode of the namespace; another one is not read
 * @return empty if the namespace is gone, is another one, or cannot be entered
 */
std::map<uint32_t, std::string> ListInterfaces(const std::string& path, uint64_t inode);

}  // namespace tcptrace
