#include "ring.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tcptrace {

namespace {

constexpr uint64_t kAlignment = 8;

uint64_t Padded(uint64_t size) { return (size + kAlignment - 1) & ~(kAlignment - 1); }

}  // namespace

// Layout of the mapping: consumer position (one page), producer position (one page), data
// (ringbuf_map_mmap_kern() in kernel/bpf/ringbuf.c).
Result<std::unique_ptr<Ring>> Ring::Map(int map_fd) {
  struct bpf_map_info info = {};
  uint32_t info_size = sizeof(info);
  if (bpf_obj_get_info_by_fd(map_fd, &info, &info_size) != 0) return Error{"read", errno, "", "ring buffer"};
  std::unique_ptr<Ring> ring(new Ring(map_fd, info.max_entries));
  size_t page_size = sysconf(_SC_PAGESIZE);
  Result<Mapping> consumer = ring->MapPages(page_size, PROT_READ | PROT_WRITE, 0);
  if (!consumer.ok()) return consumer.error();
  Result<Mapping> producer = ring->MapPages(page_size + ring->size_, PROT_READ, page_size);
  if (!producer.ok()) return producer.error();
  ring->consumer_page_ = std::move(consumer.value());
  ring->producer_pages_ = std::move(producer.value());
  ring->consumed_ = static_cast<uint64_t*>(ring->consumer_page_.get());
  ring->produced_ = static_cast<const uint64_t*>(ring->producer_pages_.get());
  ring->data_ = static_cast<const char*>(ring->producer_pages_.get()) + page_size;
  return ring;
}

Result<Ring::Mapping> Ring::MapPages(size_t size, int protection, size_t offset) const {
  void* memory = mmap(nullptr, size, protection, MAP_SHARED, fd_, static_cast<off_t>(offset));
  if (memory == MAP_FAILED) return Error{"read", errno, "", "ring buffer"};
  return Mapping(memory, Unmap{size});
}

// A record may wrap around the end of the data; size_ is a power of two.
void Ring::Copy(uint64_t from, size_t size, std::vector<char>* to) const {
  size_t at = from & (size_ - 1);
  size_t first = std::min(size, size_ - at);
  to->insert(to->end(), data_ + at, data_ + at + first);
  to->insert(to->end(), data_, data_ + size - first);
}

bool Ring::Take(std::vector<char>* to, size_t capacity) {
  uint64_t at = *consumed_;
  uint64_t end = produced();
  while (at != end) {
    const char* header = data_ + (at & (size_ - 1));
    uint32_t length = __atomic_load_n(reinterpret_cast<const uint32_t*>(header), __ATOMIC_ACQUIRE);
    if (length & BPF_RINGBUF_BUSY_BIT) break;
    uint32_t size = length & ~static_cast<uint32_t>(BPF_RINGBUF_DISCARD_BIT);
    bool is_record = size == length;
    if (is_record && to->size() + size > capacity) break;
    if (is_record) Copy(at + BPF_RINGBUF_HDR_SZ, size, to);
    at += Padded(size + BPF_RINGBUF_HDR_SZ);
  }
  __atomic_store_n(consumed_, at, __ATOMIC_RELEASE);
  return at == end;
}

}  // namespace tcptrace
