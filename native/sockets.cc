#include "sockets.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <memory>

#include "iterator.h"
#include "kernel_btf.h"
#include "libbpf_log.h"
#include "signals_blocked.h"
#include "sockets.skel.h"

namespace tcptrace {

namespace {

Result<std::vector<char>> LoadAndRun(const std::string& btf_path) {
  if (int error = CheckBtf(btf_path)) return Error{"open", error, "", btf_path};
  struct bpf_object_open_opts opts = {};
  opts.sz = sizeof(opts);
  opts.btf_custom_path = CustomBtf(btf_path);
  std::unique_ptr<struct sockets_bpf, void (*)(struct sockets_bpf*)> skeleton(sockets_bpf__open_opts(&opts),
                                                                              sockets_bpf__destroy);
  if (!skeleton) return Error{"open", errno, "", ""};
  // as in Tracer::Load()
  SignalsBlocked blocked;
  int err = sockets_bpf__load(skeleton.get());
  if (err) return Error{"load", -err, "", ""};
  return RunIterator(skeleton->progs.list_sockets);
}

}  // namespace

Result<std::vector<char>> ListSockets(const std::string& btf_path) {
  LibbpfLog log;
  Result<std::vector<char>> records = LoadAndRun(btf_path);
  if (!records.ok()) log.Explain(&records.error());
  return records;
}

}  // namespace tcptrace
