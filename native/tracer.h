// The BPF object: open, configure, load, attach, detach. Knows no JavaScript.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../bpf/endpoint_filter.h"
#include "../bpf/owner_test.h"
#include "iterator.h"
#include "kernel_btf.h"
#include "programs.h"
#include "result.h"

struct tcptrace_bpf;  // the skeleton

namespace tcptrace {

/** What is asked of the ends of a connection: a bit for each condition that must be met, or must not. */
struct EndTests {
  std::vector<end_test> tests;
  uint32_t wanted = 0;
  uint32_t unwanted = 0;
};

/** One of the wanted, if there are any, and none of the unwanted. */
struct Numbers {
  std::vector<uint32_t> wanted;
  std::vector<uint32_t> unwanted;
};

/** What is asked for; the same fields as TracerOptions of src/kernel/binding.ts. */
struct Options {
  Probe probe = Probe::kTracepoint;
  uint32_t buffer_size_bytes = 8 << 20;
  uint32_t max_connections = 262144;
  uint32_t events = ~0u;
  uint32_t families = 3;
  Numbers pids;
  Numbers uids;
  Numbers netns;
  glob_automaton wanted_comms = {};
  glob_automaton unwanted_comms = {};
  EndTests ends;
  std::string btf_path = kKernelBtfPath;  ///< the types of the running kernel
  int output_fd = -1;                     ///< whose reader's going away ends the trace
  bool follow = false;                    ///< only these processes, and what descends from them from now on
  std::vector<uint32_t> followed;
  uint32_t followed_parent = 0;               ///< all its children as well, but not itself; 0: none
  std::vector<std::string> absent_functions;  ///< kernel functions to do without
};

/** Most processes that are followed at the same time. */
constexpr uint32_t kFollowedMax = 65536;

/** Most values of one kind, and tests of ends, that a filter takes. */
constexpr size_t kFilterMax = FILTER_MAX;

/** Most conditions those tests are of: the bits of wanted_ends in bpf/filter.h. */
constexpr size_t kConditionsMax = 32;

struct Stats {
  uint64_t lost = 0;
  uint64_t unseen = 0;  ///< of those lost, closes for which the kernel ran no program
  uint64_t map_full = 0;
  uint64_t missed = 0;  ///< skipped runs that nothing makes up for
};

/** One attached probe set; the destructor takes everything out of the kernel. */
class Tracer {
 public:
  static Result<std::unique_ptr<Tracer>> Open(const Options& options);
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  /** Takes the programs out of the kernel; maps and ring stay readable. Idempotent. */
  void Detach();

  /** Follows these processes, too, and their descendants. */
  Status Follow(const std::vector<uint32_t>& pids);

  /** Records of what was open when the trace began, which come before all of the ring; once. */
  MallocBuffer TakeInitial() { return std::exchange(initial_, {}); }
  int ring_fd() const;
  /** Events lost so far, for whichever reason. Safe on any thread. */
  uint64_t Lost() const;
  Stats ReadStats() const;
  /** Entries of the map of connections that these processes own. While it does, kprobes and tracepoints of
   * this CPU may skip BPF: see bpf/maps.h. */
  uint32_t CountConnections(const std::vector<uint32_t>& pids) const;
  /** True if records carry TAI, false if CLOCK_MONOTONIC. */
  bool clock_is_tai() const { return clock_is_tai_; }
  /** Optional programs that are missing, "name: reason". */
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct SkeletonDeleter {
    void operator()(::tcptrace_bpf* skeleton) const;
  };

  Tracer();
  Status Configure(const Options& options);
  void DoWithoutModules();
  void Select(const Options& options, const KernelBtf& btf, bool preemptible);
  Status Load();
  Status FollowFirst(const Options& options);
  Status AttachAll();
  Status Attach(const Program& program);
  Status ReadInitial();
  struct bpf_program* Find(const char* name) const;
  uint64_t Counter(uint32_t which) const;

  std::unique_ptr<::tcptrace_bpf, SkeletonDeleter> skeleton_;
  std::vector<Program> programs_;
  std::vector<struct bpf_link*> links_;
  std::vector<std::string> notes_;
  MallocBuffer initial_;
  bool clock_is_tai_ = false;
};

}  // namespace tcptrace
