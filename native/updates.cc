#include "updates.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>

namespace tcptrace {

namespace {

// Limit of records per read(2).
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

void Updates::Continue(size_t most) {
  while (most > 0 && InProgress()) most -= Read(most);
}

// Returns the number of records written, up to `most`.
size_t Updates::Read(size_t most) {
  if (!iterator_.valid()) {
    iterator_ = UniqueFd(bpf_iter_create(bpf_link__fd(links_[next_++].get())));
    if (!iterator_.valid()) return 0;
  }
  char written[kRecordsMax];
  ssize_t n = read(iterator_.get(), written, std::min(most, sizeof(written)));
  if (n > 0) return static_cast<size_t>(n);
  // EAGAIN: the iterator visited a million connections without a record
  if (n == 0 || (errno != EINTR && errno != EAGAIN)) iterator_ = UniqueFd();
  return 0;
}

}  // namespace tcptrace
