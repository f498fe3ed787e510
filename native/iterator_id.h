// Loads iterator programs without libbpf's search through all kernel types.
#pragma once

#include <cstdint>

namespace tcptrace {

class KernelBtf;

/** Makes libbpf load programs in the sections `task_file` and `tcp_table` with the ids of IteratorIds. Call
 * it before opening objects. */
void RegisterIterators();

/**
 * Finds the BTF ids of the iterators, for programs that this thread loads while the object exists. libbpf
 * finds the id of a program in a section such as `iter/tcp` itself, by parsing all of the kernel's types.
 */
class IteratorIds {
 public:
  explicit IteratorIds(const KernelBtf& btf);
  ~IteratorIds();
  IteratorIds(const IteratorIds&) = delete;
  IteratorIds& operator=(const IteratorIds&) = delete;
};

}  // namespace tcptrace
