// Checks kernel features by using them.
#pragma once

#include <string>
#include <vector>

namespace tcptrace {

struct Feature {
  std::string name;
  bool ok;
  std::string detail;  ///< reason if not ok; else a remark or empty
};

/** Checks what every probe needs: BTF and ring buffers. */
std::vector<Feature> TryFeatures();

}  // namespace tcptrace
