#include "features.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>

#include "kernel_btf.h"
#include "libbpf_log.h"
#include "tracer.h"
#include "unique_fd.h"

namespace tcptrace {

namespace {

Feature TryBtf() {
  KernelBtf btf(Options().btf_path);
  return {"BTF", btf.error() == 0, btf.error() ? strerror(btf.error()) : ""};
}

Feature TryRingBuffer() {
  UniqueFd map(bpf_map_create(BPF_MAP_TYPE_RINGBUF, nullptr, 0, 0, sysconf(_SC_PAGESIZE), nullptr));
  return {"ring buffer", map.valid(), map.valid() ? "" : strerror(errno)};
}

}  // namespace

std::vector<Feature> TryFeatures() {
  LibbpfLog log;
  return {TryBtf(), TryRingBuffer()};
}

}  // namespace tcptrace
