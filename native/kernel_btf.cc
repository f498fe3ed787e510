#include "kernel_btf.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "unique_fd.h"

namespace tcptrace {

KernelBtf::KernelBtf(const std::string& path) {
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
  uint16_t magic = 0;
  if (done >= sizeof(magic)) memcpy(&magic, bytes_.data(), sizeof(magic));
  if (error_ == 0 && magic != BTF_MAGIC) error_ = EINVAL;
}

bool KernelBtf::Names(std::string_view name) const {
  // every name in the string section is surrounded by NULs
  std::string quoted(1, '\0');
  quoted.append(name).push_back('\0');
  return memmem(bytes_.data(), bytes_.size(), quoted.data(), quoted.size()) != nullptr;
}

}  // namespace tcptrace
