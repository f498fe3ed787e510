// The thread that drains the ring buffer into batches.
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

/** Whole records, back to back, and what was known when they were handed over. */
struct Batch {
  std::vector<char> records;
  uint64_t lost = 0;
  UtcOffset utc_offset;
};

/**
 * Sleeps in poll(2) until the ring has records, copies them, and hands a batch
 * over when one was asked for. At most one batch waits here: a consumer that
 * does not ask lets the ring fill, and then the kernel counts what is lost.
 */
class Reader {
 public:
  /**
   * @output_fd is only watched: once nobody can read any more what is written there, Take() gives null; or
   * -1.
   * @on_ready runs on the reader thread when Take() has what Request() asked for.
   */
  static Result<std::unique_ptr<Reader>> Start(Tracer& tracer, int output_fd, std::function<void()> on_ready);
  /** Ends the thread; what it still holds is dropped. */
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /** Asks for the next batch; on_ready answers, once. */
  void Request();
  /** The batch asked for; null if the ring was drained after Finish(), or nobody reads the output. */
  std::unique_ptr<Batch> Take();
  /** No more records will come: hand over what is left, then null. */
  void Finish();

 private:
  explicit Reader(Tracer& tracer) : tracer_(tracer), initial_(tracer.TakeInitial()) {}
  void Run();
  bool Drain();
  bool IsFull() const;
  void FillFromInitial();
  bool Wait(bool* is_finishing);
  void HandOver(bool is_end);
  void Wake();

  const Tracer& tracer_;
  std::function<void()> on_ready_;
  std::unique_ptr<Ring> ring_;
  UniqueFd wake_;
  MallocBuffer initial_;  // this and what follows is the reader thread's own
  size_t initial_taken_ = 0;
  std::vector<char> filling_;
  std::chrono::steady_clock::time_point next_drain_;
  int output_fd_ = -1;
  bool hung_up_ = false;

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<Batch> ready_;
  bool requested_ = false;
  bool finishing_ = false;
  bool aborting_ = false;

  std::thread thread_;
};

}  // namespace tcptrace
