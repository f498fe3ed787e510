// Converts JavaScript values to Options.
#pragma once

#include <napi.h>

#include "tracer.h"

namespace tcptrace {

/** Reads a path; undefined means the BTF of the running kernel. */
std::string ParseBtfPath(const Napi::Value& value);

/** Reads an array of at most FOLLOWED_MAX process ids; throws a TypeError or RangeError. */
std::vector<uint32_t> ParsePids(const Napi::Value& value);

/** Reads the first argument, TracerOptions; throws a TypeError or RangeError that names the field. */
Options ParseOptions(const Napi::CallbackInfo& info);

}  // namespace tcptrace
