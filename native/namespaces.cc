#include "namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "unique_fd.h"

namespace tcptrace {

namespace {

bool IsCurrent(int fd) {
  struct stat other, own;
  return fstat(fd, &other) == 0 && stat("/proc/thread-self/ns/net", &own) == 0 &&
         other.st_ino == own.st_ino && other.st_dev == own.st_dev;
}

// Returns 0 or an errno. Skips the thread's current namespace, because setns(2) requires CAP_SYS_ADMIN even
// for that.
int Enter(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return errno;
  return IsCurrent(fd.get()) || setns(fd.get(), CLONE_NEWNET) == 0 ? 0 : errno;
}

Status EnterEach(const std::vector<std::string>& paths, const std::function<Status()>& act,
                 std::vector<int>* errors) {
  for (const std::string& path : paths) {
    errors->push_back(Enter(path));
    Status failed = errors->back() == 0 ? act() : Status();
    if (failed) return failed;
  }
  return {};
}

}  // namespace

Result<std::vector<int>> InEachNamespace(const std::vector<std::string>& paths,
                                         const std::function<Status()>& act) {
  std::vector<int> errors;
  Status failed;
  try {
    std::thread([&] { failed = EnterEach(paths, act, &errors); }).join();
  } catch (const std::system_error& refused) {
    return Error{"read", refused.code().value(), "", "thread"};
  }
  if (failed) return *failed;
  return errors;
}

}  // namespace tcptrace
