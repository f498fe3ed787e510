// Lists the TCP sockets that processes hold.
#pragma once

#include <string>

#include "iterator.h"

namespace tcptrace {

/** Runs bpf/sockets.bpf.c once and unloads it. Returns one `struct event` for each descriptor of a socket. */
Result<MallocBuffer> ListSockets(const std::string& btf_path);

}  // namespace tcptrace
