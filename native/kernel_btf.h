// Reads a kernel's BTF without parsing all of its types.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tcptrace {

/** BTF of the running kernel; libbpf reads the same file. */
inline constexpr const char* kKernelBtfPath = "/sys/kernel/btf/vmlinux";

/** Returns libbpf's btf_custom_path for `path`: null for kKernelBtfPath, which libbpf reads anyway. */
const char* CustomBtf(const std::string& path);

/** A BTF file, such as /sys/kernel/btf/vmlinux. */
class KernelBtf {
 public:
  /** Maps or reads the file. On failure error() is the errno; EINVAL means not valid BTF. */
  explicit KernelBtf(const std::string& path);

  /** 0 on success. */
  int error() const { return error_; }
  /** Type section and string section (NUL-separated names, by offset); empty after an error. */
  std::string_view types() const { return types_; }
  std::string_view strings() const { return strings_; }
  /** True if a type, field or function of the kernel has this name. */
  bool HasName(std::string_view name) const;

 private:
  struct Unmap {
    size_t size;
    void operator()(const char* bytes) const;
  };

  using Bytes = std::unique_ptr<const char, Unmap>;

  int Read(int fd, bool can_map);
  int FindSections();

  Bytes bytes_;
  std::string_view types_;
  std::string_view strings_;
  int error_;
};

}  // namespace tcptrace
