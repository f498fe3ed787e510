// Checks kernel features and capabilities by using them.
#pragma once

#include <string>
#include <vector>

namespace tcptrace {

struct Feature {
  std::string name;
  bool ok;
  std::string detail;  ///< reason if not ok; else a remark or empty
};

/** Checks everything that tracing needs except the probes. */
std::vector<Feature> TryFeatures();

}  // namespace tcptrace
