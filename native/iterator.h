// Runs a BPF iterator to completion.
#pragma once

#include <cstdlib>
#include <memory>
#include <utility>

#include "result.h"

struct bpf_link;
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

/** Collects the output of iterators. */
class IteratorOutput {
 public:
  /** Runs a linked iterator program and appends its output (bpf_seq_write()). Errors name the program. */
  Status Append(struct bpf_link* link, const char* program);
  MallocBuffer Take() { return std::move(written_); }

 private:
  bool Reserve();

  MallocBuffer written_;
  size_t capacity_ = 0;
};

struct DestroyLink {
  void operator()(struct bpf_link* link) const;
};
using UniqueLink = std::unique_ptr<struct bpf_link, DestroyLink>;

/** Links an iterator program to its iterator. Errors name the program. */
Result<UniqueLink> LinkIterator(struct bpf_program* program);

/** Runs `program` once and returns its output (bpf_seq_write()). Errors name the program. */
Result<MallocBuffer> RunIterator(struct bpf_program* program);

}  // namespace tcptrace
