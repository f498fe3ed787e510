// The receive buffer of a socket that another process holds.
#pragma once

#include <sys/types.h>

namespace tcptrace {

/**
 * Sets the size of a socket's receive buffer, which may exceed net.core.rmem_max. Requires CAP_SYS_PTRACE
 * over the process, CAP_NET_ADMIN and Linux 5.6.
 *
 * @param fd descriptor number in that process
 * @return 0, or the errno of pidfd_open(2), pidfd_getfd(2) or setsockopt(2)
 */
int SetReceiveBuffer(pid_t pid, int fd, int size_bytes);

}  // namespace tcptrace
