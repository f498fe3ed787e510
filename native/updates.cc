#include "updates.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

namespace tcptrace {

namespace {

// Limit of records per Continue(), which take less than 1 MiB of the ring.
constexpr size_t kRecordsMax = 4096;

}  // namespace

Result<std::unique_ptr<Updates>> Updates::Link(struct bpf_program* program,
                                               const std::vector<struct bpf_map*>& maps) {
  std::unique_ptr<Updates> updates(new Updates());
  for (struct bpf_map* map : maps) {
    union bpf_iter_link_info info = {};
    info.map.map_fd = bpf_map__fd(map);
    struct bpf_iter_attach_opts opts = {};
    opts.sz = sizeof(opts);
    opts.link_info = &info;
    opts.link_info_len = sizeof(info);
    UniqueLink link(bpf_program__attach_iter(program, &opts));
    if (!link) return Error{"attach", errno, bpf_program__name(program), ""};
    updates->links_.push_back(std::move(link));
  }
  return updates;
}

void Updates::Continue() {
  if (!iterator_.valid()) {
    if (next_ >= links_.size()) return;
    iterator_ = UniqueFd(bpf_iter_create(bpf_link__fd(links_[next_++].get())));
    if (!iterator_.valid()) return;
  }
  char written[kRecordsMax];
  ssize_t n = read(iterator_.get(), written, sizeof(written));
  // EAGAIN: the iterator visited a million connections without a record
  if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) iterator_ = UniqueFd();
}

}  // namespace tcptrace
