// Loads task_file iterator programs without libbpf's search through all kernel types.
#pragma once

#include <cstdint>

namespace tcptrace {

/** Kernel function whose BTF id identifies the iterator. */
inline constexpr const char* kTaskFileFunction = "bpf_iter_task_file";

/** Makes libbpf load programs in the section `task_file` with the id of TaskFileId. Call it before opening
 * objects. */
void RegisterTaskFile();

/**
 * Sets the BTF id of kTaskFileFunction for programs that this thread loads while the object exists. libbpf
 * finds the id of a program in the section `iter/task_file` itself, by parsing all of the kernel's types.
 */
class TaskFileId {
 public:
  explicit TaskFileId(uint32_t id);
  ~TaskFileId();
  TaskFileId(const TaskFileId&) = delete;
  TaskFileId& operator=(const TaskFileId&) = delete;
};

}  // namespace tcptrace
