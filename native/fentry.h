// Checks that the kernel supports fentry programs.
#pragma once

#include "kernel_btf.h"
#include "result.h"

namespace tcptrace {

/**
 * Loads a two-instruction fentry program for tcp_v4_connect(). A kernel without fentry support also rejects
 * the full object, but only after libbpf has created its maps and relocated all programs.
 */
Status TryFentry(const KernelBtf& btf);

}  // namespace tcptrace
