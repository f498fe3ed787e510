// A cheap look at the running kernel's BTF.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tcptrace {

/** Where libbpf, too, looks for the running kernel's types. */
inline constexpr const char* kKernelBtfPath = "/sys/kernel/btf/vmlinux";

/** What libbpf is to be given as custom BTF: nothing where it would only read the same 5 MB twice. */
const char* CustomBtf(const std::string& path);

/** The bytes of a BTF file, such as /sys/kernel/btf/vmlinux. */
class KernelBtf {
 public:
  /** Maps the file, or reads it; error() is the errno of a failure (EINVAL: it is no BTF), 0 on success. */
  explicit KernelBtf(const std::string& path);

  int error() const { return error_; }
  /** Its type section, and the names that the types have, by offset; empty without a valid file. */
  std::string_view types() const { return types_; }
  std::string_view strings() const { return strings_; }
  /** True if the string table holds exactly this name (of a type, field or function). */
  bool Names(std::string_view name) const;

 private:
  struct Unmap {
    size_t size;
    void operator()(const char* bytes) const;
  };

  using Bytes = std::unique_ptr<const char, Unmap>;

  int Read(int fd, bool is_lasting);
  int FindSections();

  Bytes bytes_;
  std::string_view types_;
  std::string_view strings_;
  int error_;
};

}  // namespace tcptrace
