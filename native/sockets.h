// The TCP sockets that processes hold now.
#pragma once

#include <string>

#include "iterator.h"

namespace tcptrace {

/** Records of `struct event`, one for each descriptor, from bpf/sockets.bpf.c. Nothing stays in the kernel.
 */
Result<MallocBuffer> ListSockets(const std::string& btf_path);

}  // namespace tcptrace
