// A cheap look at the running kernel's BTF.
#pragma once

#include <string>
#include <string_view>

namespace tcptrace {

/** Where libbpf, too, looks for the running kernel's types. */
inline constexpr const char* kKernelBtfPath = "/sys/kernel/btf/vmlinux";

/** The errno that says why a file is no BTF, going by its first bytes; 0 if it is. */
int CheckBtf(const std::string& path);

/** What libbpf is to be given as custom BTF: nothing where it would only read the same 5 MB twice. */
const char* CustomBtf(const std::string& path);

/** The bytes of a BTF file, such as /sys/kernel/btf/vmlinux, for asking whether a name occurs. */
class KernelBtf {
 public:
  /** Reads the file; error() is the errno of a failure, 0 on success. */
  explicit KernelBtf(const std::string& path);

  int error() const { return error_; }
  /** True if the string table holds exactly this name (of a type, field or function). */
  bool Names(std::string_view name) const;
  /** The id of the type of a kernel function, without what libbpf takes to index all types; 0: there is none.
   */
  uint32_t FunctionId(std::string_view name) const;

 private:
  std::string bytes_;
  int error_;
};

}  // namespace tcptrace
