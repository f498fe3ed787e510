#include "cgroups.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cerrno>
#include <climits>
#include <thread>

namespace tcptrace {

namespace {

// FILEID_KERNFS (include/linux/exportfs.h, Linux 5.5): the handle is the id of the node.
constexpr int kFileIdKernfs = 0xfe;

struct KernfsHandle {
  unsigned int bytes = sizeof(uint64_t);
  int type = kFileIdKernfs;
  uint64_t id;
};
static_assert(sizeof(KernfsHandle) == 16, "as struct file_handle, with its data");

// Process 2 is kthreadd, which is always in the initial namespaces. Inside another pid namespace it may be
// any process, which does no harm.
void EnterInitialNamespace() {
  UniqueFd cgroup_namespace(open("/proc/2/ns/cgroup", O_RDONLY | O_CLOEXEC));
  if (cgroup_namespace.valid()) setns(cgroup_namespace.get(), CLONE_NEWCGROUP);
}

// Adds a mount option such as "memory" or "name=systemd".
bool AddOption(int fs, const std::string& option) {
  size_t equals = option.find('=');
  if (equals == std::string::npos)
    return syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, option.c_str(), nullptr, 0) == 0;
  return syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, option.substr(0, equals).c_str(),
                 option.substr(equals + 1).c_str(), 0) == 0;
}

bool AddOptions(int fs, const std::string& controllers) {
  for (size_t begin = 0; begin < controllers.size();) {
    size_t end = controllers.find(',', begin);
    if (end == std::string::npos) end = controllers.size();
    if (!AddOption(fs, controllers.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

// The root of the mount is the root of the creator's cgroup namespace (cgroup_init_fs_context() in
// kernel/cgroup/cgroup.c).
UniqueFd MountDetached(const std::string& controllers) {
  UniqueFd fs(syscall(SYS_fsopen, controllers.empty() ? "cgroup2" : "cgroup", FSOPEN_CLOEXEC));
  if (!fs.valid() || !AddOptions(fs.get(), controllers)) return UniqueFd();
  if (syscall(SYS_fsconfig, fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) return UniqueFd();
  UniqueFd mount(syscall(SYS_fsmount, fs.get(), FSMOUNT_CLOEXEC, 0));
  if (!mount.valid()) return UniqueFd();
  // fsmount() returns an O_PATH descriptor, which open_by_handle_at() rejects
  return UniqueFd(openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

UniqueFd OpenCgroupHierarchy(const std::string& controllers) {
  UniqueFd hierarchy;
  // on a separate thread, because setns(2) changes the namespace of the calling thread
  std::thread([&] {
    EnterInitialNamespace();
    hierarchy = MountDetached(controllers);
  }).join();
  return hierarchy;
}

CgroupPath FindCgroup(int hierarchy, uint64_t id) {
  KernfsHandle handle;
  handle.id = id;
  UniqueFd cgroup(syscall(SYS_open_by_handle_at, hierarchy, &handle, O_PATH | O_CLOEXEC));
  if (!cgroup.valid()) return {"", errno};
  char path[PATH_MAX];
  std::string link = "/proc/self/fd/" + std::to_string(cgroup.get());
  ssize_t size = readlink(link.c_str(), path, sizeof(path));
  if (size < 0) return {"", errno};
  return {std::string(path, size), 0};
}

}  // namespace tcptrace
