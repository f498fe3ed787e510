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
