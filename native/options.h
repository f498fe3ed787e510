// From a JavaScript options object to Options.
#pragma once

#include <napi.h>

#include "tracer.h"

namespace tcptrace {

/** A path, or undefined for the running kernel's own BTF. */
std::string ParseBtfPath(const Napi::Value& value);

/** An array of process ids, of any length; throws a TypeError or RangeError. */
std::vector<uint32_t> ParsePids(const Napi::Value& value);

/** Reads the only argument, TracerOptions; throws a TypeError or RangeError that names the field. */
Options ParseOptions(const Napi::CallbackInfo& info);

}  // namespace tcptrace
