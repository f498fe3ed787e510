// Defines the addon's exports; src/kernel/binding.ts declares their types (Addon).
#include <napi.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>

#include "../bpf/event.h"
#include "cgroups.h"
#include "descriptors.h"
#include "features.h"
#include "interfaces.h"
#include "iterator_id.h"
#include "load_error.h"
#include "options.h"
#include "receive_buffer.h"
#include "sockets.h"
#include "tracer_object.h"

namespace {

Napi::Value Features(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Array array = Napi::Array::New(env);
  uint32_t i = 0;
  for (const tcptrace::Feature& feature : tcptrace::TryFeatures()) {
    Napi::Object object = Napi::Object::New(env);
    object["name"] = Napi::String::New(env, feature.name);
    object["ok"] = Napi::Boolean::New(env, feature.ok);
    object["detail"] = Napi::String::New(env, feature.detail);
    array[i++] = object;
  }
  return array;
}

std::vector<std::string> ParsePaths(const Napi::Value& value) {
  std::vector<std::string> paths;
  if (value.IsUndefined()) return paths;
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "namespaces must be an array");
  Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0, length = array.Length(); i < length; i++) {
    Napi::Value path = array.Get(i);
    if (!path.IsString()) throw Napi::TypeError::New(value.Env(), "namespaces must be strings");
    paths.push_back(path.As<Napi::String>().Utf8Value());
  }
  return paths;
}

Napi::Value Sockets(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[2].IsUndefined() && !info[2].IsBoolean())
    throw Napi::TypeError::New(env, "numbers must be a boolean");
  bool numbers = info[2].IsBoolean() && info[2].As<Napi::Boolean>();
  tcptrace::Result<tcptrace::SocketListing> listing =
      tcptrace::ListSockets(tcptrace::ParseBtfPath(info[0]), ParsePaths(info[1]), numbers);
  if (!listing.ok()) throw tcptrace::LoadError(env, listing.error());
  tcptrace::MallocBuffer& records = listing.value().records;
  Napi::Object value = Napi::Object::New(env);
  size_t size = records.size;
  value["records"] = Napi::Buffer<char>::New(env, records.bytes.release(), size,
                                             [](Napi::Env, char* bytes) { free(bytes); });
  const std::vector<int>& errors = listing.value().errors;
  Napi::Array array = Napi::Array::New(env, errors.size());
  for (uint32_t i = 0; i < errors.size(); i++) array[i] = Napi::Number::New(env, errors[i]);
  value["errors"] = array;
  return value;
}

Napi::Value SocketDescriptors(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString()) throw Napi::TypeError::New(env, "directory must be a string");
  auto pairs = tcptrace::SocketDescriptors(info[0].As<Napi::String>().Utf8Value());
  if (!pairs) return env.Undefined();
  Napi::Float64Array array = Napi::Float64Array::New(env, pairs->size());
  std::copy(pairs->begin(), pairs->end(), array.Data());
  return array;
}

Napi::Value Interfaces(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsNumber())
    throw Napi::TypeError::New(env, "path must be a string, inode a number");
  int64_t inode = info[1].As<Napi::Number>().Int64Value();
  Napi::Object names = Napi::Object::New(env);
  for (const auto& [index, name] : tcptrace::ListInterfaces(info[0].As<Napi::String>().Utf8Value(), inode))
    names[index] = Napi::String::New(env, name);
  return names;
}

// poll(2) reports POLLERR on the write end of a pipe without a reader, even if `events` is 0.
Napi::Value IsHungUp(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "fd must be a number");
  struct pollfd fd = {info[0].As<Napi::Number>().Int32Value(), 0, 0};
  return Napi::Boolean::New(env, poll(&fd, 1, 0) > 0 && (fd.revents & (POLLERR | POLLHUP)));
}

// The descriptor stays open until the process exits.
Napi::Value OpenCgroups(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString()) throw Napi::TypeError::New(env, "controllers must be a string");
  tcptrace::UniqueFd fd = tcptrace::OpenCgroupHierarchy(info[0].As<Napi::String>().Utf8Value());
  return fd.valid() ? Napi::Number::New(env, fd.release()) : env.Undefined();
}

Napi::Value CgroupPath(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber() || !info[1].IsNumber())
    throw Napi::TypeError::New(env, "fd and id must be numbers");
  int64_t id = info[1].As<Napi::Number>().Int64Value();
  tcptrace::CgroupPath found = tcptrace::FindCgroup(info[0].As<Napi::Number>().Int32Value(), id);
  if (found.error) return Napi::Number::New(env, found.error);
  return Napi::String::New(env, found.path);
}

Napi::Value SetReceiveBuffer(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber() || !info[1].IsNumber() || !info[2].IsNumber())
    throw Napi::TypeError::New(env, "pid, fd and sizeBytes must be numbers");
  auto number = [&info](size_t index) { return info[index].As<Napi::Number>().Int32Value(); };
  return Napi::Number::New(env, tcptrace::SetReceiveBuffer(number(0), number(1), number(2)));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  tcptrace::RegisterIterators();
  exports["Tracer"] = tcptrace::TracerObject::Define(env);
  exports["openCgroups"] = Napi::Function::New<OpenCgroups>(env, "openCgroups");
  exports["cgroupPath"] = Napi::Function::New<CgroupPath>(env, "cgroupPath");
  exports["isHungUp"] = Napi::Function::New<IsHungUp>(env, "isHungUp");
  exports["setReceiveBuffer"] = Napi::Function::New<SetReceiveBuffer>(env, "setReceiveBuffer");
  exports["sockets"] = Napi::Function::New<Sockets>(env, "sockets");
  exports["interfaces"] = Napi::Function::New<Interfaces>(env, "interfaces");
  exports["socketDescriptors"] = Napi::Function::New<SocketDescriptors>(env, "socketDescriptors");
  exports["features"] = Napi::Function::New<Features>(env, "features");
  exports["eventSize"] = Napi::Number::New(env, sizeof(struct event));
  exports["eventVersion"] = Napi::Number::New(env, EVENT_VERSION);
  exports["filterSize"] = Napi::Number::New(env, sizeof(struct filter_config));
  exports["filterVersion"] = Napi::Number::New(env, FILTER_VERSION);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)
