// Runs a BPF iterator to completion.
#pragma once

#include <cstdlib>
#include <memory>

#include "result.h"

struct bpf_program;

namespace tcptrace {

struct Free {
  void operator()(char* bytes) const { free(bytes); }
};

/** Owns a block from malloc(3). */
struct MallocBuffer {
  std::unique_ptr<char, Free> bytes;
  size_t size = 0;
};

/** Runs `program` once and returns all that it writes with bpf_seq_write(). Errors name the program. */
Result<MallocBuffer> RunIterator(struct bpf_program* program);

}  // namespace tcptrace
