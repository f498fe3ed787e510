#include "options.h"

#include <cmath>
#include <cstring>

#include "limits.h"

namespace tcptrace {

namespace {

constexpr size_t kTextsMax = 64;

uint32_t ToInteger(const Napi::Value& value, const char* name, double max) {
  Napi::Env env = value.Env();
  if (!value.IsNumber()) throw Napi::TypeError::New(env, std::string(name) + " must be a number");
  double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= max) || std::floor(number) != number)
    throw Napi::RangeError::New(env, std::string(name) + " is out of range");
  return static_cast<uint32_t>(number);
}

Napi::Array ToArray(const Napi::Value& value, const char* name, size_t max_length) {
  Napi::Env env = value.Env();
  if (!value.IsArray()) throw Napi::TypeError::New(env, std::string(name) + " must be an array");
  Napi::Array array = value.As<Napi::Array>();
  if (array.Length() > max_length)
    throw Napi::RangeError::New(
        env, std::string(name) + " has more than " + std::to_string(max_length) + " elements");
  return array;
}

std::string ToText(const Napi::Value& value, const char* name) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

std::vector<std::string> ToTexts(const Napi::Value& value, const char* name) {
  Napi::Array array = ToArray(value, name, kTextsMax);
  std::vector<std::string> texts;
  for (uint32_t i = 0, length = array.Length(); i < length; i++) texts.push_back(ToText(array.Get(i), name));
  return texts;
}

Probe ToProbe(const Napi::Value& value) {
  std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (name == "fentry") return Probe::kFentry;
  if (name == "kprobe") return Probe::kKprobe;
  if (name == "tracepoint") return Probe::kTracepoint;
  throw Napi::TypeError::New(value.Env(), "probe must be 'fentry', 'kprobe' or 'tracepoint'");
}

// Copies the bytes of a Uint8Array, which src/filter/encode.ts has encoded.
filter_config ToFilter(const Napi::Value& value) {
  Napi::Env env = value.Env();
  filter_config filter = {};
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(env, "filter must be a Uint8Array");
  Napi::Uint8Array bytes = value.As<Napi::Uint8Array>();
  if (bytes.ByteLength() != sizeof(filter))
    throw Napi::RangeError::New(env, "filter must have " + std::to_string(sizeof(filter)) + " bytes");
  std::memcpy(&filter, bytes.Data(), sizeof(filter));
  if (filter.version != FILTER_VERSION)
    throw Napi::RangeError::New(env, "filter must have version " + std::to_string(FILTER_VERSION));
  return filter;
}

}  // namespace

std::string ParseBtfPath(const Napi::Value& value) {
  return value.IsUndefined() ? Options().btf_path : ToText(value, "btfPath");
}

std::vector<uint32_t> ParsePids(const Napi::Value& value) {
  Napi::Array array = ToArray(value, "pids", FOLLOWED_MAX);
  std::vector<uint32_t> pids;
  // the length is read once: a getter in the array could make it longer than the checked limit
  for (uint32_t i = 0, length = array.Length(); i < length; i++)
    pids.push_back(ToInteger(array.Get(i), "pids", INT32_MAX));
  return pids;
}

static void ParseFollow(const Napi::Value& value, Options* options) {
  if (value.IsUndefined()) return;
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "follow must be an object");
  Napi::Object from = value.As<Napi::Object>();
  options->follow = true;
  options->followed = ParsePids(from.Get("pids"));
  if (from.Has("childrenOf"))
    options->followed_parent = ToInteger(from.Get("childrenOf"), "childrenOf", INT32_MAX);
}

Options ParseOptions(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) throw Napi::TypeError::New(info.Env(), "options must be an object");
  Napi::Object from = info[0].As<Napi::Object>();
  Options options;
  options.probe = ToProbe(from.Get("probe"));
  options.buffer_size_bytes = ToInteger(from.Get("bufferSizeBytes"), "bufferSizeBytes", BUFFER_BYTES_MAX);
  options.max_connections = ToInteger(from.Get("maxConnections"), "maxConnections", CONNECTIONS_MAX);
  if (options.max_connections == 0) throw Napi::RangeError::New(info.Env(), "maxConnections is out of range");
  if (from.Has("updateMs")) options.update_ms = ToInteger(from.Get("updateMs"), "updateMs", INT32_MAX);
  options.updates = options.update_ms > 0 || from.Get("updates").ToBoolean();
  options.filter = ToFilter(from.Get("filter"));
  ParseFollow(from.Get("follow"), &options);
  options.refuses_cgroups = from.Get("refusesCgroups").ToBoolean();
  options.peers = from.Get("peers").ToBoolean();
  options.new_cgroups = from.Get("newCgroups").ToBoolean();
  options.btf_path = ParseBtfPath(from.Get("btfPath"));
  if (from.Has("outputFd")) options.output_fd = ToInteger(from.Get("outputFd"), "outputFd", INT32_MAX);
  if (from.Has("absentFunctions"))
    options.absent_functions = ToTexts(from.Get("absentFunctions"), "absentFunctions");
  return options;
}

}  // namespace tcptrace
