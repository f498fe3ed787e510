#include "programs.h"

namespace tcptrace {

namespace {

// Copies of each program that the kernel can preempt. More copies lose fewer events, but a tracepoint takes
// at most 64 programs, including those of other tracers (BPF_TRACE_MAX_PROGS).
constexpr uint32_t kCopies = 6;

using Copies = const char* const[kCopies];
constexpr Copies kSysExitAccept = {"sys_exit_accept_0", "sys_exit_accept_1", "sys_exit_accept_2",
                                   "sys_exit_accept_3", "sys_exit_accept_4", "sys_exit_accept_5"};
constexpr Copies kSysEnterConnect = {"sys_enter_connect_0", "sys_enter_connect_1", "sys_enter_connect_2",
                                     "sys_enter_connect_3", "sys_enter_connect_4", "sys_enter_connect_5"};
constexpr Copies kSysExitConnect = {"sys_exit_connect_0", "sys_exit_connect_1", "sys_exit_connect_2",
                                    "sys_exit_connect_3", "sys_exit_connect_4", "sys_exit_connect_5"};

constexpr const char* kGraft = "security_sock_graft";

void Append(Programs* programs, const Programs& more) {
  programs->insert(programs->end(), more.begin(), more.end());
}

Programs CopiesOf(const Copies& names, uint32_t count, Program program) {
  Programs copies;
  for (uint32_t i = 0; i < count; i++) {
    program.name = names[i];
    copies.push_back(program);
  }
  return copies;
}

// If the kernel skips all copies, the socket keeps its entry in the map `backlog`, which shows the accept()
// at the latest when the socket closes.
Programs SysExitAccept(uint32_t count, const char* only_without) {
  Programs programs;
  for (const char* target : {"syscalls/sys_exit_accept", "syscalls/sys_exit_accept4"})
    Append(&programs,
           CopiesOf(kSysExitAccept, count,
                    {"", Hook::kTracepoint, target, Need::kRequired, Skip::kCovered, only_without}));
  return programs;
}

// If the kernel skips all copies at the return, the thread keeps its entry in the map `connect_calls`.
Programs SyscallConnect(uint32_t count) {
  Programs programs =
      CopiesOf(kSysExitConnect, count, {"", Hook::kTracepoint, "syscalls/sys_exit_connect", Need::kOptional});
  Append(&programs,
         CopiesOf(kSysEnterConnect, count,
                  {"", Hook::kTracepoint, "syscalls/sys_enter_connect", Need::kOptional, Skip::kGroup}));
  return programs;
}

// sys_exit_connect covers a skipped fexit; inet_sock_set_state covers a skipped fentry.
Programs Fentry() {
  return {
      {"fexit_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
      {"fentry_tcp_v4_connect", Hook::kTracing, "tcp_v4_connect", Need::kRequired},
      {"fexit_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional},
      {"fentry_tcp_v6_connect", Hook::kTracing, "tcp_v6_connect", Need::kOptional},
      // the program attached last runs first (bpf_trampoline_link_prog())
      {"fentry_security_sock_graft_second", Hook::kTracing, kGraft, Need::kReplaceable},
      {"fentry_security_sock_graft_first", Hook::kTracing, kGraft, Need::kReplaceable},
  };
}

Programs Kprobe() {
  return {
      {"kretprobe_tcp_v4_connect", Hook::kKretprobe, "tcp_v4_connect", Need::kRequired},
      {"kprobe_tcp_v4_connect", Hook::kKprobe, "tcp_v4_connect", Need::kRequired},
      {"kretprobe_tcp_v6_connect", Hook::kKretprobe, "tcp_v6_connect", Need::kOptional},
      {"kprobe_tcp_v6_connect", Hook::kKprobe, "tcp_v6_connect", Need::kOptional},
      {"kprobe_security_sock_graft", Hook::kKprobe, kGraft, Need::kReplaceable},
  };
}

Programs SpecificPrograms(Probe probe) {
  switch (probe) {
    case Probe::kFentry:
      return Fentry();
    case Probe::kKprobe:
      return Kprobe();
    case Probe::kTracepoint:
      return {{"io_uring_complete", Hook::kTracepoint, "io_uring/io_uring_complete", Need::kOptional}};
  }
  return {};
}

}  // namespace

Programs FollowingPrograms(bool preemptible) {
  Programs programs = {{"fork_first", Hook::kTracing, "sched_process_fork", Need::kRequired,
                        preemptible ? Skip::kCovered : Skip::kLoss}};
  if (preemptible)
    programs.push_back({"fork_perf", Hook::kTracepoint, "sched/sched_process_fork", Need::kRequired});
  // after a skipped run, on_fork() deletes the entry when the kernel reuses the pid
  programs.push_back({"process_free", Hook::kTracing, "sched_process_free", Need::kRequired});
  return programs;
}

// If the kernel skips a run, user space looks up the path of the cgroup.
Programs CgroupPrograms() { return {{"cgroup_made", Hook::kTracing, "cgroup_mkdir", Need::kOptional}}; }

Programs ProgramsOf(Probe probe, bool preemptible) {
  uint32_t copies = preemptible ? kCopies : 1;
  Programs programs = {
      {"destroy_first", Hook::kTracing, "tcp_destroy_sock", Need::kRequired},
      {"destroy_second", Hook::kTracing, "tcp_destroy_sock", Need::kRequired},
      preemptible ? Program{"set_state_perf", Hook::kTracepoint, "sock/inet_sock_set_state", Need::kRequired}
                  : Program{"set_state_first", Hook::kTracing, "inet_sock_set_state", Need::kRequired},
      {"set_state_second", Hook::kTracing, "inet_sock_set_state", Need::kRequired},
  };
  Append(&programs, SpecificPrograms(probe));
  Append(&programs, SyscallConnect(copies));
  Append(&programs, SysExitAccept(copies, probe == Probe::kTracepoint ? nullptr : kGraft));
  return programs;
}

}  // namespace tcptrace
