// Paths of cgroups by their kernfs ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "unique_fd.h"

namespace tcptrace {

/**
 * Opens the root of a cgroup hierarchy as the initial cgroup namespace sees it. Uses a detached mount, which
 * appears in no mount table. Requires CAP_SYS_ADMIN and Linux 5.2.
 *
 * @param controllers all controllers of a version 1 hierarchy, such as "cpu,cpuacct"; empty for the unified
 * hierarchy
 * @return an invalid descriptor if the kernel refuses it
 */
UniqueFd OpenCgroupHierarchy(const std::string& controllers);

struct CgroupPath {
  std::string path;  // as /proc/self/fd shows it
  int error = 0;     // errno of open_by_handle_at(2): ESTALE if the cgroup is gone
};

/**
 * Finds the path of a cgroup. Requires CAP_DAC_READ_SEARCH.
 *
 * @param hierarchy descriptor of any directory of the hierarchy
 * @param id kernfs id of the cgroup's directory
 */
CgroupPath FindCgroup(int hierarchy, uint64_t id);

}  // namespace tcptrace
