// The consumer's side of a BPF ring buffer.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "result.h"

namespace tcptrace {

/**
 * Maps the data once, where libbpf's ring_buffer maps it twice, so that no record is ever cut: pages that are
 * mapped twice count twice as the memory of a process (RSS).
 */
class Ring {
 public:
  static Result<std::unique_ptr<Ring>> Map(int map_fd);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /** Is readable, to poll(2), while something is left. */
  int fd() const { return fd_; }

  /**
   * Moves whole records behind what `to` holds, until it holds `capacity` bytes or the next has no room.
   * True if nothing is left; what is still being written is left.
   */
  bool Take(std::vector<char>* to, size_t capacity);

 private:
  struct Unmap {
    size_t size;
    void operator()(void* memory) const { munmap(memory, size); }
  };
  using Mapping = std::unique_ptr<void, Unmap>;

  Ring(int fd, size_t size) : fd_(fd), size_(size) {}
  Result<Mapping> MapPages(size_t size, int protection, size_t offset) const;
  void Copy(uint64_t from, size_t size, std::vector<char>* to) const;

  int fd_;  // the map's owner closes it
  size_t size_;
  Mapping consumer_page_;
  Mapping producer_pages_;
  uint64_t* consumed_ = nullptr;
  const uint64_t* produced_ = nullptr;
  const char* data_ = nullptr;
};

}  // namespace tcptrace
