#include "task_file.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

namespace tcptrace {

namespace {

// libbpf's callback has no context argument
thread_local uint32_t attach_id = 0;

int PrepareLoad(struct bpf_program* program, struct bpf_prog_load_opts* options, long) {
  options->expected_attach_type = BPF_TRACE_ITER;
  options->attach_btf_id = attach_id;
  return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

}  // namespace

void RegisterTaskFile() {
  struct libbpf_prog_handler_opts options = {};
  options.sz = sizeof(options);
  options.prog_prepare_load_fn = PrepareLoad;
  // registered as a tracepoint program: for BPF_PROG_TYPE_TRACING libbpf parses all of the kernel's BTF
  // before it calls PrepareLoad()
  static const int registered =
      libbpf_register_prog_handler("task_file", BPF_PROG_TYPE_TRACEPOINT, BPF_TRACE_ITER, &options);
  static_cast<void>(registered);
}

TaskFileId::TaskFileId(uint32_t id) { attach_id = id; }

TaskFileId::~TaskFileId() { attach_id = 0; }

}  // namespace tcptrace
