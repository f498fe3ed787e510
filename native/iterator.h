// Running a BPF iterator to its end.
#pragma once

#include <vector>

#include "result.h"

struct bpf_program;

namespace tcptrace {

/** What the program wrote by bpf_seq_write(), in one pass; the error names it. */
Result<std::vector<char>> RunIterator(struct bpf_program* program);

}  // namespace tcptrace
