// Converts an Error to a JavaScript exception (LoadError of src/kernel/binding.ts).
#pragma once

#include <napi.h>

#include "result.h"

namespace tcptrace {

Napi::Error LoadError(Napi::Env env, const Error& error);

}  // namespace tcptrace
