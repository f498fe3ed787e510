#include "tracer.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../bpf/cgroup_slot.h"
#include "../bpf/connection.h"
#include "clock.h"
#include "fentry.h"
#include "iterator.h"
#include "kernel_btf.h"
#include "libbpf_log.h"
#include "limits.h"
#include "signals_blocked.h"
#include "skips.h"
#include "tcptrace.skel.h"
#include "tracefs.h"
#include "unique_fd.h"

namespace tcptrace {

namespace {

// Rounds up to a power of two and at least one page, as ring buffers require.
uint32_t RingSize(uint32_t bytes) {
  uint32_t size = sysconf(_SC_PAGESIZE);
  while (size < bytes && size < (1u << 31)) size <<= 1;
  return size;
}

Result<struct bpf_link*> AttachTracepoint(struct bpf_program* program, const char* name) {
  Result<int> id = TracepointId(name);
  if (!id.ok()) return id.error();

  struct perf_event_attr attr = {};
  attr.type = PERF_TYPE_TRACEPOINT;
  attr.size = sizeof(attr);
  attr.config = id.value();
  // opened for CPU 0, but BPF programs of a tracepoint run on every CPU (perf_trace_run_bpf_submit())
  UniqueFd event(syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
  if (!event.valid()) return Error{"attach", errno, "", "perf_event_open"};
  struct bpf_link* link = bpf_program__attach_perf_event(program, event.get());
  if (link == nullptr) return Error{"attach", errno, "", ""};
  event.release();
  return link;
}

Result<struct bpf_link*> AttachProgram(struct bpf_program* program, const Program& p) {
  struct bpf_link* link = nullptr;
  switch (p.hook) {
    case Hook::kTracing:
      link = bpf_program__attach_trace(program);
      break;
    case Hook::kKprobe:
    case Hook::kKretprobe:
      link = bpf_program__attach_kprobe(program, p.hook == Hook::kKretprobe, p.target);
      break;
    case Hook::kTracepoint:
      return AttachTracepoint(program, p.target);
  }
  if (link == nullptr) return Error{"attach", errno, "", ""};
  return link;
}

// Time after which a refusal expires in the kernel.
constexpr uint64_t kRefusalNs = 1000000000;

// Entries of the map `reserve`, which takes connections of other users after one user has filled the map.
uint32_t ReserveSize(uint32_t max_connections) {
  return std::max(max_connections / 8, std::min(max_connections, 1024u));
}

// Limit of reserve entries per user.
uint32_t ReserveShare(uint32_t reserve) { return std::max({reserve / 32, std::min(reserve / 2, 256u), 1u}); }

bool HasFunction(const Options& options, const KernelBtf& btf, const char* name) {
  const auto& absent_functions = options.absent_functions;
  return btf.HasName(name) &&
         std::find(absent_functions.begin(), absent_functions.end(), name) == absent_functions.end();
}

}  // namespace

void Tracer::SkeletonDeleter::operator()(::tcptrace_bpf* skeleton) const { tcptrace_bpf__destroy(skeleton); }

Tracer::Tracer() = default;

Tracer::~Tracer() { Detach(); }

Result<std::unique_ptr<Tracer>> Tracer::Open(const Options& options) {
  LibbpfLog log;
  std::unique_ptr<Tracer> tracer(new Tracer());
  Status failed = tracer->Configure(options);
  if (!failed) failed = tracer->Load();
  if (!failed) failed = tracer->FollowInitial(options);
  if (!failed) failed = tracer->AttachAll();
  if (!failed) failed = tracer->ReadInitial();
  if (!failed) failed = tracer->LinkUpdates(options);
  malloc_trim(0);  // return the memory that libbpf used for kernel types, most of the heap
  if (!failed) return tracer;
  log.Explain(&*failed);
  return *failed;
}

Status Tracer::Configure(const Options& options) {
  KernelBtf btf(options.btf_path);
  if (btf.error()) return Error{"open", btf.error(), "", options.btf_path};
  if (options.probe == Probe::kFentry) {
    Status refused = TryFentry(btf);
    if (refused) return refused;
  }

  struct bpf_object_open_opts opts = {};
  opts.sz = sizeof(opts);
  opts.btf_custom_path = CustomBtf(options.btf_path);
  skeleton_.reset(tcptrace_bpf__open_opts(&opts));
  if (!skeleton_) return Error{"open", errno, "", ""};
  bool preemptible = HasFunction(options, btf, kFaultableTraceSymbol);
  bool can_cast = btf.HasName(kRdonlyCastKfunc);
  SelectPrograms(options, btf, preemptible);
  if (!can_cast) SkipModuleSearch();
  clock_is_tai_ = btf.HasName("BPF_FUNC_ktime_get_tai_ns");

  const uint32_t reserve = ReserveSize(options.max_connections);
  SizeMaps(options, btf, reserve);
  auto* config = skeleton_->rodata;
  memcpy(const_cast<filter_config*>(&config->filter), &options.filter, sizeof(config->filter));
  config->can_cast = can_cast;
  config->has_updates = options.updates;
  config->reports_preexisting = options.updates && options.update_ms == 0;
  config->has_peers = options.peers;
  config->has_cgroup_tests = options.refuses_cgroups;
  config->reserve_share = ReserveShare(reserve);
  config->is_return_hooked = options.probe != Probe::kTracepoint;
  return {};
}

// Sets the sizes of maps that depend on options or the kernel; the others keep the sizes in bpf/maps.h.
void Tracer::SizeMaps(const Options& options, const KernelBtf& btf, uint32_t reserve) {
  bpf_map__set_max_entries(skeleton_->maps.ring, RingSize(options.buffer_size_bytes));
  bpf_map__set_max_entries(skeleton_->maps.connections, options.max_connections);
  // maps without preallocation are safe in tracing programs since bpf_mem_alloc (Linux 6.1)
  if (btf.HasName("bpf_mem_alloc")) {
    bpf_map__set_map_flags(skeleton_->maps.connections, BPF_F_NO_PREALLOC);
    bpf_map__set_map_flags(skeleton_->maps.reserve, BPF_F_NO_PREALLOC);
    bpf_map__set_map_flags(skeleton_->maps.reported, BPF_F_NO_PREALLOC);
    bpf_map__set_map_flags(skeleton_->maps.holders, BPF_F_NO_PREALLOC);
  }
  bpf_map__set_max_entries(skeleton_->maps.reserve, reserve);
  if (options.updates) {
    bpf_map__set_max_entries(skeleton_->maps.reported, options.max_connections + reserve);
    bpf_map__set_max_entries(skeleton_->maps.holders, options.max_connections + reserve);
  }
  if (options.follow) bpf_map__set_max_entries(skeleton_->maps.followed, FOLLOWED_MAX);
  if (options.probe != Probe::kKprobe) bpf_map__set_max_entries(skeleton_->maps.connecting_sock, 1);
}

// Selects the programs to load. Leaves out those for functions that the kernel lacks: one of them would fail
// the load of all.
void Tracer::SelectPrograms(const Options& options, const KernelBtf& btf, bool preemptible) {
  auto lacks = [&](const char* function) { return !HasFunction(options, btf, function); };
  struct bpf_program* program;
  bpf_object__for_each_program(program, skeleton_->obj) bpf_program__set_autoload(program, false);
  Programs candidates;
  if (options.follow) candidates = FollowingPrograms(preemptible);
  if (options.new_cgroups)
    for (const Program& p : CgroupPrograms()) candidates.push_back(p);
  for (const Program& p : ProgramsOf(options.probe, preemptible)) candidates.push_back(p);
  for (const Program& p : candidates) {
    if (p.only_without != nullptr && !lacks(p.only_without)) continue;
    if (p.need != Need::kRequired && p.hook != Hook::kTracepoint && lacks(p.target)) {
      const char* remedy = p.need == Need::kReplaceable ? "; using system calls instead" : "";
      std::string note = std::string(p.target) + ": this kernel has no such function" + remedy;
      if (notes_.empty() || notes_.back() != note) notes_.push_back(note);
      continue;
    }
    bpf_program__set_autoload(Find(p.name), true);
    programs_.push_back(p);
  }
  bpf_program__set_autoload(skeleton_->progs.initial_connections, true);
  bpf_program__set_autoload(skeleton_->progs.live_connections, options.updates);
}

// Keeps the load from failing if vmlinux lacks a kfunc. libbpf then searches the modules' BTF for it, even
// though no loaded program calls it. The search needs CAP_SYS_ADMIN (bpf_obj_get_next_id(), Linux 6.1), and
// without it the load fails. libbpf searches once per object (load_module_btfs()), so this call triggers the
// search early and ignores its result.
void Tracer::SkipModuleSearch() {
  bpf_program__set_attach_target(skeleton_->progs.destroy_first, 0, kRdonlyCastKfunc);
}

Status Tracer::Load() {
  // the verifier fails with EAGAIN if a signal is pending (do_check() in kernel/bpf/verifier.c)
  SignalsBlocked blocked;
  int err = tcptrace_bpf__load(skeleton_.get());
  if (err) return Error{"load", -err, "", ""};
  // libbpf does not map global variables if its own check for such maps failed
  if (!skeleton_->bss) return Error{"load", ENOMEM, "", "cannot map global variables"};
  return {};
}

void Tracer::RefuseCgroup(uint64_t id, uint8_t refusals) {
  if (!cgroup_has_slot(id)) return;
  uint64_t value = cgroup_slot_value(id, refusals, MonotonicNs() + kRefusalNs);
  __atomic_store_n(&skeleton_->bss->refused_cgroups[cgroup_slot(id)], value, __ATOMIC_RELAXED);
}

Status Tracer::FollowInitial(const Options& options) {
  uint8_t mode = FOLLOWED_CHILDREN;
  if (options.followed_parent != 0 &&
      bpf_map_update_elem(bpf_map__fd(skeleton_->maps.followed), &options.followed_parent, &mode, BPF_ANY))
    return Error{"load", errno, "", "followed"};
  return Follow(options.followed);
}

Status Tracer::Follow(const std::vector<uint32_t>& pids) {
  uint8_t mode = FOLLOWED;
  for (uint32_t pid : pids)
    if (bpf_map_update_elem(bpf_map__fd(skeleton_->maps.followed), &pid, &mode, BPF_ANY))
      return Error{"load", errno, "", "followed"};
  return {};
}

std::vector<uint32_t> Tracer::Followed() const {
  int fd = bpf_map__fd(skeleton_->maps.followed);
  std::vector<uint32_t> pids;
  uint32_t key, next;
  // if the current key is deleted, the walk starts over: visit at most as many entries as the map holds
  for (uint32_t* last = nullptr; pids.size() < FOLLOWED_MAX && !bpf_map_get_next_key(fd, last, &next);
       last = &key) {
    pids.push_back(next);
    key = next;
  }
  return pids;
}

Status Tracer::AttachAll() {
  for (const Program& p : programs_) {
    Status failed = Attach(p);
    if (failed && p.need != Need::kOptional) return failed;
    if (failed) notes_.push_back(std::string(p.name) + ": " + strerror(failed->error));
  }
  skeleton_->data->watched_since_ns = MonotonicNs();
  return {};
}

Status Tracer::Attach(const Program& p) {
  Result<struct bpf_link*> link = AttachProgram(Find(p.name), p);
  if (!link.ok()) {
    link.error().program = p.name;
    return link.error();
  }
  links_.push_back(link.value());
  return {};
}

// Runs the iterator once: it adds preexisting connections to the map and, if selected, writes `open` records.
Status Tracer::ReadInitial() {
  Result<MallocBuffer> run = RunIterator(skeleton_->progs.initial_connections);
  if (!run.ok()) return run.error();
  initial_ = std::move(run.value());
  return {};
}

Status Tracer::LinkUpdates(const Options& options) {
  if (!options.updates) return {};
  Result<std::unique_ptr<Updates>> updates = Updates::Link(
      skeleton_->progs.live_connections, {skeleton_->maps.connections, skeleton_->maps.reserve});
  if (!updates.ok()) return updates.error();
  updates_ = std::move(updates.value());
  return {};
}

void Tracer::Detach() {
  LibbpfLog log;
  // bss is null if loading failed
  if (skeleton_ && skeleton_->bss) skeleton_->bss->stopping = true;
  for (struct bpf_link* link : links_) bpf_link__destroy(link);
  if (!links_.empty()) unreturned_ = CountUnreturned(bpf_map__fd(skeleton_->maps.connect_calls));
  links_.clear();
}

struct bpf_program* Tracer::Find(const char* name) const {
  return bpf_object__find_program_by_name(skeleton_->obj, name);
}

int Tracer::ring_fd() const { return bpf_map__fd(skeleton_->maps.ring); }

uint64_t Tracer::Counter(uint32_t which) const {
  uint64_t sum = 0;
  for (uint32_t line = 0; line < COUNTER_LINES; line++)
    sum += __atomic_load_n(&skeleton_->bss->counters[line * COUNTER_LINE_LEN + which], __ATOMIC_RELAXED);
  return sum;
}

uint64_t Tracer::Lost() const {
  return Counter(COUNTER_LOST) + Counter(COUNTER_UNSEEN) + Counter(COUNTER_MAP_FULL);
}

Stats Tracer::ReadStats() const {
  Stats stats;
  stats.lost = Lost();
  stats.unseen = Counter(COUNTER_UNSEEN);
  stats.map_full = Counter(COUNTER_MAP_FULL);
  stats.missed =
      CountSkips(programs_, [this](const char* name) { return bpf_program__fd(Find(name)); }) + unreturned_;
  return stats;
}

uint32_t Tracer::CountConnections(const std::vector<uint32_t>& pids) const {
  return CountOwned(skeleton_->maps.connections, pids) + CountOwned(skeleton_->maps.reserve, pids);
}

uint32_t Tracer::CountOwned(const struct bpf_map* of, const std::vector<uint32_t>& pids) {
  int map = bpf_map__fd(of);
  // if the current key is deleted, the walk starts over: visit at most as many entries as the map holds
  uint32_t left = bpf_map__max_entries(of);
  uint32_t count = 0;
  uint64_t key = 0, next;
  for (uint64_t* last = nullptr; left > 0 && bpf_map_get_next_key(map, last, &next) == 0; left--) {
    struct connection found;
    if (bpf_map_lookup_elem(map, &next, &found) == 0 &&
        std::find(pids.begin(), pids.end(), found.owner.pid) != pids.end())
      count++;
    key = next;
    last = &key;
  }
  return count;
}

}  // namespace tcptrace
