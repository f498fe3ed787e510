// What this kernel and these privileges allow: each thing is tried.
#pragma once

#include <string>
#include <vector>

namespace tcptrace {

struct Feature {
  std::string name;
  bool ok;
  std::string detail;  ///< why not, or what was found
};

/** Tries everything; loads and attaches each probe for a moment. */
std::vector<Feature> TryFeatures();

}  // namespace tcptrace
