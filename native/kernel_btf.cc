#include "kernel_btf.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "unique_fd.h"

namespace tcptrace {

namespace {

// Reads a file into anonymous memory; MAP_FAILED and errno on failure.
void* ReadAll(int fd, size_t size) {
  char* bytes =
      static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (bytes == MAP_FAILED) return MAP_FAILED;
  size_t done = 0;
  ssize_t n = 1;
  while (done < size) {
    n = read(fd, bytes + done, size - done);
    if (n > 0)
      done += n;
    else if (n == 0 || errno != EINTR)
      break;
  }
  if (n >= 0) return bytes;
  int error = errno;
  munmap(bytes, size);
  errno = error;
  return MAP_FAILED;
}

}  // namespace

const char* CustomBtf(const std::string& path) { return path == kKernelBtfPath ? nullptr : path.c_str(); }

void KernelBtf::Unmap::operator()(const char* bytes) const { munmap(const_cast<char*>(bytes), size); }

KernelBtf::KernelBtf(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  error_ = fd.valid() ? Read(fd.get(), path == kKernelBtfPath) : errno;
}

// @param can_map map the file; only if no process can truncate it, since access past the end raises SIGBUS
int KernelBtf::Read(int fd, bool can_map) {
  struct stat st;
  if (fstat(fd, &st) < 0) return errno;
  size_t size = st.st_size;
  if (size < sizeof(struct btf_header)) return EINVAL;
  // sysfs supports mmap() of BTF since Linux 6.16; read(2) copies it page by page
  void* bytes = can_map ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  if (bytes == MAP_FAILED) bytes = ReadAll(fd, size);
  if (bytes == MAP_FAILED) return errno;
  bytes_ = Bytes(static_cast<const char*>(bytes), Unmap{size});
  return FindSections();
}

int KernelBtf::FindSections() {
  std::string_view bytes(bytes_.get(), bytes_.get_deleter().size);
  struct btf_header header;
  memcpy(&header, bytes.data(), sizeof(header));
  uint64_t types = uint64_t{header.hdr_len} + header.type_off;
  uint64_t strings = uint64_t{header.hdr_len} + header.str_off;
  if (header.magic != BTF_MAGIC || types + header.type_len > bytes.size() ||
      strings + header.str_len > bytes.size())
    return EINVAL;
  types_ = bytes.substr(types, header.type_len);
  strings_ = bytes.substr(strings, header.str_len);
  // callers read names as C strings, so the section has to end with NUL
  return !strings_.empty() && strings_.back() == '\0' ? 0 : EINVAL;
}

bool KernelBtf::HasName(std::string_view name) const {
  // NUL separates the names
  std::string quoted(1, '\0');
  quoted.append(name).push_back('\0');
  return memmem(strings_.data(), strings_.size(), quoted.data(), quoted.size()) != nullptr;
}

}  // namespace tcptrace
