// What this kernel and these privileges allow, beside the probes: each thing is tried.
#pragma once

#include <string>
#include <vector>

namespace tcptrace {

struct Feature {
  std::string name;
  bool ok;
  std::string detail;  ///< why not, or what was found
};

std::vector<Feature> TryFeatures();

}  // namespace tcptrace
