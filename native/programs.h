// Which BPF programs make up a probe.
#pragma once

#include <cstdint>
#include <vector>

namespace tcptrace {

enum class Probe { kFentry, kKprobe, kTracepoint };

enum class Hook { kTracing, kKprobe, kKretprobe, kTracepoint };

enum class Need {
  kRequired,
  kOptional,     ///< the probe is worth having without it
  kReplaceable,  ///< where the kernel lacks the target, others stand in
};

struct Program {
  const char* name;  ///< in bpf/tcptrace.bpf.c
  Hook hook;
  const char* target;  ///< kernel function or tracepoint it attaches to
  Need need;
  bool covered_by_next = false;        ///< a run that the kernel skips is made up for by another program
  const char* only_without = nullptr;  ///< kernel function; used only where that is missing
};

using Programs = std::vector<Program>;

/** Where the kernel has it, programs on tracepoints can be preempted (in 7.2, not in 6.18). */
constexpr const char* kFaultableTraceSymbol = "trace_call_bpf_faultable";

/** What the program that perf runs takes, Linux 6.2. */
constexpr const char* kRdonlyCastKfunc = "bpf_rdonly_cast";

/** Of what can be preempted, there. Each is kept from about one in thirty of what the one before it was kept
 * from; a tracepoint takes 64 programs of all tracers together (BPF_TRACE_MAX_PROGS). */
constexpr uint32_t kCopies = 6;

using Copies = const char* const[kCopies];
constexpr Copies kSysExitAccept = {"sys_exit_accept_0", "sys_exit_accept_1", "sys_exit_accept_2",
                                   "sys_exit_accept_3", "sys_exit_accept_4", "sys_exit_accept_5"};
constexpr Copies kSysExitConnect = {"sys_exit_connect_0", "sys_exit_connect_1", "sys_exit_connect_2",
                                    "sys_exit_connect_3", "sys_exit_connect_4", "sys_exit_connect_5"};

/** Only what the last copy could not do is lost. */
inline void AddCopies(Programs* programs, const Copies& names, uint32_t count, const Program& like) {
  for (uint32_t i = 0; i < count; i++) {
    Program p = like;
    p.name = names[i];
    p.covered_by_next = i + 1 < count;
    programs->push_back(p);
  }
}

/** @param only_without kernel function that these stand in for */
inline void AddSysExitAccept(Programs* programs, uint32_t count, const char* only_without) {
  for (const char* target : {"syscalls/sys_exit_accept", "syscalls/sys_exit_accept4"})
    AddCopies(programs, kSysExitAccept, count,
              {"", Hook::kTracepoint, target, Need::kRequired, false, only_without});
}

/** All copies of what sees connect() return as a system call. */
inline void AddSysExitConnect(Programs* programs, uint32_t count) {
  AddCopies(programs, kSysExitConnect, count,
            {"", Hook::kTracepoint, "syscalls/sys_exit_connect", Need::kOptional});
}

/** @param preemptible what the kernel skips here is made up for where the system call returns */
inline void AddFentry(Programs* programs, bool preemptible, const char* graft) {
  for (Program p : {Program{"fexit_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
                    Program{"fentry_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
                    Program{"fexit_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional},
                    Program{"fentry_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional}}) {
    p.covered_by_next = preemptible;
    programs->push_back(p);
  }
  if (preemptible) AddSysExitConnect(programs, kCopies);
  // what is attached last runs first (bpf_trampoline_link_prog())
  programs->push_back({"fentry_security_sock_graft_second", Hook::kTracing, graft, Need::kReplaceable, true});
  programs->push_back({"fentry_security_sock_graft_first", Hook::kTracing, graft, Need::kReplaceable, true});
}

/** Those that know which processes descend from which. */
inline void AddFollowing(Programs* programs, bool preemptible) {
  programs->push_back({"fork_first", Hook::kTracing, "sched_process_fork", Need::kRequired, preemptible});
  if (preemptible)
    programs->push_back({"fork_perf", Hook::kTracepoint, "sched/sched_process_fork", Need::kRequired, true});
  // a task that it misses is forgotten when its pid is given out again
  programs->push_back({"process_free", Hook::kTracing, "sched_process_free", Need::kRequired, true});
}

/** The programs to load and attach, in the order of attaching: what ends connections first. */
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
