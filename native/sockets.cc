#include "sockets.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>

#include <cerrno>
#include <memory>
#include <string>

#include "iterator.h"
#include "kernel_btf.h"
#include "libbpf_log.h"
#include "minimal_btf.h"
#include "signals_blocked.h"
#include "sockets.skel.h"
#include "task_file.h"
#include "unique_fd.h"

namespace tcptrace {

namespace {

Result<MallocBuffer> LoadAndRun(const std::string& btf_path) {
  KernelBtf btf(btf_path);
  if (btf.error()) return Error{"open", btf.error(), "", btf_path};
  // libbpf reads custom BTF only from a file
  UniqueFd types(memfd_create("types", MFD_CLOEXEC));
  if (!types.valid()) return Error{"open", errno, "", ""};
  std::string types_path = "/proc/self/fd/" + std::to_string(types.get());
  struct bpf_object_open_opts opts = {};
  opts.sz = sizeof(opts);
  opts.btf_custom_path = types_path.c_str();
  std::unique_ptr<struct sockets_bpf, void (*)(struct sockets_bpf*)> skeleton(sockets_bpf__open_opts(&opts),
                                                                              sockets_bpf__destroy);
  if (!skeleton) return Error{"open", errno, "", ""};
  std::optional<std::vector<char>> excerpt = MinimalBtf(btf, TypeNames(bpf_object__btf(skeleton->obj)));
  if (!excerpt) return Error{"open", EINVAL, "", btf_path};
  if (write(types.get(), excerpt->data(), excerpt->size()) < 0) return Error{"open", errno, "", ""};
  TaskFileId id(FindFunction(btf, kTaskFileFunction));
  // see Tracer::Load()
  SignalsBlocked blocked;
  int err = sockets_bpf__load(skeleton.get());
  if (err) return Error{"load", -err, "", ""};
  return RunIterator(skeleton->progs.list_sockets);
}

}  // namespace

Result<MallocBuffer> ListSockets(const std::string& btf_path) {
  LibbpfLog log;
  Result<MallocBuffer> records = LoadAndRun(btf_path);
  if (!records.ok()) log.Explain(&records.error());
  return records;
}

}  // namespace tcptrace
