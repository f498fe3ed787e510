#include "iterator_id.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstring>

#include "minimal_btf.h"

namespace tcptrace {

namespace {

struct Iterator {
  const char* section;
  const char* function;  // its BTF id identifies the iterator
};

constexpr Iterator kIterators[] = {{"task_file", "bpf_iter_task_file"}, {"tcp_table", "bpf_iter_tcp"}};

// libbpf's callback has no context argument
thread_local uint32_t attach_ids[2] = {};

int PrepareLoad(struct bpf_program* program, struct bpf_prog_load_opts* options, long index) {
  options->expected_attach_type = BPF_TRACE_ITER;
  options->attach_btf_id = attach_ids[index];
  return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

// Registers tracepoint programs: for BPF_PROG_TYPE_TRACING libbpf parses all of the kernel's BTF before it
// calls PrepareLoad().
bool Register() {
  struct libbpf_prog_handler_opts options = {};
  options.sz = sizeof(options);
  options.prog_prepare_load_fn = PrepareLoad;
  for (const Iterator& iterator : kIterators) {
    options.cookie = &iterator - kIterators;
    libbpf_register_prog_handler(iterator.section, BPF_PROG_TYPE_TRACEPOINT, BPF_TRACE_ITER, &options);
  }
  return true;
}

}  // namespace

void RegisterIterators() {
  static const bool registered = Register();
  static_cast<void>(registered);
}

IteratorIds::IteratorIds(const KernelBtf& btf) {
  for (const Iterator& iterator : kIterators)
    attach_ids[&iterator - kIterators] = FindFunction(btf, iterator.function);
}

IteratorIds::~IteratorIds() { memset(attach_ids, 0, sizeof(attach_ids)); }

}  // namespace tcptrace
