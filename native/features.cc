#include "features.h"

#include <bpf/bpf.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <fstream>

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

Feature TryCapability(const char* name, int number, int substitute) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {};
  syscall(SYS_capget, &header, data);
  uint64_t held = data[0].effective | static_cast<uint64_t>(data[1].effective) << 32;
  if (held >> number & 1) return {name, true, ""};
  if (substitute >= 0 && held >> substitute & 1) return {name, true, "through CAP_SYS_ADMIN"};
  return {name, false, "not in the effective set"};
}

// The file reads "none [integrity] confidentiality"; brackets mark the active mode.
Feature TryLockdown() {
  std::ifstream file("/sys/kernel/security/lockdown");
  std::string line;
  if (!std::getline(file, line)) return {"lockdown", true, "none"};
  size_t from = line.find('[') + 1;
  std::string mode = line.substr(from, line.find(']') - from);
  return {"lockdown", mode != "confidentiality", mode};
}

}  // namespace

std::vector<Feature> TryFeatures() {
  LibbpfLog log;
  std::vector<Feature> features = {TryBtf(), TryRingBuffer()};
  features.push_back(TryLockdown());
  features.push_back(TryCapability("CAP_BPF", CAP_BPF, CAP_SYS_ADMIN));
  features.push_back(TryCapability("CAP_PERFMON", CAP_PERFMON, CAP_SYS_ADMIN));
  features.push_back(TryCapability("CAP_NET_ADMIN", CAP_NET_ADMIN, -1));
  features.push_back(TryCapability("CAP_SYS_PTRACE", CAP_SYS_PTRACE, -1));
  return features;
}

}  // namespace tcptrace
