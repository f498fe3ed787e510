#include "iterator.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <memory>

#include "unique_fd.h"

namespace tcptrace {

namespace {

constexpr size_t kFirstSize = 256 * 1024;
// most bytes per read(2): bpf_seq_read() buffers 8 pages (kernel/bpf/bpf_iter.c)
constexpr size_t kReadSize = 32 * 1024;

// Doubles the buffer if less than one read fits. Growth is cheap: realloc(3) remaps large blocks.
bool MakeRoom(MallocBuffer* written, size_t* capacity) {
  if (*capacity - written->size >= kReadSize) return true;
  *capacity = *capacity == 0 ? kFirstSize : 2 * *capacity;
  char* moved = static_cast<char*>(realloc(written->bytes.get(), *capacity));
  if (moved == nullptr) return false;
  static_cast<void>(written->bytes.release());
  written->bytes.reset(moved);
  return true;
}

}  // namespace

Result<MallocBuffer> RunIterator(struct bpf_program* program) {
  const char* name = bpf_program__name(program);
  std::unique_ptr<struct bpf_link, int (*)(struct bpf_link*)> link(bpf_program__attach_iter(program, nullptr),
                                                                   bpf_link__destroy);
  if (!link) return Error{"attach", errno, name, ""};
  UniqueFd iterator(bpf_iter_create(bpf_link__fd(link.get())));
  if (!iterator.valid()) return Error{"read", errno, name, ""};

  MallocBuffer written;
  size_t capacity = 0;
  ssize_t n;
  do {
    if (!MakeRoom(&written, &capacity)) return Error{"read", ENOMEM, name, ""};
    n = read(iterator.get(), written.bytes.get() + written.size, capacity - written.size);
    if (n > 0) written.size += n;
  } while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
  if (n < 0) return Error{"read", errno, name, ""};
  return written;
}

}  // namespace tcptrace
