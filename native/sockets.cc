#include "sockets.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <time.h>

#include <cerrno>
#include <memory>
#include <string>

#include "flow.h"
#include "iterator.h"
#include "iterator_id.h"
#include "kernel_btf.h"
#include "libbpf_log.h"
#include "minimal_btf.h"
#include "namespaces.h"
#include "signals_blocked.h"
#include "sockets.skel.h"
#include "unique_fd.h"

namespace tcptrace {

namespace {

using Skeleton = std::unique_ptr<struct sockets_bpf, void (*)(struct sockets_bpf*)>;

int WriteAll(int fd, const std::vector<char>& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    ssize_t n = write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) done += n;
  }
  return 0;
}

// Timer interrupts per second (CONFIG_HZ): the resolution of this clock is the time between two.
uint32_t TicksPerSecond() {
  struct timespec tick = {};
  if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) || tick.tv_sec || !tick.tv_nsec) return 0;
  return (1'000'000'000 + tick.tv_nsec / 2) / tick.tv_nsec;
}

Result<Skeleton> Load(const std::string& btf_path, bool numbers) {
  KernelBtf btf(btf_path);
  if (btf.error()) return Error{"open", btf.error(), "", btf_path};
  // libbpf reads custom BTF only from a file
  UniqueFd types(memfd_create("types", MFD_CLOEXEC));
  if (!types.valid()) return Error{"open", errno, "", ""};
  std::string types_path = "/proc/self/fd/" + std::to_string(types.get());
  struct bpf_object_open_opts opts = {};
  opts.sz = sizeof(opts);
  opts.btf_custom_path = types_path.c_str();
  Skeleton skeleton(sockets_bpf__open_opts(&opts), sockets_bpf__destroy);
  if (!skeleton) return Error{"open", errno, "", ""};
  skeleton->rodata->has_numbers = numbers;
  skeleton->rodata->hz = TicksPerSecond();
  std::optional<std::vector<char>> minimal = MinimalBtf(btf, TypeNames(bpf_object__btf(skeleton->obj)));
  if (!minimal) return Error{"open", EINVAL, "", btf_path};
  int error = WriteAll(types.get(), *minimal);
  if (error) return Error{"open", error, "", ""};
  IteratorIds ids(btf);
  // see Tracer::Load()
  SignalsBlocked blocked;
  int err = sockets_bpf__load(skeleton.get());
  if (err) return Error{"load", -err, "", ""};
  return skeleton;
}

// Walks the descriptors twice: before the tables, to find the processes of sockets that close during the
// listing, and after them, for sockets that open during it.
Result<SocketListing> Run(const Skeleton& skeleton, const std::vector<std::string>& namespaces) {
  Result<UniqueLink> descriptors = LinkIterator(skeleton->progs.list_descriptors);
  if (!descriptors.ok()) return descriptors.error();
  SocketListing listing;
  IteratorOutput output;
  Status failed = output.Append(descriptors.value().get(), "list_descriptors");
  if (failed) return *failed;
  if (!namespaces.empty()) {
    Result<UniqueLink> table = LinkIterator(skeleton->progs.list_table);
    if (!table.ok()) return table.error();
    auto list = [&] { return output.Append(table.value().get(), "list_table"); };
    Result<std::vector<int>> errors = InEachNamespace(namespaces, list);
    if (!errors.ok()) return errors.error();
    listing.errors = std::move(errors.value());
    failed = output.Append(descriptors.value().get(), "list_descriptors");
    if (failed) return *failed;
  }
  listing.records = output.Take();
  HashFlows(listing.records.bytes.get(), listing.records.size);
  return listing;
}

}  // namespace

Result<SocketListing> ListSockets(const std::string& btf_path, const std::vector<std::string>& namespaces,
                                  bool numbers) {
  LibbpfLog log;
  auto list = [&]() -> Result<SocketListing> {
    Result<Skeleton> skeleton = Load(btf_path, numbers);
    if (!skeleton.ok()) return skeleton.error();
    return Run(skeleton.value(), namespaces);
  };
  Result<SocketListing> listing = list();
  if (!listing.ok()) log.Explain(&listing.error());
  return listing;
}

}  // namespace tcptrace
