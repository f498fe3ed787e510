// The JavaScript class `Tracer` (NativeTracer of src/kernel/binding.ts).
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "reader.h"
#include "tracer.h"

namespace tcptrace {

class TracerObject : public Napi::ObjectWrap<TracerObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  /** Implements `new Tracer(options)`: opens, loads and attaches the probe, or throws a LoadError. */
  explicit TracerObject(const Napi::CallbackInfo& info);
  ~TracerObject() override;

 private:
  static void OnReady(Napi::Env env, Napi::Function, TracerObject* self, void*);
  using ReadyFunction = Napi::TypedThreadSafeFunction<TracerObject, void, OnReady>;

  Napi::Value Read(const Napi::CallbackInfo& info);
  void Update(const Napi::CallbackInfo& info);
  void Stop(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  Napi::Value ReadStats(const Napi::CallbackInfo& info);
  void Follow(const Napi::CallbackInfo& info);
  Napi::Value Followed(const Napi::CallbackInfo& info);
  void RefuseCgroup(const Napi::CallbackInfo& info);
  Napi::Value CountConnections(const Napi::CallbackInfo& info);
  Napi::Value Notes(const Napi::CallbackInfo& info);

  Napi::Value NextValue(Napi::Env env);
  void Settle(Napi::Env env, Napi::Value value);
  void Free();
  static void CloseAtExit(TracerObject* self);

  std::unique_ptr<Tracer> tracer_;
  std::unique_ptr<Reader> reader_;
  ReadyFunction ready_;
  std::optional<Napi::Promise::Deferred> pending_;
  Napi::Env::CleanupHook<void (*)(TracerObject*), TracerObject> exit_hook_;
};

}  // namespace tcptrace
