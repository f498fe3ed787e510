// Which BPF programs make up a probe.
#pragma once

#include <iterator>
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
  bool doubled = false;                 ///< a run that the kernel skips is made up for by its second copy
  const char* stands_in_for = nullptr;  ///< kernel function; used only where that is missing
};

/** Where the kernel has no security_sock_graft (CONFIG_SECURITY_NETWORK): its callers' system calls. */
constexpr Program kAcceptStandIns[] = {
    {"tracepoint_sys_exit_accept", Hook::kTracepoint, "syscalls/sys_exit_accept", Need::kRequired, false,
     "security_sock_graft"},
    {"tracepoint_sys_exit_accept4", Hook::kTracepoint, "syscalls/sys_exit_accept4", Need::kRequired, false,
     "security_sock_graft"},
};

/** The programs to load and attach, in the order of attaching: what ends connections first. */
inline std::vector<Program> ProgramsOf(Probe probe) {
  std::vector<Program> programs = {
      {"destroy_first", Hook::kTracing, "tcp_destroy_sock", Need::kRequired, true},
      {"destroy_second", Hook::kTracing, "tcp_destroy_sock", Need::kRequired, true},
      {"set_state_first", Hook::kTracing, "inet_sock_set_state", Need::kRequired, true},
      {"set_state_second", Hook::kTracing, "inet_sock_set_state", Need::kRequired, true},
  };
  std::vector<Program> own;
  switch (probe) {
    case Probe::kFentry:
      own = {
          {"fexit_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
          {"fentry_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
          {"fexit_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional},
          {"fentry_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional},
          // what is attached last runs first (bpf_trampoline_link_prog())
          {"fentry_security_sock_graft_second", Hook::kTracing, "security_sock_graft", Need::kReplaceable,
           true},
          {"fentry_security_sock_graft_first", Hook::kTracing, "security_sock_graft", Need::kReplaceable,
           true},
      };
      break;
    case Probe::kKprobe:
      own = {
          {"kretprobe_tcp_v4_connect", Hook::kKretprobe, "tcp_v4_connect", Need::kRequired},
          {"kprobe_tcp_v4_connect", Hook::kKprobe, "tcp_v4_connect", Need::kRequired},
          {"kretprobe_tcp_v6_connect", Hook::kKretprobe, "tcp_v6_connect", Need::kOptional},
          {"kprobe_tcp_v6_connect", Hook::kKprobe, "tcp_v6_connect", Need::kOptional},
          {"kprobe_security_sock_graft", Hook::kKprobe, "security_sock_graft", Need::kReplaceable},
      };
      break;
    case Probe::kTracepoint:
      own = {
          {"tracepoint_sys_exit_connect", Hook::kTracepoint, "syscalls/sys_exit_connect", Need::kOptional},
          {"tracepoint_sys_exit_accept", Hook::kTracepoint, "syscalls/sys_exit_accept", Need::kRequired},
          {"tracepoint_sys_exit_accept4", Hook::kTracepoint, "syscalls/sys_exit_accept4", Need::kRequired},
      };
      break;
  }
  programs.insert(programs.end(), own.begin(), own.end());
  if (probe != Probe::kTracepoint)
    programs.insert(programs.end(), std::begin(kAcceptStandIns), std::end(kAcceptStandIns));
  return programs;
}

}  // namespace tcptrace
