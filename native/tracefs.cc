#include "tracefs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>

#include "unique_fd.h"

namespace tcptrace {

namespace {

constexpr const char* kMounted[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

// Linux 5.2 has these system calls; glibc has wrappers only since 2.36.
UniqueFd DetachedTracefs() {
  UniqueFd fs(syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC));
  if (!fs.valid()) return UniqueFd();
  if (syscall(SYS_fsconfig, fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) return UniqueFd();
  return UniqueFd(syscall(SYS_fsmount, fs.get(), FSMOUNT_CLOEXEC, 0));
}

}  // namespace

Result<int> TracepointId(const std::string& name) {
  const std::string path = "events/" + name + "/id";
  UniqueFd root, id;
  int error = ENOENT;

  for (const char* mounted : kMounted) {
    if (id.valid()) break;
    id = UniqueFd(open((std::string(mounted) + "/" + path).c_str(), O_RDONLY | O_CLOEXEC));
    if (!id.valid() && errno != ENOENT) error = errno;
  }
  if (!id.valid()) {
    root = DetachedTracefs();
    if (root.valid()) id = UniqueFd(openat(root.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!id.valid())
      return Error{"attach", error == ENOENT ? errno : error, "", "cannot read tracefs " + path};
  }
  char digits[16] = {};
  if (read(id.get(), digits, sizeof(digits) - 1) <= 0)
    return Error{"attach", errno, "", "cannot read tracefs " + path};
  return atoi(digits);
}

}  // namespace tcptrace
