// Loading a program for the iterator over all files of all processes, without libbpf's search for it.
#pragma once

#include <cstdint>

namespace tcptrace {

/** The function whose BTF id is what such a program attaches to. */
inline constexpr const char* kTaskFileFunction = "bpf_iter_task_file";

/** Once, before any object is opened: has libbpf load what has the section name `task_file` as below. */
void RegisterTaskFile();

/**
 * Says what the id of kTaskFileFunction is, to what is loaded by this thread while it lives. For a program of
 * the section `iter/task_file` libbpf would read all types of the kernel to find it.
 */
class TaskFileId {
 public:
  explicit TaskFileId(uint32_t id);
  ~TaskFileId();
  TaskFileId(const TaskFileId&) = delete;
  TaskFileId& operator=(const TaskFileId&) = delete;
};

}  // namespace tcptrace
