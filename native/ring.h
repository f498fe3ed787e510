// Reads a BPF ring buffer.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "result.h"

namespace tcptrace {

/**
 * Maps the data once, unlike libbpf's ring_buffer, which maps it twice so that records never wrap: each
 * mapping counts towards the resident set size.
 */
class Ring {
 public:
  static Result<std::unique_ptr<Ring>> Map(int map_fd);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /** Size of the data, in bytes. */
  size_t size() const { return size_; }
  /** Bytes that were ever written to the ring, and read from it. */
  uint64_t produced() const { return __atomic_load_n(produced_, __ATOMIC_ACQUIRE); }
  uint64_t consumed() const { return *consumed_; }
  /** Descriptor for poll(2): readable while records are left. */
  int fd() const { return fd_; }

  /**
   * Appends whole records to `to`, up to a size of `capacity` bytes, and frees their space in the ring.
   * Stops at a record that is still being written. Returns true if the ring is empty.
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
