#include "reader.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>

#include "../bpf/event.h"

namespace tcptrace {

namespace {

// How long the ring is left alone once it was drained, asked for or not: records that find the
// reader behind wake nobody up, so this bounds the wake-ups per second, whatever the rate of events.
constexpr std::chrono::milliseconds kGather(10);

constexpr size_t kBatchBytes = 64 * 1024 / sizeof(struct event) * sizeof(struct event);

}  // namespace

Result<std::unique_ptr<Reader>> Reader::Start(Tracer& tracer, int output_fd, std::function<void()> on_ready) {
  std::unique_ptr<Reader> reader(new Reader(tracer));
  reader->on_ready_ = std::move(on_ready);
  reader->output_fd_ = output_fd;
  reader->filling_.reserve(kBatchBytes);
  reader->wake_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!reader->wake_.valid()) return Error{"read", errno, "", "eventfd"};
  reader->ring_.reset(ring_buffer__new(tracer.ring_fd(), OnRecord, reader.get(), nullptr));
  if (!reader->ring_) return Error{"read", errno, "", "ring buffer"};
  reader->thread_ = std::thread(&Reader::Run, reader.get());
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

void Reader::Finish() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    finishing_ = true;
  }
  Wake();
}

void Reader::Wake() { eventfd_write(wake_.get(), 1); }

// A negative return stops libbpf after this record, which then counts as read.
int Reader::OnRecord(void* self, void* record, size_t size) {
  std::vector<char>& filling = static_cast<Reader*>(self)->filling_;
  const char* bytes = static_cast<const char*>(record);
  filling.insert(filling.end(), bytes, bytes + size);
  return filling.size() + size > kBatchBytes ? -ENOSPC : 0;
}

void Reader::Run() {
  bool drained = false;
  while (Wait()) {
    if (filling_.empty() && initial_.size > 0)
      FillFromInitial();
    else if (!IsFull())
      drained = Consume() == 0;
    HandOver(drained && filling_.empty());
  }
}

// How many records came; negative: there are more than a batch holds.
int Reader::Consume() {
  int count = ring_buffer__consume(ring_.get());
  if (count >= 0) next_consume_ = std::chrono::steady_clock::now() + kGather;
  return count;
}

// What the ring has is later than that, and waits for it.
bool Reader::IsFull() const { return initial_.size > 0 || filling_.size() >= kBatchBytes; }

void Reader::FillFromInitial() {
  size_t taken = std::min(kBatchBytes, initial_.size - initial_taken_);
  const char* from = initial_.bytes.get() + initial_taken_;
  filling_.assign(from, from + taken);
  initial_taken_ += taken;
  if (initial_taken_ == initial_.size) initial_ = {};
}

// False when the thread shall end.
bool Reader::Wait() {
  struct pollfd fds[] = {
      {wake_.get(), POLLIN, 0},
      {output_fd_, 0, 0},  // POLLERR and POLLHUP come unasked
      {ring_buffer__epoll_fd(ring_.get()), POLLIN, 0},
  };
  poll(fds, IsFull() ? 2 : 3, -1);
  if (!IsFull()) std::this_thread::sleep_until(next_consume_);
  if (fds[1].revents) {
    hung_up_ = true;
    output_fd_ = -1;  // it would wake this thread for ever
  }
  eventfd_t unused;
  eventfd_read(wake_.get(), &unused);
  std::lock_guard<std::mutex> lock(mutex_);
  return !aborting_;
}

void Reader::HandOver(bool drained) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!requested_ || (filling_.empty() && !(finishing_ && drained) && !hung_up_)) return;
    requested_ = false;
    if (!filling_.empty() && !hung_up_) {
      ready_ = std::make_unique<Batch>();
      ready_->records.swap(filling_);
      ready_->lost = tracer_.Lost();
      ready_->utc_offset = ReadUtcOffset(tracer_.clock_is_tai());
      filling_.reserve(kBatchBytes);
    }
  }
  on_ready_();
}

}  // namespace tcptrace
