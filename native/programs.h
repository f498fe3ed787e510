// Lists the BPF programs of each probe.
#pragma once

#include <cstdint>
#include <vector>

namespace tcptrace {

enum class Probe { kFentry, kKprobe, kTracepoint };

enum class Hook { kTracing, kKprobe, kKretprobe, kTracepoint };

enum class Need {
  kRequired,
  kOptional,     ///< the probe works without it
  kReplaceable,  ///< if the kernel lacks the target, programs with `only_without` replace it
};

struct Program {
  const char* name;  ///< in bpf/tcptrace.bpf.c
  Hook hook;
  const char* target;  ///< kernel function or tracepoint it attaches to
  Need need;
  bool covered_by_next = false;        ///< another program reports what a skipped run of this one missed
  const char* only_without = nullptr;  ///< used only if the kernel lacks this function
};

using Programs = std::vector<Program>;

/** Kernels with this function can preempt programs on system-call tracepoints (7.2 has it, 6.18 does not). */
constexpr const char* kFaultableTraceSymbol = "trace_call_bpf_faultable";

/** Kernel function that bpf/cast.h uses if the kernel has it (Linux 6.2). */
constexpr const char* kRdonlyCastKfunc = "bpf_rdonly_cast";

/**
 * Copies of each program that the kernel can preempt. The kernel skips a copy in about 1 of 30 runs in which
 * it skipped the copy before. A tracepoint takes 64 programs of all tracers together (BPF_TRACE_MAX_PROGS).
 */
constexpr uint32_t kCopies = 6;

using Copies = const char* const[kCopies];
constexpr Copies kSysExitAccept = {"sys_exit_accept_0", "sys_exit_accept_1", "sys_exit_accept_2",
                                   "sys_exit_accept_3", "sys_exit_accept_4", "sys_exit_accept_5"};
constexpr Copies kSysExitConnect = {"sys_exit_connect_0", "sys_exit_connect_1", "sys_exit_connect_2",
                                    "sys_exit_connect_3", "sys_exit_connect_4", "sys_exit_connect_5"};

/** Adds `count` copies of `like`; only a skipped run of the last copy can lose an event. */
inline void AddCopies(Programs* programs, const Copies& names, uint32_t count, const Program& like) {
  for (uint32_t i = 0; i < count; i++) {
    Program p = like;
    p.name = names[i];
    p.covered_by_next = i + 1 < count;
    programs->push_back(p);
  }
}

/** Adds the programs that see accept() return; see Program for `only_without`. */
inline void AddSysExitAccept(Programs* programs, uint32_t count, const char* only_without) {
  for (const char* target : {"syscalls/sys_exit_accept", "syscalls/sys_exit_accept4"})
    AddCopies(programs, kSysExitAccept, count,
              {"", Hook::kTracepoint, target, Need::kRequired, false, only_without});
}

/** Adds the programs that see the system call connect() return. */
inline void AddSysExitConnect(Programs* programs, uint32_t count) {
  AddCopies(programs, kSysExitConnect, count,
            {"", Hook::kTracepoint, "syscalls/sys_exit_connect", Need::kOptional});
}

/** @param preemptible adds sys_exit_connect, which covers skipped runs of the other programs */
inline void AddFentry(Programs* programs, bool preemptible, const char* graft) {
  for (Program p : {Program{"fexit_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
                    Program{"fentry_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
                    Program{"fexit_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional},
                    Program{"fentry_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional}}) {
    p.covered_by_next = preemptible;
    programs->push_back(p);
  }
  if (preemptible) AddSysExitConnect(programs, kCopies);
  // the program attached last runs first (bpf_trampoline_link_prog())
  programs->push_back({"fentry_security_sock_graft_second", Hook::kTracing, graft, Need::kReplaceable, true});
  programs->push_back({"fentry_security_sock_graft_first", Hook::kTracing, graft, Need::kReplaceable, true});
}

/** Adds the programs that track the descendants of followed processes. */
inline void AddFollowing(Programs* programs, bool preemptible) {
  programs->push_back({"fork_first", Hook::kTracing, "sched_process_fork", Need::kRequired, preemptible});
  if (preemptible)
    programs->push_back({"fork_perf", Hook::kTracepoint, "sched/sched_process_fork", Need::kRequired, true});
  // after a skipped run, the entry goes when the kernel reuses the pid
  programs->push_back({"process_free", Hook::kTracing, "sched_process_free", Need::kRequired, true});
}

/** Returns the programs to load, in the order of attaching: those that see connections close come first. */
inline Programs ProgramsOf(Probe probe, bool preemptible) {
  const char* graft = "security_sock_graft";
  uint32_t copies = preemptible ? kCopies : 1;
  Programs programs = {
      {"destroy_first", Hook::kTracing, "tcp_destroy_sock", Need::kRequired, true},
      {"destroy_second", Hook::kTracing, "tcp_destroy_sock", Need::kRequired, true},
      preemptible
          ? Program{"set_state_perf", Hook::kTracepoint, "sock/inet_sock_set_state", Need::kRequired, true}
          : Program{"set_state_first", Hook::kTracing, "inet_sock_set_state", Need::kRequired, true},
      {"set_state_second", Hook::kTracing, "inet_sock_set_state", Need::kRequired, true},
  };
  Programs own;
  switch (probe) {
    case Probe::kFentry:
      AddFentry(&own, preemptible, graft);
      break;
    case Probe::kKprobe:
      own = {
          {"kretprobe_tcp_v4_connect", Hook::kKretprobe, "tcp_v4_connect", Need::kRequired},
          {"kprobe_tcp_v4_connect", Hook::kKprobe, "tcp_v4_connect", Need::kRequired},
          {"kretprobe_tcp_v6_connect", Hook::kKretprobe, "tcp_v6_connect", Need::kOptional},
          {"kprobe_tcp_v6_connect", Hook::kKprobe, "tcp_v6_connect", Need::kOptional},
          {"kprobe_security_sock_graft", Hook::kKprobe, graft, Need::kReplaceable},
      };
      break;
    case Probe::kTracepoint:
      AddSysExitConnect(&own, copies);
      break;
  }
  AddSysExitAccept(&own, copies, probe == Probe::kTracepoint ? nullptr : graft);
  programs.insert(programs.end(), own.begin(), own.end());
  return programs;
}

}  // namespace tcptrace
