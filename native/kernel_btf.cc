#include "kernel_btf.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "unique_fd.h"

namespace tcptrace {

int CheckBtf(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return errno;
  uint16_t magic = 0;
  ssize_t n = read(fd.get(), &magic, sizeof(magic));
  if (n < 0) return errno;
  return n == sizeof(magic) && magic == BTF_MAGIC ? 0 : EINVAL;
}

const char* CustomBtf(const std::string& path) { return path == kKernelBtfPath ? nullptr : path.c_str(); }

KernelBtf::KernelBtf(const std::string& path) : error_(CheckBtf(path)) {
  if (error_) return;
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat st;
  if (!fd.valid() || fstat(fd.get(), &st) < 0) {
    error_ = errno;
    return;
  }
  bytes_.resize(st.st_size);
  size_t done = 0;
  while (done < bytes_.size()) {
    ssize_t n = read(fd.get(), bytes_.data() + done, bytes_.size() - done);
    if (n < 0) error_ = errno;
    if (n <= 0) break;
    done += n;
  }
  bytes_.resize(done);
}

bool KernelBtf::Names(std::string_view name) const {
  // every name in the string section is surrounded by NULs
  std::string quoted(1, '\0');
  quoted.append(name).push_back('\0');
  return memmem(bytes_.data(), bytes_.size(), quoted.data(), quoted.size()) != nullptr;
}

}  // namespace tcptrace
