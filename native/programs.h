// Which BPF programs make up a probe.
#pragma once

#include <string>
#include <vector>

namespace tcptrace {

enum class Probe { kFentry, kKprobe, kTracepoint };

enum class Hook { kTracing, kKprobe, kKretprobe, kTracepoint };

struct Program {
  const char* name;  ///< in bpf/tcptrace.bpf.c
  Hook hook;
  const char* target;  ///< kernel function or tracepoint it attaches to
  bool optional;       ///< the probe is worth having without it
  bool doubled;        ///< a run that the kernel skips is made up for by its second copy
};

/** The programs to load and attach, in the order of attaching: what ends connections first. */
inline std::vector<Program> ProgramsOf(Probe probe) {
  std::vector<Program> programs = {
      {"destroy_first", Hook::kTracing, "tcp_destroy_sock", false, true},
      {"destroy_second", Hook::kTracing, "tcp_destroy_sock", false, true},
      {"set_state_first", Hook::kTracing, "inet_sock_set_state", false, true},
      {"set_state_second", Hook::kTracing, "inet_sock_set_state", false, true},
  };
  std::vector<Program> own;
  switch (probe) {
    case Probe::kFentry:
      own = {
          {"fexit_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", false, false},
          {"fentry_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", false, false},
          {"fexit_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", true, false},
          {"fentry_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", true, false},
          {"fentry_security_sock_graft", Hook::kTracing, "security_sock_graft", false, false},
      };
      break;
    case Probe::kKprobe:
      own = {
          {"kretprobe_tcp_v4_connect", Hook::kKretprobe, "tcp_v4_connect", false, false},
          {"kprobe_tcp_v4_connect", Hook::kKprobe, "tcp_v4_connect", false, false},
          {"kretprobe_tcp_v6_connect", Hook::kKretprobe, "tcp_v6_connect", true, false},
          {"kprobe_tcp_v6_connect", Hook::kKprobe, "tcp_v6_connect", true, false},
          {"kprobe_security_sock_graft", Hook::kKprobe, "security_sock_graft", false, false},
      };
      break;
    case Probe::kTracepoint:
      own = {
          {"tracepoint_sys_exit_connect", Hook::kTracepoint, "syscalls/sys_exit_connect", true, false},
          {"tracepoint_sys_exit_accept", Hook::kTracepoint, "syscalls/sys_exit_accept", false, false},
          {"tracepoint_sys_exit_accept4", Hook::kTracepoint, "syscalls/sys_exit_accept4", false, false},
      };
      break;
  }
  programs.insert(programs.end(), own.begin(), own.end());
  return programs;
}

}  // namespace tcptrace
