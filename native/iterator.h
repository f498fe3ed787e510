// Running a BPF iterator to its end.
#pragma once

#include <cstdlib>
#include <memory>

#include "result.h"

struct bpf_program;

namespace tcptrace {

struct Free {
  void operator()(char* bytes) const { free(bytes); }
};

/** Bytes of malloc(3). */
struct MallocBuffer {
  std::unique_ptr<char, Free> bytes;
  size_t size = 0;
};

/** What the program wrote by bpf_seq_write(), in one pass; the error names it. */
Result<MallocBuffer> RunIterator(struct bpf_program* program);

}  // namespace tcptrace
