// Paths of cgroups by their kernfs ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "unique_fd.h"

namespace tcptrace {

/**
 * Opens the root of a cgroup hierarchy, as the initial cgroup namespace sees it, by a mount of its own that
 * appears in no mount table. Takes CAP_SYS_ADMIN and Linux 5.2.
 *
 * @param controllers all those of a version 1 hierarchy, such as "cpu,cpuacct"; empty for the unified
 * hierarchy
 * @return an invalid descriptor if the kernel refuses it
 */
UniqueFd OpenCgroupHierarchy(const std::string& controllers);

struct CgroupPath {
  std::string path;  // as /proc/self/fd shows it
  int error = 0;     // errno of open_by_handle_at(2): ESTALE if the cgroup is gone
};

/**
 * Finds the path of a cgroup. Takes CAP_DAC_READ_SEARCH.
 *
 * @param hierarchy descriptor of any directory of the hierarchy
 */
CgroupPath FindCgroup(int hierarchy, uint64_t id);

}  // namespace tcptrace
