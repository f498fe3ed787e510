#include "load_error.h"

#include <cstring>

namespace tcptrace {

Napi::Error LoadError(Napi::Env env, const Error& error) {
  std::string message = error.step;
  if (!error.program.empty()) message += " " + error.program;
  Napi::Error thrown = Napi::Error::New(env, message + ": " + strerror(error.error));
  thrown.Set("code", Napi::String::New(env, "ERR_TCPTRACE_LOAD"));
  thrown.Set("step", Napi::String::New(env, error.step));
  thrown.Set("program", Napi::String::New(env, error.program));
  thrown.Set("errno", Napi::Number::New(env, error.error));
  thrown.Set("log", Napi::String::New(env, error.log));
  return thrown;
}

}  // namespace tcptrace
