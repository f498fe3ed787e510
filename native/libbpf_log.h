// Captures libbpf's messages.
#pragma once

#include <string>

#include "result.h"

namespace tcptrace {

/**
 * Captures the last 64 KiB that libbpf prints on this thread while the object exists.
 * With DEBUG=tcptrace* in the environment the messages also go to stderr.
 */
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  const std::string& text() const { return text_; }
  /** Fills in the error's program and log, if empty, from the captured messages. */
  void Explain(Error* error) const;

 private:
  /** Returns the BPF program that a message named last, or "". */
  std::string LastProgram() const;

  friend struct LibbpfPrinter;
  std::string text_;
  LibbpfLog* outer_;  ///< the thread's log before this one
};

}  // namespace tcptrace
