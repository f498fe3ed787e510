// Reader thread: drains the ring buffer into batches.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "clock.h"
#include "result.h"
#include "ring.h"
#include "tracer.h"
#include "unique_fd.h"

namespace tcptrace {

/** Whole records, back to back, with counts and UTC offset when the batch was delivered. */
struct Batch {
  std::vector<char> records;
  uint64_t lost = 0;
  uint32_t visits = 0;  ///< requested visits whose records are in this batch and earlier ones
  UtcOffset utc_offset;
};

/**
 * Sleeps in poll(2) until the ring has records, copies them, and delivers one batch per Request(). Buffers at
 * most one batch: if the consumer stops requesting, the ring fills and the kernel counts the events that it
 * drops.
 */
class Reader {
 public:
  /**
   * @param options its `output_fd` is a pipe or socket to watch: after its reader closes it, Take() returns
   * null; every `update_ms`, the thread visits live connections
   * @param on_ready runs on the reader thread when the requested batch is ready for Take()
   */
  static Result<std::unique_ptr<Reader>> Start(Tracer& tracer, const Options& options,
                                               std::function<void()> on_ready);
  /** Stops the thread and drops the records that were not taken. */
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /** Requests the next batch; on_ready runs once in response. */
  void Request();
  /** Requests a visit of all live connections, which begins from now on; Batch::visits counts it. */
  void RequestVisit();
  /** Returns the requested batch; null if the ring is drained after Finish(), or the output has no reader. */
  std::unique_ptr<Batch> Take();
  /** Call it after detaching, when no more records can arrive: Take() returns the rest, then null. */
  void Finish();

 private:
  explicit Reader(Tracer& tracer) : tracer_(tracer), initial_(tracer.TakeInitial()) {}
  void Run();
  bool Drain();
  bool IsFull() const;
  void Update();
  bool BeginVisit();
  bool IsVisitDue() const;
  int Timeout() const;
  void FillFromInitial();
  bool Wait(bool* is_finishing);
  void Deliver(bool is_end);
  void Wake();

  const Tracer& tracer_;
  std::function<void()> on_ready_;
  std::unique_ptr<Ring> ring_;
  UniqueFd wake_;
  // used only by the reader thread, down to hung_up_
  MallocBuffer initial_;
  size_t initial_taken_ = 0;
  uint64_t reported_lost_ = 0;
  std::vector<char> filling_;
  std::chrono::steady_clock::time_point next_drain_;
  std::chrono::milliseconds update_interval_{0};
  std::chrono::steady_clock::time_point next_update_;
  uint32_t begun_visits_ = 0;      // requests that the current visit, or the last one, answers
  uint32_t completed_visits_ = 0;  // requests whose records are written up to visits_end_
  uint64_t visits_end_ = 0;
  uint32_t reported_visits_ = 0;
  int output_fd_ = -1;
  bool hung_up_ = false;  // the output has no reader

  std::mutex mutex_;  // guards the members from here to aborting_
  std::unique_ptr<Batch> ready_;
  bool requested_ = false;
  uint32_t requested_visits_ = 0;
  bool finishing_ = false;
  bool aborting_ = false;

  std::thread thread_;
};

}  // namespace tcptrace
