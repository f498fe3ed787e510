#include "descriptors.h"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::string_view kSocket = "socket:[";

// Parses N of `socket:[N]`, the format of sockfs_dname() in net/socket.c.
std::optional<uint64_t> ParseSocket(std::string_view link) {
  if (link.substr(0, kSocket.size()) != kSocket || link.back() != ']') return std::nullopt;
  const char* end = link.data() + link.size() - 1;
  uint64_t inode = 0;
  std::from_chars_result parsed = std::from_chars(link.data() + kSocket.size(), end, inode);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return inode;
}

}  // namespace

std::optional<std::vector<double>> SocketDescriptors(const std::string& directory) {
  std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(directory.c_str()), closedir);
  if (!entries) return std::nullopt;
  std::vector<double> pairs;
  errno = 0;
  while (const struct dirent* entry = readdir(entries.get())) {
    char link[64];
    ssize_t size = readlinkat(dirfd(entries.get()), entry->d_name, link, sizeof(link));
    // EINVAL: `.` and `..` are not symbolic links; ENOENT: closed since readdir()
    if (size < 0 && errno != EINVAL && errno != ENOENT) return std::nullopt;
    if (size > 0) {
      if (auto inode = ParseSocket({link, static_cast<size_t>(size)})) {
        pairs.push_back(atoi(entry->d_name));
        pairs.push_back(*inode);
      }
    }
    errno = 0;
  }
  if (errno) return std::nullopt;
  return pairs;
}

}  // namespace tcptrace
