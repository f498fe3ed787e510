// Enters network namespaces.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "result.h"

namespace tcptrace {

/**
 * Calls `act` in each network namespace. Uses a separate thread, because a thread that enters a namespace of
 * another user cannot always return to its own.
 *
 * @param paths files such as /proc/1/ns/net
 * @return for each path 0, or the errno of opening or entering it (setns(2)); or the first error of `act`
 */
Result<std::vector<int>> InEachNamespace(const std::vector<std::string>& paths,
                                         const std::function<Status()>& act);

}  // namespace tcptrace
