#include "receive_buffer.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "unique_fd.h"

namespace tcptrace {

int SetReceiveBuffer(pid_t pid, int fd, int size_bytes) {
  UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid()) return errno;
  UniqueFd socket(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), fd, 0)));
  if (!socket.valid()) return errno;
  int error = setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size_bytes, sizeof(size_bytes));
  return error ? errno : 0;
}

}  // namespace tcptrace
