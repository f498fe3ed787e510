#include "iterator.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <memory>

#include "unique_fd.h"

namespace tcptrace {

namespace {

constexpr size_t kInitialSize = 256 * 1024;
// limit of bytes per read(2): bpf_seq_read() buffers 8 pages (kernel/bpf/bpf_iter.c)
constexpr size_t kReadSize = 32 * 1024;

// bpf_seq_read() fails with EAGAIN after each million objects without output. After this many failures, the
// iterator counts as endless.
constexpr int kRetriesMax = 10000;

}  // namespace

// Doubles the buffer if less than one read(2) fits. This is cheap, because realloc(3) remaps large blocks.
bool IteratorOutput::Reserve() {
  if (capacity_ - written_.size >= kReadSize) return true;
  size_t capacity = capacity_ == 0 ? kInitialSize : 2 * capacity_;
  char* moved = static_cast<char*>(realloc(written_.bytes.get(), capacity));
  if (moved == nullptr) return false;
  static_cast<void>(written_.bytes.release());
  written_.bytes.reset(moved);
  capacity_ = capacity;
  return true;
}

Status IteratorOutput::Append(struct bpf_link* link, const char* program) {
  UniqueFd iterator(bpf_iter_create(bpf_link__fd(link)));
  if (!iterator.valid()) return Error{"read", errno, program, ""};
  int retries = 0;
  for (;;) {
    if (!Reserve()) return Error{"read", ENOMEM, program, ""};
    ssize_t n = read(iterator.get(), written_.bytes.get() + written_.size, capacity_ - written_.size);
    if (n == 0) return {};
    if (n > 0)
      written_.size += n;
    else if ((errno != EINTR && errno != EAGAIN) || ++retries > kRetriesMax)
      return Error{"read", errno, program, ""};
  }
}

void DestroyLink::operator()(struct bpf_link* link) const { bpf_link__destroy(link); }

Result<UniqueLink> LinkIterator(struct bpf_program* program) {
  UniqueLink link(bpf_program__attach_iter(program, nullptr));
  if (!link) return Error{"attach", errno, bpf_program__name(program), ""};
  return link;
}

Result<MallocBuffer> RunIterator(struct bpf_program* program) {
  Result<UniqueLink> link = LinkIterator(program);
  if (!link.ok()) return link.error();
  IteratorOutput output;
  Status failed = output.Append(link.value().get(), bpf_program__name(program));
  if (failed) return *failed;
  return output.Take();
}

}  // namespace tcptrace
