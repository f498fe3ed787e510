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

// Anonymous memory with the content of a file.
void* ReadAll(int fd, size_t size) {
  char* bytes =
      static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (bytes == MAP_FAILED) return MAP_FAILED;
  size_t done = 0;
  ssize_t n = 1;
  while (n > 0 && done < size) {
    n = read(fd, bytes + done, size - done);
    if (n > 0) done += n;
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

// Mapped files must be lasting: one that is cut meanwhile would end the process.
int KernelBtf::Read(int fd, bool is_lasting) {
  struct stat st;
  if (fstat(fd, &st) < 0) return errno;
  size_t size = st.st_size;
  if (size < sizeof(struct btf_header)) return EINVAL;
  // since Linux 6.16 sysfs can map it; read(2) there copies a page at a time
  void* bytes = is_lasting ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
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
  // names are read up to their end
  return !strings_.empty() && strings_.back() == '\0' ? 0 : EINVAL;
}

bool KernelBtf::Names(std::string_view name) const {
  // every name is surrounded by NULs
  std::string quoted(1, '\0');
  quoted.append(name).push_back('\0');
  return memmem(strings_.data(), strings_.size(), quoted.data(), quoted.size()) != nullptr;
}

// Bytes behind a type (Documentation/bpf/btf.rst); -1: a kind that is not known here.
static int ExtraSize(uint32_t info) {
  int count = BTF_INFO_VLEN(info);
  switch (BTF_INFO_KIND(info)) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
      return 4;
    case BTF_KIND_ARRAY:
      return sizeof(struct btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case BTF_KIND_ENUM64:
      return count * 12;
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
      return count * 8;
    default:
      return BTF_INFO_KIND(info) <= BTF_KIND_TYPE_TAG ? 0 : -1;
  }
}

uint32_t KernelBtf::FunctionId(std::string_view name) const {
  struct btf_header header;
  if (bytes_.size() < sizeof(header)) return 0;
  memcpy(&header, bytes_.data(), sizeof(header));
  uint64_t from = uint64_t{header.hdr_len} + header.type_off,
           strings = uint64_t{header.hdr_len} + header.str_off;
  if (from + header.type_len > bytes_.size() || strings + header.str_len > bytes_.size()) return 0;
  struct btf_type type;
  int extra = 0;
  uint32_t id = 1;  // 0 is void
  for (uint64_t at = from; at + sizeof(type) <= from + header.type_len && extra >= 0; id++) {
    memcpy(&type, bytes_.data() + at, sizeof(type));
    if (BTF_INFO_KIND(type.info) == BTF_KIND_FUNC && type.name_off < header.str_len &&
        bytes_.data() + strings + type.name_off == name)
      return id;
    extra = ExtraSize(type.info);
    at += sizeof(type) + extra;
  }
  return 0;
}

}  // namespace tcptrace
