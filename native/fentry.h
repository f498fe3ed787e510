// Whether the kernel lets a program hook a function by a trampoline.
#pragma once

#include "kernel_btf.h"
#include "result.h"

namespace tcptrace {

/**
 * Loads the smallest program there is for the first function of the probe. What a kernel refuses here it
 * would refuse of the whole object, but only after libbpf has created its maps and adapted its programs to
 * all of the kernel's types.
 */
Status TryFentry(const KernelBtf& btf);

}  // namespace tcptrace
