#include "options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tcptrace {

namespace {

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

// Reads the length once: a getter in the array could make it longer than the checked limit.
template <typename T>
std::vector<T> ToIntegers(const Napi::Value& value, const char* name, double max,
                          size_t max_length = kFilterMax) {
  Napi::Array array = ToArray(value, name, max_length);
  std::vector<T> integers;
  for (uint32_t i = 0, length = array.Length(); i < length; i++)
    integers.push_back(static_cast<T>(ToInteger(array.Get(i), name, max)));
  return integers;
}

std::string ToText(const Napi::Value& value, const char* name) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

std::vector<std::string> ToTexts(const Napi::Value& value, const char* name) {
  Napi::Array array = ToArray(value, name, kFilterMax);
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

// Names the network of `test`, and the bits that count.
void ParseNetwork(const Napi::Value& value, end_test* test) {
  if (value.IsUndefined()) return;
  Napi::Env env = value.Env();
  if (!value.IsObject()) throw Napi::TypeError::New(env, "network must be an object");
  Napi::Object from = value.As<Napi::Object>();
  std::string address = ToText(from.Get("address"), "address");
  bool is_v6 = address.find(':') != std::string::npos;
  if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address.c_str(), test->network) != 1)
    throw Napi::RangeError::New(env, "network is not an address");
  test->family = is_v6 ? 6 : 4;
  uint32_t length = ToInteger(from.Get("prefixLength"), "prefixLength", is_v6 ? 128 : 32);
  for (uint32_t word = 0; word < 4; word++) {
    uint32_t bits = std::min(32u, length - std::min(length, word * 32));
    test->mask[word] = bits == 0 ? 0 : htonl(~0u << (32 - bits));
    test->network[word] &= test->mask[word];
  }
}

Numbers ParseNumbers(const Napi::Object& from, const char* wanted, const char* unwanted, double max) {
  return {ToIntegers<uint32_t>(from.Get(wanted), wanted, max),
          ToIntegers<uint32_t>(from.Get(unwanted), unwanted, max)};
}

// The words of the struct; none where nothing is asked for.
glob_automaton ParseAutomaton(const Napi::Object& from, const char* name) {
  glob_automaton automaton = {};
  Napi::Value value = from.Get(name);
  if (value.IsUndefined()) return automaton;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_biguint64_array ||
      value.As<Napi::TypedArray>().ByteLength() != sizeof(automaton))
    throw Napi::TypeError::New(from.Env(), std::string(name) + " must be the words of an automaton");
  std::memcpy(&automaton, value.As<Napi::BigUint64Array>().Data(), sizeof(automaton));
  return automaton;
}

uint8_t ToEnds(const Napi::Value& value) {
  std::string name = ToText(value, "end");
  if (name == "local") return END_LOCAL;
  if (name == "remote") return END_REMOTE;
  if (name == "either") return END_LOCAL | END_REMOTE;
  throw Napi::TypeError::New(value.Env(), "end must be 'local', 'remote' or 'either'");
}

end_test ParseEndTest(const Napi::Value& value) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "a test must be an object");
  Napi::Object from = value.As<Napi::Object>();
  end_test test = {};
  test.ends = ToEnds(from.Get("end"));
  test.last_port = UINT16_MAX;
  ParseNetwork(from.Get("network"), &test);
  if (!from.Get("ports").IsUndefined()) {
    std::vector<uint16_t> ports = ToIntegers<uint16_t>(from.Get("ports"), "ports", UINT16_MAX, 2);
    if (ports.size() != 2) throw Napi::RangeError::New(value.Env(), "ports are the first and the last");
    test.first_port = ports[0];
    test.last_port = ports[1];
  }
  return test;
}

EndTests ParseEnds(const Napi::Value& value) {
  EndTests ends;
  Napi::Array conditions = ToArray(value, "ends", kConditionsMax);
  for (uint32_t i = 0, count = conditions.Length(); i < count; i++) {
    Napi::Value condition = conditions.Get(i);
    if (!condition.IsObject()) throw Napi::TypeError::New(value.Env(), "a condition must be an object");
    Napi::Object from = condition.As<Napi::Object>();
    (from.Get("isWanted").ToBoolean() ? ends.wanted : ends.unwanted) |= 1u << i;
    Napi::Array tests = ToArray(from.Get("tests"), "tests", kFilterMax);
    for (uint32_t j = 0, length = tests.Length(); j < length; j++) {
      ends.tests.push_back(ParseEndTest(tests.Get(j)));
      ends.tests.back().condition = i;
    }
  }
  if (ends.tests.size() > kFilterMax)
    throw Napi::RangeError::New(value.Env(), "ends have more than " + std::to_string(kFilterMax) + " tests");
  return ends;
}

}  // namespace

std::string ParseBtfPath(const Napi::Value& value) {
  return value.IsUndefined() ? Options().btf_path : ToText(value, "btfPath");
}

std::vector<uint32_t> ParsePids(const Napi::Value& value) {
  return ToIntegers<uint32_t>(value, "pids", INT32_MAX, kFollowedMax);
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
  options.buffer_size_bytes = ToInteger(from.Get("bufferSizeBytes"), "bufferSizeBytes", 1u << 30);
  options.max_connections = ToInteger(from.Get("maxConnections"), "maxConnections", 1u << 26);
  if (options.max_connections == 0) throw Napi::RangeError::New(info.Env(), "maxConnections is out of range");
  options.events = ToInteger(from.Get("events"), "events", UINT32_MAX);
  options.families = ToInteger(from.Get("families"), "families", 3);
  options.pids = ParseNumbers(from, "pids", "notPids", INT32_MAX);
  ParseFollow(from.Get("follow"), &options);
  options.ends = ParseEnds(from.Get("ends"));
  options.uids = ParseNumbers(from, "uids", "notUids", UINT32_MAX);
  options.netns = ParseNumbers(from, "netns", "notNetns", UINT32_MAX);
  options.wanted_comms = ParseAutomaton(from, "comms");
  options.unwanted_comms = ParseAutomaton(from, "notComms");
  options.btf_path = ParseBtfPath(from.Get("btfPath"));
  if (from.Has("outputFd")) options.output_fd = ToInteger(from.Get("outputFd"), "outputFd", INT32_MAX);
  if (from.Has("absentFunctions"))
    options.absent_functions = ToTexts(from.Get("absentFunctions"), "absentFunctions");
  return options;
}

}  // namespace tcptrace
