#include "iterator.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <memory>

#include "unique_fd.h"

namespace tcptrace {

Result<std::vector<char>> RunIterator(struct bpf_program* program) {
  const char* name = bpf_program__name(program);
  std::unique_ptr<struct bpf_link, int (*)(struct bpf_link*)> link(bpf_program__attach_iter(program, nullptr),
                                                                   bpf_link__destroy);
  if (!link) return Error{"attach", errno, name, ""};
  UniqueFd iterator(bpf_iter_create(bpf_link__fd(link.get())));
  if (!iterator.valid()) return Error{"read", errno, name, ""};

  std::vector<char> written;
  size_t used = 0;
  ssize_t n;
  do {
    written.resize(used + 64 * 1024);
    n = read(iterator.get(), written.data() + used, written.size() - used);
    if (n > 0) used += n;
  } while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
  if (n < 0) return Error{"read", errno, name, ""};
  written.resize(used);
  return written;
}

}  // namespace tcptrace
