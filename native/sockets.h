// Lists the TCP sockets of this machine.
#pragma once

#include <string>
#include <vector>

#include "iterator.h"

namespace tcptrace {

struct SocketListing {
  /** Records of bpf/sockets.bpf.c (struct event) for descriptors and for socket table entries. */
  MallocBuffer records;
  /** For each network namespace the errno of listing its table; 0 on success. */
  std::vector<int> errors;
};

/**
 * Lists the sockets that processes hold and all sockets of the given network namespaces. Unloads its programs
 * before it returns.
 *
 * @param namespaces paths such as /proc/1/ns/net
 * @param numbers false leaves out byte counts, queues and the like, which take time
 */
Result<SocketListing> ListSockets(const std::string& btf_path, const std::vector<std::string>& namespaces,
                                  bool numbers);

}  // namespace tcptrace
