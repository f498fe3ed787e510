#include "tracer_object.h"

#include "load_error.h"
#include "options.h"

namespace tcptrace {

Napi::Function TracerObject::Define(Napi::Env env) {
  return DefineClass(env, "Tracer",
                     {
                         InstanceMethod<&TracerObject::Read>("read"),
                         InstanceMethod<&TracerObject::Update>("update"),
                         InstanceMethod<&TracerObject::Stop>("stop"),
                         InstanceMethod<&TracerObject::Close>("close"),
                         InstanceMethod<&TracerObject::Follow>("follow"),
                         InstanceMethod<&TracerObject::Followed>("followed"),
                         InstanceMethod<&TracerObject::RefuseCgroup>("refuseCgroup"),
                         InstanceMethod<&TracerObject::ReadStats>("stats"),
                         InstanceMethod<&TracerObject::CountConnections>("countConnections"),
                         InstanceAccessor<&TracerObject::Notes>("notes"),
                     });
}

TracerObject::TracerObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TracerObject>(info) {
  Napi::Env env = info.Env();
  Options options = ParseOptions(info);

  Result<std::unique_ptr<Tracer>> tracer = Tracer::Open(options);
  if (!tracer.ok()) throw LoadError(env, tracer.error());
  tracer_ = std::move(tracer.value());

  ready_ = ReadyFunction::New(env, "tcptrace reader", 1, 1, this);
  ready_.Unref(env);  // only a pending read() keeps the process alive
  Result<std::unique_ptr<Reader>> reader =
      Reader::Start(*tracer_, options, [this] { ready_.NonBlockingCall(); });
  if (!reader.ok()) {
    Free();
    throw LoadError(env, reader.error());
  }
  reader_ = std::move(reader.value());
  exit_hook_ = env.AddCleanupHook(CloseAtExit, this);
}

TracerObject::~TracerObject() { Free(); }

// Stops the reader thread first: it uses the tracer and calls `ready_`.
void TracerObject::Free() {
  if (!exit_hook_.IsEmpty()) exit_hook_.Remove(Env());
  exit_hook_ = {};
  reader_.reset();
  if (tracer_) ready_.Abort();
  tracer_.reset();
}

// Node frees a hook that runs; removing it here would free it twice.
void TracerObject::CloseAtExit(TracerObject* self) {
  self->exit_hook_ = {};
  self->Free();
}

Napi::Value TracerObject::Read(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (pending_) throw Napi::Error::New(env, "read() is already waiting");
  Napi::Promise::Deferred deferred(env);
  if (!reader_) {
    deferred.Resolve(env.Null());
    return deferred.Promise();
  }
  pending_ = deferred;
  ready_.Ref(env);
  Ref();  // a pending read() keeps this object from garbage collection
  reader_->Request();
  return deferred.Promise();
}

void TracerObject::OnReady(Napi::Env env, Napi::Function, TracerObject* self, void*) {
  // the environment is shutting down, or the tracer was closed meanwhile
  if (env == nullptr || !self->pending_) return;
  Napi::HandleScope scope(env);
  self->Settle(env, self->NextValue(env));
}

void TracerObject::Settle(Napi::Env env, Napi::Value value) {
  Napi::Promise::Deferred deferred = *pending_;
  pending_.reset();
  ready_.Unref(env);
  Unref();
  deferred.Resolve(value);
}

Napi::Value TracerObject::NextValue(Napi::Env env) {
  std::unique_ptr<Batch> batch = reader_->Take();
  if (!batch) return env.Null();
  Napi::Object value = Napi::Object::New(env);
  value["records"] = Napi::Buffer<char>::Copy(env, batch->records.data(), batch->records.size());
  value["lost"] = Napi::Number::New(env, batch->lost);
  value["visits"] = Napi::Number::New(env, batch->visits);
  value["utcOffsetSec"] = Napi::Number::New(env, batch->utc_offset.sec);
  value["utcOffsetNsec"] = Napi::Number::New(env, batch->utc_offset.nsec);
  return value;
}

void TracerObject::Update(const Napi::CallbackInfo& info) {
  if (!tracer_) throw Napi::Error::New(info.Env(), "the tracer is closed");
  if (tracer_->updates() == nullptr) throw Napi::Error::New(info.Env(), "the option updates is not set");
  reader_->RequestVisit();
}

void TracerObject::Stop(const Napi::CallbackInfo&) {
  if (!tracer_) return;
  tracer_->Detach();
  reader_->Finish();
}

void TracerObject::Close(const Napi::CallbackInfo& info) {
  if (pending_) Settle(info.Env(), info.Env().Null());
  Free();
}

Napi::Value TracerObject::ReadStats(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!tracer_) throw Napi::Error::New(env, "the tracer is closed");
  Stats stats = tracer_->ReadStats();
  Napi::Object value = Napi::Object::New(env);
  value["lost"] = Napi::Number::New(env, stats.lost);
  value["unseen"] = Napi::Number::New(env, stats.unseen);
  value["mapFull"] = Napi::Number::New(env, stats.map_full);
  value["missed"] = Napi::Number::New(env, stats.missed);
  return value;
}

void TracerObject::Follow(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> pids = ParsePids(info[0]);
  if (!tracer_) throw Napi::Error::New(info.Env(), "the tracer is closed");
  Status failed = tracer_->Follow(pids);
  if (failed) throw LoadError(info.Env(), *failed);
}

Napi::Value TracerObject::Followed(const Napi::CallbackInfo& info) {
  if (!tracer_) throw Napi::Error::New(info.Env(), "the tracer is closed");
  std::vector<uint32_t> pids = tracer_->Followed();
  Napi::Array value = Napi::Array::New(info.Env(), pids.size());
  for (uint32_t i = 0; i < pids.size(); i++) value[i] = Napi::Number::New(info.Env(), pids[i]);
  return value;
}

void TracerObject::RefuseCgroup(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber() || !info[1].IsNumber())
    throw Napi::TypeError::New(info.Env(), "id and refusals must be numbers");
  int64_t id = info[0].As<Napi::Number>().Int64Value();
  uint32_t refusals = info[1].As<Napi::Number>().Uint32Value();
  if (tracer_) tracer_->RefuseCgroup(id, refusals);
}

Napi::Value TracerObject::CountConnections(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> pids = ParsePids(info[0]);  // runs JavaScript, which may close this tracer
  if (!tracer_) throw Napi::Error::New(info.Env(), "the tracer is closed");
  return Napi::Number::New(info.Env(), tracer_->CountConnections(pids));
}

Napi::Value TracerObject::Notes(const Napi::CallbackInfo& info) {
  Napi::Array notes = Napi::Array::New(info.Env());
  if (!tracer_) return notes;
  uint32_t i = 0;
  for (const std::string& note : tracer_->notes()) notes[i++] = Napi::String::New(info.Env(), note);
  return notes;
}

}  // namespace tcptrace
