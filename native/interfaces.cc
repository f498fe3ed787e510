#include "interfaces.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/stat.h>

#include "namespaces.h"
#include "unique_fd.h"

namespace tcptrace {

namespace {

bool HasInode(int fd, uint64_t inode) {
  struct stat found;
  return fstat(fd, &found) == 0 && found.st_ino == inode;
}

// Reads those of the namespace of this thread.
std::map<uint32_t, std::string> ReadInterfaces() {
  std::map<uint32_t, std::string> names;
  struct if_nameindex* all = if_nameindex();
  if (!all) return names;
  for (struct if_nameindex* it = all; it->if_index != 0; it++) names[it->if_index] = it->if_name;
  if_freenameindex(all);
  return names;
}

}  // namespace

std::map<uint32_t, std::string> ListInterfaces(const std::string& path, uint64_t inode) {
  std::map<uint32_t, std::string> names;
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || !HasInode(fd.get(), inode)) return names;
  auto read = [&names]() -> Status {
    names = ReadInterfaces();
    return {};
  };
  // by the descriptor: the path may name another namespace by now
  InEachNamespace({"/proc/self/fd/" + std::to_string(fd.get())}, read);
  return names;
}

}  // namespace tcptrace
