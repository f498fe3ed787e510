// The BPF programs that make up a probe.
#pragma once

#include <cstdint>
#include <vector>

namespace tcptrace {

enum class Probe { kFentry, kKprobe, kTracepoint };

enum class Hook { kTracing, kKprobe, kKretprobe, kTracepoint };

enum class Need {
  kRequired,
  kOptional,     ///< the probe works without it
  kReplaceable,  ///< if the kernel lacks the target, other programs do the work
};

/** Effect of a program run that the kernel skips. */
enum class Skip {
  kCovered,  ///< loses nothing: another program does the work, or a map entry later shows the gap
  kGroup,    ///< loses an event only if the kernel skips all copies of the program for the same call
  kLoss,     ///< loses an event
};

struct Program {
  const char* name;  ///< in bpf/tcptrace.bpf.c
  Hook hook;
  const char* target;  ///< kernel function or tracepoint it attaches to
  Need need;
  Skip skip = Skip::kCovered;
  const char* only_without = nullptr;  ///< used only if the kernel lacks this function
};

using Programs = std::vector<Program>;

/** Kernels with this function can preempt programs on system-call tracepoints (7.2 has it, 6.18 does not). */
constexpr const char* kFaultableTraceSymbol = "trace_call_bpf_faultable";

/** Kernel function that bpf/cast.h uses if the kernel has it (Linux 6.2). */
constexpr const char* kRdonlyCastKfunc = "bpf_rdonly_cast";

/** Returns the programs that track the descendants of followed processes. */
Programs FollowingPrograms(bool preemptible);

/** Returns the programs that report the paths of new cgroups. */
Programs CgroupPrograms();

/** Returns the programs of a probe in the order of attaching: those that see connections close come first. */
Programs ProgramsOf(Probe probe, bool preemptible);

}  // namespace tcptrace
