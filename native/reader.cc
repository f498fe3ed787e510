#include "reader.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "../bpf/event.h"
#include "flow.h"

namespace tcptrace {

namespace {

// Pause after draining the ring. The kernel wakes the reader only for the first record of an empty ring, so
// this bounds the wake-ups per second at any event rate.
constexpr std::chrono::milliseconds kGather(10);

// Without events, the counter of lost events is read this often.
constexpr int kLossCheckMs = 500;

// Limit of the records of one visit of live connections between two drains of the ring.
constexpr size_t kMaxVisitRecords = 4096;

constexpr size_t kBatchBytes = 64 * 1024 / sizeof(struct event) * sizeof(struct event);

}  // namespace

Result<std::unique_ptr<Reader>> Reader::Start(Tracer& tracer, const Options& options,
                                              std::function<void()> on_ready) {
  std::unique_ptr<Reader> reader(new Reader(tracer));
  reader->on_ready_ = std::move(on_ready);
  reader->output_fd_ = options.output_fd;
  reader->update_interval_ = std::chrono::milliseconds(options.update_ms);
  reader->next_update_ = std::chrono::steady_clock::now() + reader->update_interval_;
  reader->filling_.reserve(kBatchBytes);
  reader->wake_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!reader->wake_.valid()) return Error{"read", errno, "", "eventfd"};
  Result<std::unique_ptr<Ring>> ring = Ring::Map(tracer.ring_fd());
  if (!ring.ok()) return ring.error();
  reader->ring_ = std::move(ring.value());
  try {
    reader->thread_ = std::thread(&Reader::Run, reader.get());
  } catch (const std::system_error& refused) {
    return Error{"read", refused.code().value(), "", "thread"};
  }
  return reader;
}

Reader::~Reader() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    aborting_ = true;
  }
  Wake();
  thread_.join();
}

void Reader::Request() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    requested_ = true;
  }
  Wake();
}

std::unique_ptr<Batch> Reader::Take() {
  std::lock_guard<std::mutex> lock(mutex_);
  return std::move(ready_);
}

void Reader::RequestVisit() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    requested_visits_++;
  }
  Wake();
}

void Reader::Finish() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    finishing_ = true;
  }
  Wake();
}

void Reader::Wake() { eventfd_write(wake_.get(), 1); }

void Reader::Run() {
  bool is_finishing;
  while (Wait(&is_finishing)) {
    Update();
    bool drained = false;
    if (filling_.empty() && initial_.size > 0)
      FillFromInitial();
    else if (!IsFull())
      drained = Drain();
    Deliver(is_finishing && drained && filling_.empty());
  }
}

// Visits live connections if an update is due and the batch has space. If the output is slow, updates become
// less frequent.
void Reader::Update() {
  Updates* updates = tracer_.updates();
  if (updates == nullptr || IsFull()) return;
  if (!updates->InProgress() && !BeginVisit()) return;
  // the ring was just drained; half of it is for events that happen meanwhile
  updates->Continue(std::min(kMaxVisitRecords, ring_->size() / 2 / sizeof(struct event)));
  if (updates->InProgress()) return;
  completed_visits_ = begun_visits_;
  visits_end_ = ring_->produced();
}

// Begins a visit if it is due. It answers all requests so far.
bool Reader::BeginVisit() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!IsVisitDue()) return false;
    begun_visits_ = requested_visits_;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_update_) next_update_ = std::max(next_update_ + update_interval_, now);
  tracer_.updates()->Begin();
  return true;
}

// True if a visit was requested, or the interval has passed. Needs mutex_.
bool Reader::IsVisitDue() const {
  return begun_visits_ != requested_visits_ ||
         (update_interval_.count() > 0 && std::chrono::steady_clock::now() >= next_update_);
}

// Returns the timeout of poll(2) in milliseconds: the time until the next update or loss check.
int Reader::Timeout() const {
  Updates* updates = tracer_.updates();
  if (updates == nullptr || IsFull()) return kLossCheckMs;
  if (updates->InProgress()) return 0;
  if (update_interval_.count() == 0) return kLossCheckMs;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next_update_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, kLossCheckMs));
}

// Returns true if the ring is empty.
bool Reader::Drain() {
  bool is_empty = ring_->Take(&filling_, kBatchBytes);
  // set even if a record is still being written: poll(2) would return for it immediately, again and again
  if (!IsFull()) next_drain_ = std::chrono::steady_clock::now() + kGather;
  return is_empty;
}

// True if the batch is full, or preexisting connections are left: their records precede those of the ring.
bool Reader::IsFull() const { return initial_.size > 0 || filling_.size() >= kBatchBytes; }

void Reader::FillFromInitial() {
  size_t taken = std::min(kBatchBytes, initial_.size - initial_taken_);
  const char* from = initial_.bytes.get() + initial_taken_;
  filling_.assign(from, from + taken);
  initial_taken_ += taken;
  if (initial_taken_ == initial_.size) initial_ = {};
}

// Waits for something to do; returns false when the thread must exit. Reads `finishing_` before the ring is
// drained: records written between a drain and Finish() are still to be read.
bool Reader::Wait(bool* is_finishing) {
  struct pollfd fds[] = {
      {wake_.get(), POLLIN, 0},
      {output_fd_, 0, 0},  // POLLERR and POLLHUP are always reported
      {ring_->fd(), POLLIN, 0},
  };
  poll(fds, IsFull() ? 2 : 3, Timeout());
  if (!IsFull()) std::this_thread::sleep_until(next_drain_);
  if (fds[1].revents) {
    hung_up_ = true;
    output_fd_ = -1;  // poll(2) would return for it every time
  }
  eventfd_t ignored;
  eventfd_read(wake_.get(), &ignored);
  std::lock_guard<std::mutex> lock(mutex_);
  *is_finishing = finishing_;
  return !aborting_;
}

void Reader::Deliver(bool is_end) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t lost = tracer_.Lost();
    const bool is_visited = completed_visits_ != reported_visits_ && ring_->consumed() >= visits_end_;
    const bool has_data = !filling_.empty() || lost != reported_lost_ || is_visited;
    if (!requested_ || (!has_data && !is_end && !hung_up_)) return;
    requested_ = false;
    if (has_data && !hung_up_) {
      ready_ = std::make_unique<Batch>();
      ready_->records.swap(filling_);
      HashFlows(ready_->records.data(), ready_->records.size());
      ready_->lost = reported_lost_ = lost;
      if (is_visited) reported_visits_ = completed_visits_;
      ready_->visits = reported_visits_;
      ready_->utc_offset = ReadUtcOffset(tracer_.clock_is_tai());
      filling_.reserve(kBatchBytes);
    }
  }
  on_ready_();
}

}  // namespace tcptrace
