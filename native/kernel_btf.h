// A cheap look at the running kernel's BTF.
#pragma once

#include <string>
#include <string_view>

namespace tcptrace {

/** The bytes of a BTF file, such as /sys/kernel/btf/vmlinux, for asking whether a name occurs. */
class KernelBtf {
 public:
  /** Reads the file; error() is the errno of a failure, 0 on success. */
  explicit KernelBtf(const std::string& path);

  int error() const { return error_; }
  /** True if the string table holds exactly this name (of a type, field or function). */
  bool Names(std::string_view name) const;

 private:
  std::string bytes_;
  int error_ = 0;
};

}  // namespace tcptrace
