// Visits live connections to emit their `update` records.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "iterator.h"
#include "result.h"
#include "unique_fd.h"

struct bpf_map;
struct bpf_program;

namespace tcptrace {

/**
 * Runs the iterator of bpf/update.h over maps of connections. The iterator writes records to the ring buffer,
 * and one byte per record to its file, so that a read(2) adds at most as many records as its buffer has
 * bytes.
 */
class Updates {
 public:
  static Result<std::unique_ptr<Updates>> Link(struct bpf_program* program,
                                               const std::vector<struct bpf_map*>& maps);
  Updates(const Updates&) = delete;
  Updates& operator=(const Updates&) = delete;

  /** Starts a visit of all connections. */
  void Begin() { next_ = 0; }
  /** True if a visit has connections left. */
  bool InProgress() const { return iterator_.valid() || next_ < links_.size(); }
  /**
   * Continues the visit until it has emitted `most` records, or is complete. An error skips the rest of the
   * map.
   */
  void Continue(size_t most);

 private:
  Updates() = default;
  size_t Read(size_t most);

  std::vector<UniqueLink> links_;
  size_t next_ = SIZE_MAX;  // index of the link to run after the current one
  UniqueFd iterator_;
};

}  // namespace tcptrace
