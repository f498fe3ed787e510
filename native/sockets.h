// Lists the TCP sockets of this machine.
#pragma once

#include <string>
#include <vector>

#include "iterator.h"

namespace tcptrace {

struct SocketListing {
  /** `struct event` records of bpf/sockets.bpf.c, of descriptors and of tables. */
  MallocBuffer records;
  /** For each network namespace the errno of listing its table; 0 on success. */
  std::vector<int> errors;
};

/**
 * Lists the sockets that processes hold and then all sockets of the given network namespaces. Afterwards
 * nothing remains loaded.
 *
 * @param namespaces paths such as /proc/1/ns/net
 */
Result<SocketListing> ListSockets(const std::string& btf_path, const std::vector<std::string>& namespaces);

}  // namespace tcptrace
