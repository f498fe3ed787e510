#include "fentry.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <cerrno>

#include "minimal_btf.h"
#include "unique_fd.h"

namespace tcptrace {

namespace {

constexpr int kNotSupported = 524;  // ENOTSUPP (include/linux/errno.h); not in user-space headers

}  // namespace

Status TryFentry(const KernelBtf& btf) {
  // r0 = 0; exit
  const struct bpf_insn program[] = {{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
                                     {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  struct bpf_prog_load_opts opts = {};
  opts.sz = sizeof(opts);
  opts.expected_attach_type = BPF_TRACE_FENTRY;
  opts.attach_btf_id = FindFunction(btf, "tcp_v4_connect");
  UniqueFd loaded(bpf_prog_load(BPF_PROG_TYPE_TRACING, "try_fentry", "GPL", program, 2, &opts));
  int error = loaded.valid() ? 0 : errno;
  // any other error may come from this minimal program: let loading the real object decide
  if (error == EPERM || error == kNotSupported) return Error{"load", error, "fentry_tcp_v4_connect", ""};
  return {};
}

}  // namespace tcptrace
